#include "examine/endpoints/wallet.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/digest.h"
#include "examine/encodings/bech32.h"
#include "examine/encodings/keccak.h"

namespace examine {

bool is_bitcoin_base58(std::string_view text) {
  constexpr std::string_view alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  if (text.size() < 26 || text.size() > 35) return false;
  std::array<std::uint8_t, 25> raw{};
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return false;
    unsigned carry = static_cast<unsigned>(digit);
    for (auto b = raw.rbegin(); b != raw.rend(); ++b) {
      carry += 58u * *b;
      *b = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry) return false;
  }
  if (raw[0] != 0 && raw[0] != 5) return false;
  if (std::all_of(raw.begin(), raw.end(), [](auto b) { return b == 0; })) return false;
  const auto once = base::sha256(base::Bytes(raw).first(21));
  const auto twice = base::sha256(base::Bytes(once.bytes));
  return std::equal(raw.begin() + 21, raw.end(), twice.bytes.begin());
}

bool is_bitcoin_bech32(std::string_view text) {
  if (text.size() < 42 || text.size() > 62 || !text.starts_with("bc1")) return false;
  const auto remainder = bech32_remainder("bc", text.substr(3));
  return remainder == bech32_constant || remainder == bech32m_constant;
}

bool is_ethereum(std::string_view text) {
  if (text.size() != 42 || !text.starts_with("0x")) return false;
  std::string lower;
  bool small = false, large = false;
  for (const char c : text.substr(2)) {
    const bool digit = c >= '0' && c <= '9', up = c >= 'A' && c <= 'F', down = c >= 'a' && c <= 'f';
    if (!digit && !up && !down) return false;
    small |= down;
    large |= up;
    lower += up ? static_cast<char>(c + 32) : c;
  }
  if (!small || !large) return false;
  const auto hash = keccak_256(base::bytes_of(lower));
  for (std::size_t i = 0; i < 40; ++i) {
    const auto nibble = i % 2 ? hash[i / 2] & 15 : hash[i / 2] >> 4;
    const char c = text[i + 2];
    if (lower[i] >= 'a' && (nibble >= 8) != (c <= 'F')) return false;
  }
  return true;
}

}  // namespace examine
