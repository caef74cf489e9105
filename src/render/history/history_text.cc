// A series for a terminal: one row a version, then the facts that matter with one mark a version.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/history/history.h"
#include "render/text/page.h"

namespace render {
namespace {

using report::History;
using report::HistoryLine;

/// A column of the table: as wide as its widest cell, but at most `most`.
struct Column {
  std::string_view head;
  bool right = true;
  std::vector<std::string> cells;
  std::size_t width(std::size_t most) const {
    auto out = columns(head);
    for (const auto& cell : cells) out = std::max(out, columns(cell));
    return std::min(out, most);
  }
};

std::string aligned(std::string_view text, std::size_t width, bool right) {
  const auto cut = shorten(text, width);
  return right ? std::string(width - std::min(width, columns(cut)), ' ') + cut : padded(cut, width);
}

std::string counts(std::uint64_t n, std::string_view sign) { return n ? std::string(sign) + grouped(n) : "."; }

void table(Page& page, const History& h) {
  std::array<Column, 8> all = {{{"", true, {}}, {"version", false, {}}, {"verdict", false, {}}, {"findings", true, {}}, {"gained", true, {}}, {"lost", true, {}}, {"opaque", true, {}}, {"files", true, {}}}};
  for (std::size_t i = 0; i < h.versions.size(); ++i) {
    const auto& v = h.versions[i];
    const auto opaque = v.coverage.of(evidence::Label::opaque);
    const std::string cells[] = {grouped(i + 1), version_label(h, i), std::string(name_of(v.verdict)), grouped(v.fail + v.conditional) + (v.fresh ? fmt::format(" (+{})", grouped(v.fresh)) : ""),
                                 i ? counts(v.gained, "+") : "", i ? counts(v.lost, "-") : "", opaque ? size_text(opaque) : ".", grouped(v.artifacts)};
    for (std::size_t c = 0; c < all.size(); ++c) all[c].cells.push_back(cells[c]);
  }
  // What does not fit is left away from the right; the number, version and verdict always stand.
  std::vector<std::size_t> widths;
  std::size_t used = 0;
  for (std::size_t c = 0; c < all.size(); ++c) {
    auto width = all[c].width(c == 1 ? 24 : 16);
    if (c == 1) width = std::min(width, page.width() - 24);
    if (c > 2 && used + 2 + width > page.width()) break;
    widths.push_back(width);
    used += width + 2;
  }
  const auto row = [&](const auto& text_of, Ink ink, std::size_t inked) {
    std::string line;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const auto cell = aligned(text_of(all[c]), widths[c], all[c].right);
      line += (c ? "  " : "") + (inked == SIZE_MAX || inked == c ? page.ink(ink, cell) : cell);
    }
    if (const auto end = line.find_last_not_of(' '); end != std::string::npos) line.erase(end + 1);
    page.line(line);
  };
  row([](const Column& c) { return c.head; }, Ink::dim, SIZE_MAX);
  for (std::size_t i = 0; i < h.versions.size(); ++i) row([&](const Column& c) { return std::string_view(c.cells[i]); }, ink_of(h.versions[i].verdict), 2);
}

/// Columns of the timeline: a version each, or several where there are more than fit in half of the page.
class Timeline {
 public:
  Timeline(std::size_t versions, std::size_t width) : versions_(versions) {
    const auto room = std::max<std::size_t>(8, width / 2 - 4);
    blank_ = versions * 2 <= room;
    each_ = blank_ ? 1 : std::max<std::size_t>(1, (versions + room - 1) / room);
  }

  std::size_t each() const { return each_; }

  std::string marks(const HistoryLine& line) const {
    return cells([&](std::size_t from, std::size_t to) -> std::string {
      const auto n = static_cast<std::size_t>(std::count(line.present.begin() + static_cast<std::ptrdiff_t>(from), line.present.begin() + static_cast<std::ptrdiff_t>(to), true));
      return n == 0 ? "·" : n == to - from ? "■" : "▪";
    });
  }
  /// The last figure of each column's first version, counted from 1.
  std::string head() const {
    return cells([](std::size_t from, std::size_t) { return std::to_string((from + 1) % 10); });
  }

 private:
  template <class Cell>
  std::string cells(Cell cell) const {
    std::string out;
    for (std::size_t from = 0; from < versions_; from += each_) out += (from && blank_ ? " " : "") + cell(from, std::min(versions_, from + each_));
    return out;
  }
  std::size_t versions_, each_ = 1;
  bool blank_ = true;
};

void timeline(Page& page, const History& h) {
  std::vector<const HistoryLine*> moved;
  for (const auto& line : h.lines)
    if (!line.always() && line.present.size() == h.versions.size()) moved.push_back(&line);
  const auto all = moved.size() + h.left_out;
  if (h.versions.size() < 2) return;
  if (moved.empty()) {
    page.blank();
    return page.field(0, "", 0, "Nothing that Assay states came in or went out over these versions.", Ink::green);
  }
  const auto shown = std::min(moved.size(), history_text_facts);
  page.heading(shown < all ? fmt::format("What came in and went out: the {} facts that matter most, of {}", shown, grouped(all)) : "What came in and went out");
  const Timeline t(h.versions.size(), page.width());
  if (t.each() > 1) page.field(2, "", 0, fmt::format("each column is {} versions: ■ in all of them, ▪ in some, · in none", t.each()), Ink::dim);
  page.line("  " + page.ink(Ink::dim, t.head()));
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& line = *moved[i];
    const auto marks = t.marks(line);
    const auto left = page.width() - columns(marks) - 4;
    const auto span = span_text(h, line);
    auto text = fact_text(line);
    // The span stands whole where there is room for it and most of the fact.
    const auto tail = span.empty() || columns(span) + 12 > left ? std::string() : " (" + span + ")";
    page.line(fmt::format("  {}  {}{}", page.ink(line.present.back() ? Ink::bold : Ink::plain, marks), shorten(text, left - columns(tail)), page.ink(Ink::dim, tail)));
  }
}

}  // namespace

std::string history_text(const History& h, const Options& options) {
  Page page(options);
  if (h.versions.empty()) {
    page.field(0, "", 0, "There is no version to show.");
    return page.take();
  }
  page.field(0, "", 0, fmt::format("{}: {}", series_title(h), counted(h.versions.size(), "version")), Ink::bold);
  page.blank();
  table(page, h);
  timeline(page, h);
  page.heading("Next");
  page.field(2, "", 0, fmt::format("assay history {} --format html -o history.html", base::printable(options.product)));
  return page.take();
}

}  // namespace render
