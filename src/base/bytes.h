// Views of bytes. A Bytes never owns; who hands one out says how long it lives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

/// A half-open run of bytes inside one artifact: [offset, offset + size).
struct Range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t end() const { return offset + size; }  // checked where ranges are made
  bool operator==(const Range&) const = default;
  auto operator<=>(const Range&) const = default;
};

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The part of `bytes` in [offset, offset+size), cut to what exists; never out of bounds.
inline Bytes slice(Bytes bytes, std::uint64_t offset, std::uint64_t size = UINT64_MAX) {
  if (offset >= bytes.size()) return {};
  const std::uint64_t left = bytes.size() - offset;
  return bytes.subspan(offset, size < left ? size : left);
}

inline bool starts_with(Bytes bytes, std::string_view prefix) {
  return text_of(slice(bytes, 0, prefix.size())) == prefix;
}

std::string to_hex(Bytes bytes);

/// Escapes what must never reach a terminal or a log raw: control bytes, DEL, invalid UTF-8,
/// bidirectional and zero-width characters. Printable UTF-8 is kept. `\` becomes `\\`.
std::string printable(std::string_view text);

/// Shannon entropy in bits a byte, 0 to 8. 0 for no bytes.
double entropy(Bytes bytes);

}  // namespace base
