// Runs a program without a shell.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace gate {

/// Its exit code must be 0. Error: usage: there is no such program, or it failed (its own words are on
/// standard error).
base::Result<> run_program(const std::vector<std::string>& words);

}  // namespace gate
