// A product against the version before: compared, written into its evidence, and told in the report.
#pragma once

#include "app/version.h"
#include "compare/compare.h"
#include "report/redact.h"

namespace app {

/// Refers to the version and to the vetting that it was made for, which must outlive it.
struct Changes {
  explicit Changes(const Version& version);
  const Version& version;
  compare::Edition before;
  compare::Comparison comparison;
  std::vector<std::vector<compare::Lost>> lost;
  judge::Update update;
};

/// Compares, and annotates `now`'s evidence (compare::annotate, compare::growth, and compare::unexplained where the
/// version is the source).
std::unique_ptr<const Changes> compare_with(const Version& version, bool is_source, Vetting& now);

/// What the report says of it; ids refer to the report's evidence.
report::Baseline baseline_of(const Changes& changes, const Vetting& now, const report::Report& report, std::vector<report::PastFinding> resolved, const report::Redactor& redactor);

}  // namespace app
