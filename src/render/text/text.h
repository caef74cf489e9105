// The report for a terminal: the verdict first, then the few things that matter.
// Every byte that came from a product is escaped; no line is wider than Options::width (at least 40).
#pragma once

#include <string>
#include <vector>

#include "render/options.h"
#include "report/report.h"

namespace render {

std::string text(const report::Report& report, const Options& options);

struct SummaryRow {
  std::string product;  ///< as the list names it
  report::Verdict verdict = report::Verdict::inconclusive;
  std::string reason;   ///< the first reason; "" for none
};

/// `vet --each`: one row a product, then a line that counts the verdicts.
std::string summary_table(const std::vector<SummaryRow>& rows, const Options& options);

}  // namespace render
