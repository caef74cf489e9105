// The part of a gate's policy that says whose word counts.
#pragma once

#include "hallmark/verify.h"
#include "report/strict_yaml.h"

namespace gate {

base::Result<hallmark::Trust> read_trust(const report::YamlNode& node, const std::string& source_name, const std::string& folder);

}  // namespace gate
