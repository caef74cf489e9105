// gzip and xz of package indexes. Writing is deterministic: no time, no name, one thread, fixed level.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gate {

/// By the name's end: .gz, .xz, else as it is. Error: malformed, truncated, limit.
base::Result<std::string> unpacked_index(std::string_view name, std::string_view bytes, std::size_t most);
base::Result<std::string> gzip(std::string_view text);
base::Result<std::string> xz(std::string_view text);

}  // namespace gate
