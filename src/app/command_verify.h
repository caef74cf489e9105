// `assay verify`: does this hallmark hold for what was really delivered? Offline.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace app {

struct VerifyOptions {
  std::vector<std::string> names;        ///< products, then hallmarks (those that end in .hallmark, else the last)
  std::vector<std::string> hallmarks;    ///< then all names are the product's
  std::vector<std::string> revocations;
  std::string trust;                     ///< hallmark/trust_yaml.h
  std::vector<std::string> keys;         ///< instead of a trust file: PEM files, each an office of its own
  std::string now;
  bool offline = true;                   ///< it always is
  std::string format = "text";
};

/// 0 a pass holds, 1 a fail verdict or refused, 3 conditional, 4 inconclusive.
base::Result<int> command_verify(const VerifyOptions& options);

}  // namespace app
