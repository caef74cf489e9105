// `assay list`, `assay show`, `assay gc`: what the store holds.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace app {

struct ShowOptions {
  std::string store;
  std::string report;  ///< number, or the beginning of a product's digest; "" = the newest
  std::vector<std::string> formats, outputs;
  std::string colour = "auto";
};

base::Result<int> command_list(const std::string& store_folder);
base::Result<int> command_show(const ShowOptions& options);
base::Result<int> command_gc(const std::string& store_folder, std::int64_t keep_runs);

/// The report that a user means: a number, the beginning of a digest, or "" for the newest.
base::Result<std::int64_t> find_report(store::Store& store, const std::string& wanted);

}  // namespace app
