// The terminal form of `assay diff`: verdict, ten lines, counts. Short enough for one screen of an ordinary update.
#include <algorithm>

#include <fmt/format.h>

#include "render/columns.h"
#include "render/text/page.h"
#include "render/update/update.h"
#include "report/wording.h"

namespace render {
namespace {

using report::Report;
using report::sentence;

constexpr std::size_t most_resolved = 5, most_spots = 1;
constexpr std::size_t text_indent = 7;  ///< " 1. + "

Ink ink_of(const Change& change) {
  return change.weaker || (change.new_to_product && change.turn == report::Turn::gained && change.topic <= Topic::accounts) ? Ink::bold : Ink::plain;
}

void frame(Page& page, const Report& r) {
  const auto& b = *r.baseline;
  auto title = versions_title(r);
  if (!r.product.ecosystem.empty()) title += " (" + base::printable(r.product.ecosystem) + ")";
  if (!r.product.maker.empty()) title += ", " + base::printable(r.product.maker);
  page.frame(render::ink_of(r.verdict), {{upper(name_of(r.verdict)), render::ink_of(r.verdict)},
                                         {title, Ink::bold},
                                         {"sha256 " + sentence(b.product.digest.substr(0, 16)) + "… → " + sentence(r.product.digest.substr(0, 16)) + "…", Ink::plain}});
  page.field(0, "", 0, verdict_reason(r));
  page.field(0, "", 0, fmt::format("Policy \"{}\", as of {}; by the same rules and policy the version before is: {}.", sentence(r.used.policy_name), sentence(r.used.at), name_of(b.verdict)), Ink::dim);
  if (!r.replayable) page.field(0, "", 0, "Not replayable: a time or memory guard ended a part of the work, so another run may differ.", Ink::yellow);
}

void head(Page& page, std::size_t number, std::string_view sign, std::string_view text, Ink ink) {
  page.field(0, fmt::format("{:>3}. {} ", number, sign), text_indent, text, ink, 3);
}

/// The first line of an excerpt that is text; nothing of others: a place and an offset say where to look.
void quote(Page& page, const report::Exhibit& e, std::string_view told) {
  if (e.item.excerpt.empty() || !is_text(e.item.excerpt)) return;
  auto first = std::string_view(e.item.excerpt);
  first = first.substr(0, std::min(first.find_first_of("\r\n"), first.size()));
  const auto shown = base::printable(first);
  if (shown.empty() || told.find(shown) != std::string_view::npos) return;
  page.field(text_indent, "> ", 2, shown, Ink::plain, 1);
}

void places(Page& page, const Report& r, const std::vector<Spot>& spots) {
  for (std::size_t i = 0; i < spots.size() && i < most_spots; ++i) {
    page.field(text_indent, "", 0, spot_text(r, spots[i]), Ink::dim, 2);
    const auto& s = spots[i];
    if (s.now && s.before) {
      const auto was = short_place(r, raw_place(r, *s.before, true));
      if (was != short_place(r, raw_place(r, *s.now, false))) page.field(text_indent, "", 0, "was in " + was, Ink::dim, 2);
    }
  }
  if (spots.size() > most_spots) page.field(text_indent, "", 0, fmt::format("and {}", counted(spots.size() - most_spots, "more place")), Ink::dim);
}

void finding(Page& page, const Report& r, const Outline& o, const Group& g, std::size_t number) {
  const auto& f = *g.first;
  head(page, number, f.news == report::News::fresh ? "+" : "~", sentence(f.what), render::ink_of(f.effect));
  auto facts = fmt::format("{} finding, {}, {} severity", name_of(f.news), f.waiver.empty() ? fmt::format("leads to {}", name_of(f.effect)) : "waived by " + sentence(f.waiver), name_of(f.severity));
  page.field(text_indent, "", 0, facts, Ink::dim, 2);
  std::vector<Spot> spots;
  for (const auto* one : g.all)
    for (std::size_t i = 0; i < one->evidence.size() && (g.all.size() == 1 || i == 0); ++i)
      if (const auto e = o.exhibits.find(one->evidence[i]); e != o.exhibits.end()) spots.push_back({e->second, nullptr});
  // The fact that is new is what a reader of an update looks for; a finding may rest on older ones as well.
  std::ranges::stable_sort(spots, {}, [](const Spot& s) { return !s.now->item.attributes.contains("change"); });
  if (spots.empty()) {
    if (!f.places.empty()) page.field(text_indent, "", 0, short_place(r, f.places[0] < r.artifacts.size() ? r.artifacts[f.places[0]].place : ""), Ink::dim, 2);
    if (g.places > 1) page.field(text_indent, "", 0, fmt::format("and {}", counted(g.places - 1, "more place")), Ink::dim);
  } else {
    page.field(text_indent, "", 0, spot_text(r, spots[0]), Ink::dim, 2);
    quote(page, *spots[0].now, f.what);
    if (const auto all = std::max(g.places, spots.size()); all > 1)
      page.field(text_indent, "", 0, fmt::format("and {}", counted(all - 1, spots.size() > g.places ? "more piece of evidence" : "more place", spots.size() > g.places ? "more pieces of evidence" : "more places")), Ink::dim);
  }
  if (!f.why.empty()) page.field(text_indent, "why", 7, sentence(f.why), Ink::plain, 2);
  if (!f.settle.empty()) page.field(text_indent, "settle", 7, sentence(f.settle), Ink::plain, 2);
}

void change(Page& page, const Report& r, const Change& c, std::size_t number) {
  std::string note;
  if (c.turn == report::Turn::gained && !c.new_to_product) note = " (new to this file)";
  if (c.turn == report::Turn::more) note = " (one more)";
  if (c.turn == report::Turn::fewer) note = " (one fewer)";
  if (c.turn == report::Turn::lost && !c.new_to_product) note = " (still elsewhere)";
  head(page, number, std::string(1, sign_of(c.turn)), c.what + note, ink_of(c));
  if (!c.was.empty()) page.field(text_indent, "", 0, c.was, Ink::dim, 2);
  places(page, r, c.spots);
  if (!c.spots.empty()) quote(page, c.spots[0].now ? *c.spots[0].now : *c.spots[0].before, c.what);
}

void ten_lines(Page& page, const Report& r, const UpdateOutline& u) {
  const auto o = outline(r);
  const auto all = u.news.size() + u.beside.size();
  page.heading(all > lines_that_matter ? fmt::format("The {} changes that matter most, of {}", lines_that_matter, grouped(all)) : "What changed");
  if (!all) return page.field(2, "", 0, "No evidence: files have other bytes, and nothing that they do, name or hold is new or gone.", Ink::dim);
  std::size_t number = 0;
  for (const auto& g : u.news)
    if (number < lines_that_matter) finding(page, r, o, g, ++number);
  for (const auto i : foremost(u)) change(page, r, u.changes[i], ++number);
}

std::string opaque_text(std::int64_t bytes) {
  return fmt::format("opaque {}{}", bytes < 0 ? "-" : "+", counted(static_cast<std::uint64_t>(bytes < 0 ? -bytes : bytes), "byte"));
}

void all_changes(Page& page, const UpdateOutline& u) {
  if (u.topics.empty() && !u.opaque) return;
  page.heading("All changes (+ gained, - lost, ~ changed, > moved)");
  for (std::size_t i = 0; i < topic_count; ++i) {
    const auto topic = static_cast<Topic>(i);
    std::string text;
    const auto add = [&](std::string part) { text += (text.empty() ? "" : " ") + std::move(part); };
    if (const auto at = u.topics.find(topic); at != u.topics.end()) {
      for (const auto& [sign, n] : {std::pair('+', at->second.gained), std::pair('-', at->second.lost), std::pair('~', at->second.changed), std::pair('>', at->second.moved)})
        if (n) add(fmt::format("{}{}", sign, grouped(n)));
    }
    if (topic == Topic::coverage && u.opaque) add((text.empty() ? "" : "  ") + opaque_text(u.opaque));
    if (!text.empty()) page.field(2, name_of(topic), 14, text);
  }
}

void rest(Page& page, const Report& r, const UpdateOutline& u) {
  const auto& b = *r.baseline;
  page.heading("Beside that");
  page.field(2, "artifacts", 14, artifact_counts(b));
  const auto news = [&](const std::vector<Group>& groups, report::News state) {
    std::size_t n = 0;
    for (const auto& g : groups) n += static_cast<std::size_t>(std::ranges::count(g.all, state, &report::Finding::news));
    return n;
  };
  page.field(2, "findings", 14,
             fmt::format("{} new, {} changed, {} unchanged, {} resolved; {} new only disclosed", news(u.news, report::News::fresh), news(u.news, report::News::changed), grouped(u.unchanged),
                         grouped(b.resolved.size()), news(u.disclosed, report::News::fresh)));
  std::size_t shown = 0;
  for (const auto& f : b.resolved) {
    if (shown++ == most_resolved) {
      page.field(2, "", 14, fmt::format("and {}: --format html", counted(b.resolved.size() - most_resolved, "more resolved finding")), Ink::dim);
      break;
    }
    page.field(2, shown == 1 ? "resolved" : "", 14, fmt::format("{} ({})", sentence(f.what), short_place(r, f.place)), Ink::plain, 3);
  }
  shown = 0;
  for (const auto& text : not_compared(b)) page.field(2, shown++ ? "" : "not compared", 14, text, Ink::yellow);
}

void next_commands(Page& page, const Options& options) {
  page.heading("Next");
  page.field(2, "", 0, fmt::format("assay diff {} --format html -o changes.html", options.product == Options{}.product ? "OLD NEW" : base::printable(options.product)));
}

}  // namespace

std::string update_text(const Report& report, const Options& options) {
  Page page(options);
  if (!report.baseline) {
    page.field(0, "", 0, "This report was made without a version to compare with.");
    return page.take();
  }
  const auto u = update_outline(report);
  frame(page, report);
  if (u.same) {
    page.blank();
    const auto& counts = report.baseline->counts;
    const auto same = counts.find("same");
    page.field(0, "", 0, fmt::format("Nothing changed: {} the same.", counted(same == counts.end() ? 0 : same->second, "artifact is", "artifacts are")), Ink::green);
    for (const auto& text : not_compared(*report.baseline)) page.field(0, "", 0, text, Ink::yellow);
    return page.take();
  }
  ten_lines(page, report, u);
  all_changes(page, u);
  rest(page, report, u);
  next_commands(page, options);
  return page.take();
}

}  // namespace render
