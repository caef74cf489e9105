// `assay explain`, `assay declare`, `assay rules check`, `assay catalogue`.
#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "base/result.h"

namespace app {

struct ExplainOptions {
  OfficeOptions office;
  std::string finding;
  std::string report;    ///< see find_report
  std::string declaration;
};
base::Result<int> command_explain(const ExplainOptions& options);

struct DeclareOptions {
  OfficeOptions office;
  std::vector<std::string> products;
  std::string output = "-";
};
base::Result<int> command_declare(const DeclareOptions& options);

/// Lints the folders and policies named; the shipped ones when none are. 0 clean, 1 something is wrong.
base::Result<int> command_rules_check(const std::vector<std::string>& paths);

/// All readers and recognisers, printed from their cards: docs/catalogue.md or docs/known-misses.md.
base::Result<int> command_catalogue(bool known_misses);

}  // namespace app
