// GUIDs and the text of UEFI structures. UEFI 2.10, appendix A. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace unpack::uefi_format {

/// "8C8CE578-8A3D-4F1C-9935-896185C32DD3" of 16 bytes; "" when there are fewer.
std::string guid_text(base::Bytes bytes);

/// UTF-16LE up to a NUL (or the end) as UTF-8; lone surrogates become U+FFFD.
std::string utf16_text(base::Bytes bytes);

/// Sums that make headers add up to zero.
std::uint8_t sum8(base::Bytes bytes);
std::uint16_t sum16(base::Bytes bytes);
/// CRC-32 of ISO 3309, as in zlib.
std::uint32_t crc32_of(base::Bytes bytes);

}  // namespace unpack::uefi_format
