// The checksum of bech32 text (BIP 173) and bech32m (BIP 350): Bitcoin addresses, age recipients.
#pragma once

#include <cstdint>
#include <string_view>

namespace examine {

inline constexpr std::uint32_t bech32_constant = 1;
inline constexpr std::uint32_t bech32m_constant = 0x2bc830a3;

/// The checksum's remainder over human part and data (what follows the "1"), to be compared with a
/// constant above; 0 where a character is not of the alphabet. Lower case only.
std::uint32_t bech32_remainder(std::string_view human, std::string_view data);

}  // namespace examine
