// JSON from strangers: bounded in size and depth before it is parsed.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.h"

namespace gate {

inline constexpr std::size_t most_json_depth = 64;

/// Error: malformed, limit.
base::Result<nlohmann::json> read_json(std::string_view text, std::size_t most_bytes);
/// One line; bytes that are no UTF-8 are replaced.
std::string write_json(const nlohmann::json& value);
/// A text member; "" where there is none or it is no text.
std::string text_in(const nlohmann::json& object, std::string_view key);
/// A member; null where there is none.
const nlohmann::json& part_in(const nlohmann::json& object, std::string_view key);

}  // namespace gate
