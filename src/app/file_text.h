// A whole file as text, bounded.
#pragma once

#include <string>

#include "base/result.h"

namespace app {

/// Error: usage: `what` (as "the waiver") FILE can't be read, or has more than `most` bytes. "-" = standard input.
base::Result<std::string> file_text(const std::string& file, std::string_view what, std::uint64_t most);

}  // namespace app
