// `assay members`: takes a product apart and lists every artifact; examines and judges nothing.
#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "base/result.h"

namespace app {

struct MembersOptions {
  std::vector<std::string> products;
  std::string store;
  std::string format = "text";  ///< text or json
  unsigned threads = 0;         ///< 0 = all cores
  bool allow_weaker = false;
};

base::Result<int> command_members(const MembersOptions& options);

}  // namespace app
