// The words that the terminal and the page of a series share.
#include "render/history/history.h"

#include <algorithm>

#include <fmt/format.h>

#include "render/columns.h"

namespace render {

using report::History;
using report::HistoryLine;

std::vector<Stretch> stretches(const HistoryLine& line) {
  std::vector<Stretch> out;
  for (std::size_t i = 0; i < line.present.size(); ++i) {
    if (out.empty() || out.back().there != line.present[i]) out.push_back({i, i, line.present[i]});
    out.back().to = i + 1;
  }
  return out;
}

namespace {

evidence::Item item_of(const HistoryLine& line) {
  evidence::Item item;
  item.facet = line.facet;
  item.word = line.word;
  item.value = line.value;
  return item;
}

}  // namespace

Topic topic_of(const HistoryLine& line) { return topic_of(item_of(line)); }
std::string fact_text(const HistoryLine& line) { return fact_text(item_of(line)); }

std::string version_label(const History& history, std::size_t version) {
  if (version < history.versions.size()) {
    const auto& p = history.versions[version].product;
    if (!p.version.empty()) return base::printable(p.version);
    if (!p.files.empty() && !p.files[0].empty()) return base::printable(p.files[0]);
  }
  return fmt::format("#{}", version + 1);
}

std::string span_text(const History& history, const HistoryLine& line) {
  const auto runs = stretches(line);
  if (runs.size() < 2) return "";
  if (runs.size() == 2) return runs[1].there ? "from " + version_label(history, runs[1].from) : "until " + version_label(history, runs[0].to - 1);
  if (runs.size() > 3 || runs[0].there) return "comes and goes";
  const auto first = version_label(history, runs[1].from), last = version_label(history, runs[1].to - 1);
  return runs[1].to - runs[1].from == 1 ? "in " + first : fmt::format("from {} to {}", first, last);
}

std::string series_title(const History& history) {
  if (history.versions.empty()) return "no version";
  const auto& last = history.versions.back().product;
  auto named = last;
  named.version.clear();
  return title_of(named);
}

}  // namespace render
