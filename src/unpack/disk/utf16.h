// UTF-16 names of file systems as UTF-8. A lone surrogate is written as three bytes all the same, so
// that different names stay different.
#pragma once

#include <bit>
#include <string>

#include "base/cursor.h"

namespace unpack {

inline void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += static_cast<char>(0xC0 | c >> 6), tail(0);
  else if (c < 0x10000) out += static_cast<char>(0xE0 | c >> 12), tail(6), tail(0);
  else out += static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0);
}

/// All units, or those in front of the first zero.
inline std::string utf8_of_utf16(base::Bytes raw, bool to_zero = true, std::endian endian = std::endian::little) {
  std::string out;
  base::Cursor in(raw, endian);
  while (in.left() >= 2) {
    std::uint32_t c = in.u16();
    if (c == 0 && to_zero) break;
    if (c >= 0xD800 && c < 0xDC00 && in.left() >= 2) {
      const auto back = in.position();
      const std::uint32_t low = in.u16();
      if (low >= 0xDC00 && low < 0xE000) c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      else in.seek(back);
    }
    append_utf8(out, c);
  }
  return out;
}

}  // namespace unpack
