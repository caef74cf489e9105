// What one version of a product changed, for readers: a report with a baseline (report/baseline.h) as the
// changes that matter, the gravest first, then as counts. The same outline serves the terminal and the page;
// pointers point into the report, which must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "render/options.h"
#include "render/outline.h"
#include "report/report.h"

namespace render {

/// What a change is about, in the order in which it is shown.
enum class Topic { behaviour, concealment, endpoints, keys, accounts, steps, powers, dependencies, permissions, declaration, hardening, coverage, other, tables };
inline constexpr std::size_t topic_count = 14;
std::string_view name_of(Topic topic);
Topic topic_of(const evidence::Item& item);

/// "endpoint host: telemetry.example.org", escaped.
std::string fact_text(const evidence::Item& item);

/// One place of a fact: where it stands, where it stood.
struct Spot {
  const report::Exhibit* now = nullptr;
  const report::Exhibit* before = nullptr;
};

/// Equal facts that changed in the same way, over all their places; or a line of the declaration, without any.
struct Change {
  report::Turn turn = report::Turn::gained;
  bool new_to_product = false;
  Topic topic = Topic::other;
  std::string what;          ///< escaped
  std::string was;           ///< escaped: what differs in a changed one, ""
  bool weaker = false;       ///< a protection that is gone or less than before
  bool repeats = false;      ///< another line says it too: a host that stands in a URL
  int weight = 0;            ///< less matters more
  std::vector<Spot> spots;
};
/// '+' gained or more, '-' lost or fewer, '~' changed, '>' moved
char sign_of(report::Turn turn);

/// Gained, lost, changed, moved.
struct Counts {
  std::size_t gained = 0, lost = 0, changed = 0, moved = 0;
  std::size_t all() const { return gained + lost + changed + moved; }
};

struct UpdateOutline {
  std::vector<Group> news;               ///< new and changed findings that count against the product, gravest first, waived ones last
  std::vector<Group> disclosed;          ///< new and changed findings that do not
  std::size_t unchanged = 0;             ///< findings that count against the product and stood before
  std::vector<Change> changes;           ///< by weight
  std::vector<std::size_t> beside;       ///< index in `changes`: what no finding of `news` rests on and no other line repeats
  std::map<Topic, Counts> topics;        ///< facts by what they are about
  std::vector<report::EvidenceChange> stated;  ///< growth that the report states as evidence and not as a change
  std::int64_t opaque = 0;               ///< bytes: how many more (or fewer) could not be read
  bool same = false;                     ///< nothing changed at all
};

inline constexpr std::size_t lines_that_matter = 10;
inline constexpr std::size_t lines_of_a_topic = 4;  ///< of those ten, while other topics have something to say

/// Of a report with a baseline.
UpdateOutline update_outline(const report::Report& report);

/// Which changes stand among the ten lines behind the findings of `news`: index in `changes`, by weight.
std::vector<std::size_t> foremost(const UpdateOutline& outline);

/// "data.tar.xz//usr/bin/acme-agent": a place of this product or of the one before without what every place has in
/// common (the one file that was handed in, layers). Escaped.
std::string short_place(const report::Report& report, std::string_view place);
/// The place of an exhibit of the new version, or of the version before: raw bytes, "" of the product itself.
std::string_view raw_place(const report::Report& report, const report::Exhibit& exhibit, bool before);
/// The place of a spot in the new version, or of what is lost in the version before, with line or offset. Escaped.
std::string spot_text(const report::Report& report, const Spot& spot);
/// "acme-agent 2.4.0 → 2.4.1"; both names where they differ. Escaped.
std::string versions_title(const report::Report& report);
/// Why the verdict is what it is, in one sentence, the news first. Escaped.
std::string verdict_reason(const report::Report& report);
/// "same 3, changed 3, gained 1" of the artifacts. Escaped.
std::string artifact_counts(const report::Baseline& baseline);
/// What the comparison did not do, as sentences.
std::vector<std::string> not_compared(const report::Baseline& baseline);

/// `assay diff` for a terminal: verdict, the ten lines that matter, counts. Of a report without a baseline it
/// says that there is none. `Options::product` is what the user named, old and new. Every byte of a product is escaped; no line is wider than Options::width (at least 40).
std::string update_text(const report::Report& report, const Options& options);

/// `assay diff` as one self-contained page, under the rules of html.h: each changed place side by side.
std::string update_html(const report::Report& report, const Options& options);

}  // namespace render
