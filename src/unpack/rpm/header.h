// The header structure of an RPM: an index of tags and a store of values.
// https://rpm.org/docs/latest/manual/format_v4.html (rpm 4). Bounded; unknown tags are kept unread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::rpm_format {

struct Value {
  std::uint32_t type = 0, count = 0;
  base::Bytes from;  ///< the store from the value's offset on
};

class Header {
 public:
  std::uint64_t size = 0;  ///< bytes that the header takes, without padding behind it
  std::map<std::uint32_t, Value> values;

  bool has(std::uint32_t tag) const { return values.contains(tag); }
  /// The texts of a string, string array or translated string; at most 10,000.
  std::vector<std::string_view> texts(std::uint32_t tag) const;
  std::string text(std::uint32_t tag) const;
  std::optional<std::uint64_t> number(std::uint32_t tag) const;
};

base::Result<Header> read_header(base::Bytes bytes);

}  // namespace unpack::rpm_format
