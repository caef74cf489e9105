// TOML 1.0 (https://toml.io/en/v1.0.0), flattened: each value with the path of keys that leads to it.
// Bounded in depth and number; what it names twice is given twice. Opinion-free.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parse::toml {

enum class Kind {
  string,
  other,  ///< a number, a date, true or false: its text as written
  table,  ///< a [table] or an inline one was opened; no text
};

/// Valid during the call.
struct Value {
  const std::vector<std::string>& path;  ///< an element of an array has the path of its array
  Kind kind = Kind::other;
  std::string text;
  base::Range range;  ///< of the value, quotes included; of a table, its header
};

/// Calls `use` for every value in the order written. Error: malformed, truncated or limit; what stood
/// before it was given.
base::Result<> read(std::string_view text, const std::function<void(const Value&)>& use);

}  // namespace parse::toml
