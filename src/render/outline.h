// What text and HTML both show of a report, in the order in which they show it: equal findings in
// one group, endpoints by kind, coverage rows. Pointers point into the report, which must outlive it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "report/report.h"

namespace render {

/// Findings that say the same thing of different places.
struct Group {
  const report::Finding* first = nullptr;  ///< stands for the group
  std::vector<const report::Finding*> all;
  std::size_t places = 0;
};

struct EndpointGroup {
  std::string kind;  ///< "url", "host", ...
  struct One {
    std::string value;
    std::string label;  ///< "reserved", "documentation" or ""
    std::uint64_t count = 0;
  };
  std::vector<One> all;  ///< most often seen first
};

struct CoverageRow {
  evidence::Label label;
  std::string_view name;
  std::string_view meaning;
  std::uint64_t bytes;
};

struct Outline {
  std::vector<Group> deciding;   ///< effect fail or conditional, in the report's order
  std::vector<Group> disclosed;  ///< effect disclose
  std::vector<EndpointGroup> endpoints;
  std::vector<CoverageRow> coverage;  ///< never handed-on
  std::uint64_t covered_bytes = 0;
  std::map<std::string_view, const report::Exhibit*> exhibits;  ///< by id
};

Outline outline(const report::Report& report);

/// What of a group is new against the baseline: "new", "2 new, 1 changed"; "" where nothing is, or without one.
std::string news_of(const Group& group);

/// "endpoint url", or "flow" where the facet has no words, escaped.
std::string fact_of(const evidence::Item& item);
/// The place of a node, escaped; "the product" for the root.
std::string place_of(const report::Report& report, artifact::NodeId node);
/// "line 6" where the examiner stated it, else "".
std::string line_of(const evidence::Item& item);
/// True where an excerpt is best shown as text: valid UTF-8 with few control bytes.
bool is_text(std::string_view excerpt);
/// "FAIL"
std::string upper(std::string_view word);
/// What the verdict means, in one sentence.
std::string_view meaning_of(report::Verdict verdict);
/// "name version" as people read it, escaped; the first file's name, or "unnamed product".
std::string title_of(const report::ProductIdentity& product);

}  // namespace render
