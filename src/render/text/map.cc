#include "render/text/map.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "render/areas.h"
#include "render/columns.h"
#include "render/outline.h"
#include "render/text/bar.h"
#include "render/text/page.h"

namespace render {
namespace {

constexpr std::size_t size_width = 10;

Ink ink_of(Mark mark) { return mark == Mark::fail ? Ink::red : mark == Mark::conditional ? Ink::yellow : Ink::plain; }

/// The areas that get a row, each with all that contain it.
std::vector<bool> chosen(const std::vector<Area>& areas, std::size_t rows) {
  std::vector<std::size_t> order;
  for (std::size_t i = 1; i < areas.size(); ++i)
    if (areas[i].all.total() || areas[i].artifacts) order.push_back(i);
  const auto weight = [&](std::size_t i) {
    const auto& a = areas[i];
    return std::tuple(a.own_mark >= Mark::conditional, a.own.of(evidence::Label::opaque), a.all.total());
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); });
  std::vector<bool> out(areas.size(), false);
  out[0] = true;
  std::size_t used = 0;
  for (const auto i : order) {
    std::vector<std::size_t> path;
    for (auto at = i; !out[at]; at = areas[at].parent) path.push_back(at);
    if (used + path.size() > rows) continue;
    for (const auto at : path) out[at] = true;
    used += path.size();
  }
  return out;
}

class Drawing {
 public:
  Drawing(const report::Report& report, const std::vector<Area>& areas, const std::vector<bool>& shown, Page& page)
      : report_(report), areas_(areas), shown_(shown), page_(page) {}

  /// Depth is bounded by areas().
  void below(std::size_t area, std::size_t depth) {
    std::size_t left = 0;
    evidence::Tally rest;
    for (const auto child : areas_[area].children) {
      if (shown_[child]) {
        row(child, depth);
        continue;
      }
      left += std::max<std::size_t>(1, areas_[child].artifacts);
      rest.add(areas_[child].all);
    }
    if (left) line(rest, depth, page_.ink(Ink::dim, shorten(fmt::format("and {}", counted(left, "more", "more")), room(depth))));
  }

 private:
  void row(std::size_t area, std::size_t depth) {
    // Directories that hold one thing only share its row.
    auto name = base::printable(areas_[area].label);
    while (is_directory(areas_[area]) && areas_[area].children.size() == 1 && is_directory(areas_[areas_[area].children[0]])) {
      area = areas_[area].children[0];
      name += '/' + base::printable(areas_[area].label);
    }
    const auto& a = areas_[area];
    std::string kind;
    if (a.node != artifact::no_node) {
      kind = base::printable(report_.artifacts[a.node].kind);
      if (!a.complete && a.children.empty()) kind += kind.empty() ? "not fully read" : ", not fully read";
    }
    if (is_directory(a)) name += '/';
    const auto left = room(depth);
    const bool both = !kind.empty() && left >= columns(kind) + 10;
    auto text = page_.ink(ink_of(a.mark), shorten(name, both ? left - columns(kind) - 2 : left));
    if (both) text += "  " + page_.ink(Ink::dim, kind);
    line(a.all, depth, text);
    below(area, depth + 1);
  }
  bool is_directory(const Area& a) const { return a.node == artifact::no_node || report_.artifacts[a.node].nature == "directory"; }
  std::size_t bar_width() const { return page_.width() >= 72 ? 16 : 6; }
  std::size_t indent(std::size_t depth) const { return std::min(2 * depth, page_.width() / 4); }
  /// Columns for the text of a row; at least 10, since a page has at least 40.
  std::size_t room(std::size_t depth) const { return page_.width() - (size_width + bar_width() + 4 + indent(depth)); }
  void line(const evidence::Tally& tally, std::size_t depth, const std::string& text) {
    page_.line(fmt::format("{:>{}}  {}  {}{}", size_text(tally.total()), size_width, bar(tally, bar_width()), std::string(indent(depth), ' '), text));
  }

  const report::Report& report_;
  const std::vector<Area>& areas_;
  const std::vector<bool>& shown_;
  Page& page_;
};

void key(Page& page, const report::Report& report) {
  std::string line = " ";
  for (const auto label : {evidence::Label::examined, evidence::Label::structure, evidence::Label::padding, evidence::Label::known, evidence::Label::scanned, evidence::Label::opaque})
    if (const auto n = report.coverage.of(label)) {
      const auto one = fmt::format(" {} {} {} ", mark_of(label), name_of(label), share(n, report.coverage.total()));
      if (columns(line) + columns(one) > page.width()) {
        page.line(line);
        line = " ";
      }
      line += one;
    }
  page.line(line);
}

}  // namespace

std::string map(const report::Report& report, std::size_t rows, const Options& options) {
  Page page(options);
  const auto areas = render::areas(report);
  const auto files = report.artifacts.empty() ? 0 : report.artifacts.size() - 1;
  page.heading(fmt::format("{} in {}, without counting what was handed on", counted(report.coverage.total(), "byte"), counted(files, "artifact")));
  key(page, report);
  page.blank();
  const auto shown = chosen(areas, rows);
  Drawing(report, areas, shown, page).below(0, 0);
  return page.take();
}

std::string layout(const std::string& name, const std::vector<evidence::Claim>& tiles, std::size_t most, const Options& options) {
  Page page(options);
  page.blank();
  page.heading(fmt::format("Layout of {}", shorten(base::printable(name), page.width() - 12)));
  std::vector<std::size_t> by_size(tiles.size());
  for (std::size_t i = 0; i < tiles.size(); ++i) by_size[i] = i;
  std::ranges::stable_sort(by_size, [&](std::size_t a, std::size_t b) { return tiles[a].range.size > tiles[b].range.size; });
  std::set<std::size_t> shown(by_size.begin(), by_size.begin() + static_cast<std::ptrdiff_t>(std::min(most, by_size.size())));
  std::size_t skipped = 0;
  std::uint64_t skipped_bytes = 0;
  const auto flush = [&] {
    if (skipped) page.line(page.ink(Ink::dim, fmt::format("{:>12}  {:>10}    {}", "...", size_text(skipped_bytes), counted(skipped, "smaller run"))));
    skipped = 0, skipped_bytes = 0;
  };
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const auto& t = tiles[i];
    if (!shown.contains(i)) {
      ++skipped;
      skipped_bytes += t.range.size;
      continue;
    }
    flush();
    const auto why = shorten(base::printable(t.why), page.width() - std::min<std::size_t>(page.width() - 8, 42));
    page.line(fmt::format("  {:>#10x}  {:>10}  {} {:<10} {}", t.range.offset, size_text(t.range.size), mark_of(t.label), name_of(t.label), page.ink(Ink::dim, why)));
  }
  flush();
  return page.take();
}

}  // namespace render
