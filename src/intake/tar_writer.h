// A folder as a tar (POSIX ustar), deterministic: sorted names, no owner, no time.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace intake {

/// Writes regular files only. Error usage: a name over 100 bytes, a file that can't be read.
base::Result<> write_tar(const std::string& folder, const std::vector<std::string>& names, int out);

}  // namespace intake
