// For tests: updates beside report::sample::update().
#pragma once

#include "report/sample_report.h"

namespace report::sample {

/// The same product twice.
inline Report unchanged() {
  auto r = passing();
  Baseline base;
  base.product = r.product;
  base.verdict = r.verdict;
  base.coverage = r.coverage;
  base.counts = {{"same", 3}};
  r.baseline = base;
  return r;
}

/// A fact that the sample's agent (node 8) gained.
inline Exhibit& gain(Report& r, evidence::Facet facet, std::string word, std::string value, bool new_to_product = true, artifact::NodeId node = 8) {
  Builder b{std::move(r)};
  const auto id = b.exhibit(node, facet, std::move(word), std::move(value), 9, "x");
  r = std::move(b.r);
  r.baseline->changes.push_back({Turn::gained, new_to_product, id, ""});
  return r.evidence.back();
}

}  // namespace report::sample
