// Files of a repository, on their way from one folder to another.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gate {

inline constexpr std::size_t most_index = 1u << 30;

/// Neither links nor devices are read. Error: io, limit.
base::Result<std::string> read_whole(const std::filesystem::path& path, std::size_t most = most_index);
/// Makes the folders above it; on the disk when it returns. Error: io.
base::Result<> write_whole(const std::filesystem::path& path, std::string_view text);

/// Copies (or links) one package while hashing what is copied; true when its digest is the one wanted, else
/// nothing is left behind. What stands there already is hashed again. Error: io.
base::Result<bool> bring(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& wanted, bool link_it);

}  // namespace gate
