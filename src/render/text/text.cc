// The order is for a reader with ten minutes: verdict, reasons, what decides, what is disclosed,
// what the maker said, what was read, what is not covered, what to do next.
#include "render/text/text.h"

#include <algorithm>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/outline.h"
#include "render/text/bar.h"
#include "render/text/page.h"
#include "report/wording.h"

namespace render {
namespace {

using report::Report;
using report::sentence;

constexpr std::size_t most_groups = 10, most_exhibits = 3, most_lines = 12, most_excerpt_lines = 3;
constexpr std::string_view html_hint = "--format html";

void frame(Page& page, const Report& r) {
  auto title = title_of(r.product);
  if (!r.product.ecosystem.empty()) title += " (" + base::printable(r.product.ecosystem) + ")";
  if (!r.product.maker.empty()) title += ", " + base::printable(r.product.maker);
  page.frame(ink_of(r.verdict), {{upper(name_of(r.verdict)), ink_of(r.verdict)}, {title, Ink::bold}, {"sha256 " + sentence(r.product.digest), Ink::plain}});
}

/// Counts what may count against the product; what is only disclosed is `assay diff`'s to tell.
std::string compared(const Report& r) {
  const auto& b = *r.baseline;
  const auto count = [&](report::News state) {
    return static_cast<std::uint64_t>(std::ranges::count_if(r.findings, [&](const auto& f) { return f.news == state && f.effect != report::Effect::disclose; }));
  };
  const auto resolved = static_cast<std::uint64_t>(std::ranges::count_if(b.resolved, [](const auto& f) { return f.effect != name_of(report::Effect::disclose); }));
  auto out = fmt::format("Compared with {} ({}): {}", title_of(b.product), name_of(b.verdict), counted(count(report::News::fresh), "new finding"));
  if (const auto changed = count(report::News::changed)) out += fmt::format(", {} changed", grouped(changed));
  return out + fmt::format(", {} resolved; assay diff shows the changes.", grouped(resolved));
}

void reasons(Page& page, const Report& r) {
  page.field(0, "", 0, fmt::format("{} Policy \"{}\", as of {}.", meaning_of(r.verdict), sentence(r.used.policy_name), sentence(r.used.at)));
  if (r.baseline) page.field(0, "", 0, compared(r));
  if (!r.replayable) page.field(0, "", 0, "Not replayable: a time or memory guard ended a part of the work, so another run may differ.", Ink::yellow);
  if (r.reasons.empty()) return;
  page.blank();
  std::size_t shown = 0;
  for (const auto& reason : r.reasons) {
    if (shown++ == most_lines) {
      page.field(2, "", 0, fmt::format("and {}: {}", counted(r.reasons.size() - most_lines, "more reason"), html_hint));
      break;
    }
    page.field(2, name_of(reason.leads_to), 14, sentence(reason.text), ink_of(reason.leads_to));
  }
}

/// One line of hex for bytes, a few wrapped lines for text.
void excerpt(Page& page, const evidence::Item& item) {
  if (item.excerpt.empty()) return;
  if (is_text(item.excerpt)) {
    std::string_view text = item.excerpt;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return page.field(11, "> ", 2, base::printable(text), Ink::plain, most_excerpt_lines);
  }
  const auto bytes = base::slice(base::bytes_of(item.excerpt), 0, 16);
  std::string hex;
  for (const auto b : bytes) hex += fmt::format("{:02x} ", b);
  page.field(11, "> ", 2, hex + (item.excerpt.size() > bytes.size() ? "…" : ""), Ink::plain, 2);
}

void exhibit(Page& page, const Report& r, const report::Exhibit& e, std::string_view label) {
  page.field(4, label, 7, place_of(r, e.node));
  std::string where;
  if (e.item.range.size) where = fmt::format("byte {} (0x{:x}), {}", grouped(e.item.range.offset), e.item.range.offset, counted(e.item.range.size, "byte"));
  if (const auto line = line_of(e.item); !line.empty()) where += (where.empty() ? "" : ", ") + line;
  if (!e.item.unit.empty()) where += (where.empty() ? "in " : ", in ") + base::printable(e.item.unit);
  if (!where.empty()) page.field(11, "", 0, where, Ink::dim);
  // What the examiner stated, where the excerpt alone doesn't show it.
  if (!is_text(e.item.excerpt) || e.item.excerpt.find(e.item.value) == std::string::npos || e.item.excerpt.empty())
    page.field(11, "", 0, fmt::format("{}: {}", fact_of(e.item), base::printable(e.item.value)), Ink::plain, 2);
  excerpt(page, e.item);
}

/// The deciding evidence of a group: one piece of each finding, or several of a single one.
void exhibits(Page& page, const Report& r, const Outline& o, const Group& g) {
  std::size_t shown = 0;
  std::vector<const report::Exhibit*> pick;
  for (const auto* f : g.all)
    for (std::size_t i = 0; i < f->evidence.size() && (g.all.size() == 1 || i == 0); ++i)
      if (const auto found = o.exhibits.find(f->evidence[i]); found != o.exhibits.end()) pick.push_back(found->second);
  for (const auto* e : pick) {
    if (shown == most_exhibits) break;
    exhibit(page, r, *e, shown++ ? "" : "where");
  }
  if (!shown)
    for (const auto node : g.first->places) {
      if (shown == most_exhibits) break;
      page.field(4, shown++ ? "" : "where", 7, place_of(r, node));
    }
  const auto all = std::max(g.places, pick.size());
  if (all > shown) page.field(4, "", 7, fmt::format("and {}", counted(all - shown, pick.size() > g.places ? "more piece of evidence" : "more place", pick.size() > g.places ? "more pieces of evidence" : "more places")), Ink::dim);
}

void finding(Page& page, const Report& r, const Outline& o, const Group& g, std::size_t number) {
  const auto& f = *g.first;
  page.blank();
  page.field(0, fmt::format("{:>2}  ", number), 4, sentence(f.what), ink_of(f.effect));
  std::string facts = fmt::format("{}, {} severity, {} confidence, {}", sentence(f.rule), name_of(f.severity), name_of(f.confidence), name_of(f.standing));
  facts += f.waiver.empty() ? fmt::format(", leads to {}", name_of(f.effect)) : fmt::format(", waived by {}", sentence(f.waiver));
  if (!f.author.empty()) facts += ", rule by " + sentence(f.author);
  if (const auto news = news_of(g); !news.empty()) facts = news + ": " + facts;
  page.field(4, "", 0, facts, Ink::dim);
  exhibits(page, r, o, g);
  if (!f.why.empty()) page.field(4, "why", 7, sentence(f.why));
  if (!f.settle.empty()) page.field(4, "settle", 7, sentence(f.settle));
  page.field(4, "more", 7, "assay explain " + sentence(f.id), Ink::dim);
}

void findings(Page& page, const Report& r, const Outline& o) {
  if (o.deciding.empty()) return;
  page.heading(r.verdict == report::Verdict::fail ? "What decides" : "What needs an answer");
  for (std::size_t i = 0; i < o.deciding.size() && i < most_groups; ++i) finding(page, r, o, o.deciding[i], i + 1);
  if (o.deciding.size() > most_groups) {
    page.blank();
    page.field(4, "", 0, fmt::format("and {}: {}", counted(o.deciding.size() - most_groups, "more finding"), html_hint));
  }
}

void disclosed(Page& page, const Outline& o) {
  if (o.disclosed.empty()) return;
  page.heading("Disclosed, and not counted against the product");
  std::size_t shown = 0;
  for (const auto& g : o.disclosed) {
    if (shown++ == most_lines) return page.field(2, "", 0, fmt::format("and {}: {}", o.disclosed.size() - most_lines, html_hint), Ink::dim);
    const bool declared = g.first->standing == report::Standing::declared;
    const auto news = news_of(g);
    page.field(2, "- ", 2, fmt::format("{} ({}{}{}{})", sentence(g.first->what), counted(g.places, "place"), declared ? ", declared" : "", news.empty() ? "" : ", ", news), Ink::plain, 3);
  }
}

void endpoints(Page& page, const Outline& o) {
  if (o.endpoints.empty()) return;
  page.heading("Endpoints named in the product");
  for (const auto& g : o.endpoints) {
    std::string all;
    std::size_t shown = 0, redacted = 0;
    for (const auto& one : g.all) redacted += one.value.starts_with("fingerprint ");
    for (const auto& one : g.all) {
      if (shown == 5) break;
      if (one.value.starts_with("fingerprint ")) continue;  // says nothing in a summary
      all += (shown++ ? ", " : "") + shorten(one.value, page.width() - 24) + (one.label.empty() ? "" : " (" + one.label + ")");
    }
    if (const auto left = g.all.size() - redacted - shown) all += fmt::format(", and {} more", grouped(left));
    if (redacted) all += fmt::format("{}{} redacted", all.empty() ? "" : ", and ", grouped(redacted));
    page.field(2, shorten(g.kind, 9) + " " + grouped(g.all.size()), 14, all, Ink::plain, 6);
  }
}

void declaration(Page& page, const Report& r) {
  page.heading("What the maker declares, against what was observed");
  if (r.declaration.empty()) return page.field(2, "", 0, "Nothing was declared.", Ink::dim);
  std::size_t shown = 0;
  for (const auto& d : r.declaration) {
    if (shown++ == 2 * most_lines) return page.field(2, "", 0, fmt::format("and {}: {}", counted(r.declaration.size() - 2 * most_lines, "more line"), html_hint), Ink::dim);
    const auto state = d.is_void ? std::string_view("void") : name_of(d.state);
    auto text = base::printable(d.section) + ": " + base::printable(d.value);
    if (!d.recipient.empty()) text += " to " + base::printable(d.recipient);
    if (!d.note.empty()) text += ", " + sentence(d.note);
    text += fmt::format(" ({}{})", d.weak ? "weak: " : "", base::printable(d.source));
    page.field(2, state, 14, text, d.state == report::LineState::contradicted ? Ink::red : Ink::plain, 3);
  }
}

void coverage(Page& page, const Report& r, const Outline& o) {
  page.heading(fmt::format("What was read: {} in {}", counted(o.covered_bytes, "byte"), counted(r.artifacts.empty() ? 0 : r.artifacts.size() - 1, "artifact")));
  if (!o.covered_bytes) return page.field(2, "", 0, "The product has no content.", Ink::dim);
  page.line("  " + bar(r.coverage, page.width() - 4));
  for (std::size_t i = 0; i < o.coverage.size(); ++i) {
    const auto& row = o.coverage[i];
    if (!row.bytes) continue;
    const auto numbers = fmt::format("  {} {:<10}{:>14}  {:>8}", mark_of(row.label), row.name, grouped(row.bytes), share(row.bytes, o.covered_bytes));
    const auto left = page.width() - columns(numbers);
    page.line(columns(row.meaning) + 2 <= left ? fmt::format("{}  {}", numbers, page.ink(Ink::dim, row.meaning)) : numbers);
  }
  std::size_t unfinished = 0;
  for (const auto& a : r.artifacts) unfinished += !a.complete;
  if (!unfinished) return;
  page.field(2, "", 0, fmt::format("{} not fully read:", counted(unfinished, "artifact was", "artifacts were")), Ink::yellow);
  std::size_t shown = 0;
  for (artifact::NodeId i = 0; i < r.artifacts.size() && shown < 5; ++i)
    if (!r.artifacts[i].complete) page.field(4, "- ", 2, place_of(r, i)), ++shown;
  if (unfinished > shown) page.field(4, "", 0, fmt::format("and {} more: {}", grouped(unfinished - shown), html_hint));
}

void not_covered(Page& page, const Report& r) {
  if (r.not_covered.empty()) return;
  page.heading("What this verdict does not cover");
  std::size_t shown = 0;
  for (const auto& s : r.not_covered) {
    if (shown++ == most_lines) return page.field(2, "", 0, fmt::format("and {} more: {}", r.not_covered.size() - most_lines, html_hint), Ink::dim);
    page.field(2, "- ", 2, sentence(s));
  }
}

void next_commands(Page& page, const Report& r, const Outline& o, const Options& options) {
  page.heading("Next");
  const auto product = base::printable(options.product);
  if (!o.deciding.empty()) page.field(2, "", 0, fmt::format("assay explain {}", sentence(o.deciding[0].first->id)));
  page.field(2, "", 0, fmt::format("assay vet {} --format html -o report.html", product));
  const bool declared = std::ranges::any_of(r.declaration, [](const auto& d) { return !d.weak; });
  if (!declared && r.verdict != report::Verdict::pass) page.field(2, "", 0, fmt::format("assay declare {}", product));
}

}  // namespace

std::string text(const Report& report, const Options& options) {
  Page page(options);
  const auto o = outline(report);
  frame(page, report);
  reasons(page, report);
  findings(page, report, o);
  disclosed(page, o);
  endpoints(page, o);
  declaration(page, report);
  coverage(page, report, o);
  not_covered(page, report);
  next_commands(page, report, o, options);
  return page.take();
}

std::string summary_table(const std::vector<SummaryRow>& rows, const Options& options) {
  Page page(options);
  std::size_t name_width = 7;
  for (const auto& row : rows) name_width = std::max(name_width, columns(base::printable(row.product)));
  name_width = std::min(name_width, page.width() / 2 - 8);
  std::map<report::Verdict, std::size_t> counts;
  for (const auto& row : rows) {
    ++counts[row.verdict];
    const auto name = shorten(base::printable(row.product), name_width);
    const auto parts = wrap(sentence(row.reason), page.width() - name_width - 18);
    const auto reason = parts.empty() ? "" : parts.size() == 1 ? parts[0] : parts[0] + " …";
    auto line = padded(name, name_width) + "  " + page.ink(ink_of(row.verdict), padded(name_of(row.verdict), 12)) + "  " + reason;
    line.erase(line.find_last_not_of(' ') + 1);
    page.line(line);
  }
  std::string sum = counted(rows.size(), "product");
  for (const auto v : {report::Verdict::fail, report::Verdict::inconclusive, report::Verdict::conditional, report::Verdict::pass})
    sum += fmt::format(", {} {}", counts[v], name_of(v));
  if (!rows.empty()) page.blank();
  page.field(0, "", 0, sum);
  return page.take();
}

}  // namespace render
