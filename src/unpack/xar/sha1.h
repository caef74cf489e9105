// SHA-1 (FIPS 180-4), for tables of contents that carry such sums; nothing is trusted for it.
#pragma once

#include <array>

#include "base/bytes.h"

namespace unpack::xar_format {

std::array<std::uint8_t, 20> sha1(base::Bytes bytes);

}  // namespace unpack::xar_format
