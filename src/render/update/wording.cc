// The words that the terminal and the page share.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "artifact/entry.h"
#include "render/columns.h"
#include "render/update/update.h"
#include "report/wording.h"

namespace render {

using report::Report;
using report::sentence;

std::string short_place(const Report& report, std::string_view place) {
  const bool alone = std::ranges::count(report.artifacts, artifact::NodeId{0}, &report::ArtifactLine::parent) == 1;
  std::string out;
  for (std::size_t at = 0, part = 0; at <= place.size(); ++part) {
    const auto end = std::min(place.find("//", at), place.size());
    const auto one = place.substr(at, end - at);
    at = end + 2;
    if ((part == 0 && alone && end < place.size()) || one == "(layer)" || one.empty()) continue;
    out += (out.empty() ? "" : "//") + base::printable(one.starts_with("./") ? one.substr(2) : one);
  }
  return out.empty() ? "the product" : out;
}

std::string_view raw_place(const Report& report, const report::Exhibit& exhibit, bool before) {
  if (before) return report.baseline && exhibit.node < report.baseline->places.size() ? std::string_view(report.baseline->places[exhibit.node]) : std::string_view();
  return exhibit.node < report.artifacts.size() ? std::string_view(report.artifacts[exhibit.node].place) : std::string_view();
}

std::string spot_text(const Report& report, const Spot& spot) {
  const auto& e = spot.now ? *spot.now : *spot.before;
  auto out = short_place(report, raw_place(report, e, !spot.now));
  if (const auto line = line_of(e.item); !line.empty()) out += ", " + line;
  else if (e.item.range.size) out += fmt::format(", byte 0x{:x}", e.item.range.offset);
  if (!e.item.unit.empty()) out += ", in " + base::printable(e.item.unit);
  return out;
}

std::string versions_title(const Report& report) {
  const auto& was = report.baseline->product;
  const auto& is = report.product;
  const bool same_name = was.name == is.name && !is.name.empty() && !is.version.empty() && was.version != is.version;
  return title_of(was) + " → " + (same_name ? base::printable(is.version) : title_of(is));
}

std::string verdict_reason(const Report& report) {
  const report::Reason* pick = nullptr;
  const auto is_news = [&](const report::Reason& reason) {
    return !reason.finding.empty() && std::ranges::any_of(report.findings, [&](const auto& f) { return f.id == reason.finding && f.news != report::News::none && f.news != report::News::unchanged; });
  };
  for (const auto& reason : report.reasons)
    if (reason.leads_to == report.verdict && (!pick || (is_news(reason) && !is_news(*pick)))) pick = &reason;
  auto out = pick ? sentence(pick->text) : std::string(meaning_of(report.verdict));
  const auto more = report.reasons.size() - (pick ? 1 : 0);
  if (more) out += fmt::format(" ({})", counted(more, "more reason"));
  return out;
}

std::string artifact_counts(const report::Baseline& baseline) {
  static constexpr std::array<std::string_view, 8> order = {"same", "changed", "renamed", "similar", "split", "merged", "gained", "lost"};
  std::string out;
  const auto add = [&](std::string_view name, std::uint64_t n) {
    if (n) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", sentence(name), grouped(n));
  };
  for (const auto name : order)
    if (const auto at = baseline.counts.find(std::string(name)); at != baseline.counts.end()) add(name, at->second);
  for (const auto& [name, n] : baseline.counts)
    if (std::ranges::find(order, name) == order.end()) add(name, n);
  return out.empty() ? "none" : out;
}

std::vector<std::string> not_compared(const report::Baseline& b) {
  std::vector<std::string> out;
  if (b.tables_left_out) out.emplace_back("Imports, exports, sections, strings and function names were not compared: the baseline is a report, which lists only the first of them.");
  if (b.not_tried)
    out.push_back(fmt::format("{} without a partner {} not measured against each other: there are too many.", counted(b.not_tried, "artifact"), b.not_tried == 1 ? "was" : "were"));
  if (b.unlisted) out.push_back(fmt::format("{} {} judged and counted, but {} not in the report.", counted(b.unlisted, "more change"), b.unlisted == 1 ? "was" : "were", b.unlisted == 1 ? "is" : "are"));
  return out;
}

}  // namespace render
