// The rule files behind the paths that a user gives, in a fixed order.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace match {

struct RuleFile {
  std::string path;  ///< to read
  std::string name;  ///< relative to the folder given: the namespace of its rules
  std::string text;
};

inline constexpr std::size_t most_rule_files = 100'000;
inline constexpr std::size_t most_rule_bytes = 64 << 20;  ///< of one file

base::Result<std::vector<RuleFile>> find_rule_files(const std::vector<std::string>& paths);
base::Result<std::string> read_rule_text(const std::string& path);

}  // namespace match
