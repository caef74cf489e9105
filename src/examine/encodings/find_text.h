// Searching for a fixed text in long bytes. std::string_view::find stops at every first letter;
// memmem does not, and these searches run over every byte of a product.
#pragma once

#include <cstring>
#include <string_view>

namespace examine {

inline std::size_t find_text(std::string_view in, std::string_view what, std::size_t from = 0) {
  if (from >= in.size()) return std::string_view::npos;
  const auto* hit = static_cast<const char*>(memmem(in.data() + from, in.size() - from, what.data(), what.size()));
  return hit ? static_cast<std::size_t>(hit - in.data()) : std::string_view::npos;
}

}  // namespace examine
