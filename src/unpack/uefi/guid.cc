// See guid.h.
#include "unpack/uefi/guid.h"

#include <fmt/format.h>
#include <zlib.h>

#include "base/cursor.h"

namespace unpack::uefi_format {

std::string guid_text(base::Bytes bytes) {
  if (bytes.size() < 16) return {};
  base::Cursor at(bytes);
  const auto a = at.u32();
  const auto b = at.u16(), c = at.u16();
  std::string out = fmt::format("{:08X}-{:04X}-{:04X}-", a, b, c);
  for (int i = 0; i < 8; ++i) out += fmt::format("{}{:02X}", i == 2 ? "-" : "", at.u8());
  return out;
}

std::string utf16_text(base::Bytes bytes) {
  std::string out;
  base::Cursor at(bytes);
  const auto put = [&](std::uint32_t c) {
    if (c < 0x80) out += static_cast<char>(c);
    else if (c < 0x800) out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    else if (c < 0x10000) out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    else out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  };
  while (at.left() >= 2) {
    const std::uint32_t c = at.u16();
    if (c == 0) break;
    if (c < 0xD800 || c > 0xDFFF) {
      put(c);
      continue;
    }
    base::Cursor next = at;
    const std::uint32_t low = next.u16();
    if (c < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF) {
      put(0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
      at = next;
    } else {
      put(0xFFFD);
    }
  }
  return out;
}

std::uint8_t sum8(base::Bytes bytes) {
  std::uint8_t sum = 0;
  for (const auto b : bytes) sum = static_cast<std::uint8_t>(sum + b);
  return sum;
}

std::uint16_t sum16(base::Bytes bytes) {
  base::Cursor at(bytes);
  std::uint16_t sum = 0;
  while (at.left() >= 2) sum = static_cast<std::uint16_t>(sum + at.u16());
  return sum;
}

std::uint32_t crc32_of(base::Bytes bytes) { return static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), bytes.data(), bytes.size())); }

}  // namespace unpack::uefi_format
