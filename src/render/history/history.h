// `assay history`: a series of versions as a table and a timeline of what came in and went out (report/history.h).
// JSON is report::to_json.
#pragma once

#include <string>
#include <vector>

#include "render/options.h"
#include "render/update/update.h"
#include "report/history.h"

namespace render {

inline constexpr std::size_t history_text_facts = 25;
inline constexpr std::size_t most_history_runs = 60'000;  ///< runs of equal cells that the page draws

/// For a terminal. Every byte of a product is escaped; no line is wider than Options::width (at least 40).
std::string history_text(const report::History& history, const Options& options);

/// One self-contained page, under the rules of html/html.h: versions as columns, facts as rows by topic.
std::string history_html(const report::History& history, const Options& options);

/// Consecutive versions in which a line stands, or does not.
struct Stretch {
  std::size_t from = 0, to = 0;  ///< [from, to)
  bool there = false;
};
std::vector<Stretch> stretches(const report::HistoryLine& line);

Topic topic_of(const report::HistoryLine& line);
/// "endpoint host: telemetry.example.org", escaped.
std::string fact_text(const report::HistoryLine& line);
/// "2.4.1", else the name that it was handed in under, else "#3"; escaped.
std::string version_label(const report::History& history, std::size_t version);
/// "from 2.4.1", "until 2.4.0", "from 2.4.1 to 2.4.3", "comes and goes"; "" of what always stands. Escaped.
std::string span_text(const report::History& history, const report::HistoryLine& line);
/// The name that the versions share, or that of the last. Escaped.
std::string series_title(const report::History& history);

}  // namespace render
