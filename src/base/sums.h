// Checksums that image formats carry. Not for trust: a sum shows damage, not who made something.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace base {

/// CRC-32 of IEEE 802.3 as zlib computes it; give the last answer as `before` to go on.
std::uint32_t crc32(Bytes bytes, std::uint32_t before = 0);
/// CRC-16/XMODEM: polynomial 0x1021, most significant bit first.
std::uint16_t crc16_xmodem(Bytes bytes, std::uint16_t before = 0);
/// The polynomial 0x04C11DB7 most significant bit first, start and end as given by the caller: CRC-32/MPEG-2 with before = ~0.
std::uint32_t crc32_forward(Bytes bytes, std::uint32_t before);

/// A digest by its usual name ("md5", "sha1", "sha256", "sha384", "sha512"); nothing for other names.
std::optional<Buffer> digest_by_name(std::string_view name, Bytes bytes);

}  // namespace base
