// CRC-32 as flash file systems count it: with a seed of their own and without the last inversion.
#pragma once

#include <zlib.h>

#include "base/bytes.h"

namespace unpack {

/// UBI and UBIFS begin with 0xFFFFFFFF, JFFS2 with 0.
inline std::uint32_t flash_crc(base::Bytes bytes, std::uint32_t seed) {
  auto sum = ~seed;
  for (std::uint64_t at = 0; at < bytes.size(); at += 1u << 30) {
    const auto part = base::slice(bytes, at, 1u << 30);
    sum = static_cast<std::uint32_t>(crc32(sum, part.data(), static_cast<uInt>(part.size())));
  }
  return ~sum;
}

}  // namespace unpack
