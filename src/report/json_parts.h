// What every JSON of this room is made of. Inside this room.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace report {

/// A name or excerpt: escaped, with its bytes beside it in hex where escaping changed them.
inline void put(nlohmann::ordered_json& object, const std::string& key, std::string_view raw) {
  auto shown = base::printable(raw);
  const bool same = shown == raw;
  object[key] = std::move(shown);
  if (!same) object[key + "_bytes"] = base::to_hex(base::bytes_of(raw));
}

}  // namespace report
