// `assay diff`: what did this version gain? `assay history`: the same over many versions.
#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "base/result.h"

namespace app {

struct DiffOptions {
  OfficeOptions office;                  ///< policy "" = update, or source with --source
  std::string before, now;               ///< what app/version.h takes for `before`; a product or a stored report for `now`
  bool source = false;                   ///< `before` is the source that `now` is made of
  std::string declaration;
  std::vector<std::string> waivers, waiver_keys;
  std::string at;
  std::vector<std::string> formats, outputs;
  std::string colour = "auto";
  bool quiet = false;
};

/// The exit code of the verdict about the update.
base::Result<int> command_diff(const DiffOptions& options);

struct HistoryOptions {
  OfficeOptions office;
  std::vector<std::string> products;     ///< oldest first
  std::vector<std::string> formats, outputs;
  std::string at, colour = "auto";
  bool quiet = false;
};

/// The exit code of the newest version's verdict.
base::Result<int> command_history(const HistoryOptions& options);

}  // namespace app
