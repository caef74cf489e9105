// Wallet addresses whose own checksum holds: Bitcoin base58check (versions 0 and 5), bech32 and
// bech32m (BIP 173, BIP 350; human part "bc"), Ethereum with EIP-55 letter case. An Ethereum address
// in one case carries no checksum and is not read: too many hashes look alike.
#pragma once

#include <string_view>

namespace examine {

bool is_bitcoin_base58(std::string_view text);
bool is_bitcoin_bech32(std::string_view text);
/// `text` is "0x" and 40 hex digits with mixed case.
bool is_ethereum(std::string_view text);

}  // namespace examine
