// `assay replay`: vets a product again as a report says it was vetted, and compares. `assay judge`: judges
// frozen evidence again, without the product.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
#include "base/result.h"
#include "report/report.h"

namespace app {

struct ReplayOptions {
  OfficeOptions office;                  ///< policy "" = the one that the report names
  std::string report;                    ///< a JSON file, or a report in the store (find_report)
  std::vector<std::string> products;     ///< empty = as it is kept in the store, for a report from there
  std::string declaration;
  std::vector<std::string> waivers, waiver_keys;
  std::string baseline;                  ///< the version that the report was compared with
  bool anyway = false;                   ///< go on with another engine, other rules, another policy
  bool quiet = false;
};

/// 0 identical, 1 different. Error: nothing could be compared.
base::Result<int> command_replay(const ReplayOptions& options);

struct JudgeOptions {
  OfficeOptions office;                  ///< policy "" = that of the first judgement
  std::string evidence;                  ///< FILE of `assay vet --evidence`; "-" = standard input
  std::string digest;                    ///< that the evidence must have; "" = any
  std::string declaration;               ///< "" = the one that is frozen
  std::vector<std::string> waivers, waiver_keys;
  std::string at;                        ///< "" = that of the first judgement
  std::vector<std::string> formats, outputs;
  std::string colour = "auto";
};

/// The exit code of the verdict.
base::Result<int> command_judge(const JudgeOptions& options);

}  // namespace app
