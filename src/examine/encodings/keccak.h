// Keccak-f[1600] sponge with rate 1088 (FIPS 202): SHA3-256 and the older Keccak-256 of Ethereum,
// which OpenSSL 3.0 lacks. Not meant for secrets; one-shot only.
#pragma once

#include <array>

#include "base/bytes.h"

namespace examine {

std::array<std::uint8_t, 32> keccak_256(base::Bytes bytes);
std::array<std::uint8_t, 32> sha3_256(base::Bytes bytes);

}  // namespace examine
