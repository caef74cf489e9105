#include "examine/encodings/bech32.h"

namespace examine {

std::uint32_t bech32_remainder(std::string_view human, std::string_view data) {
  constexpr std::string_view alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  constexpr std::uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  std::uint32_t sum = 1;
  const auto feed = [&](unsigned value) {
    const auto top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < 5; ++i)
      if (top >> i & 1) sum ^= generator[i];
  };
  for (const char c : human) feed(static_cast<unsigned char>(c) >> 5);
  feed(0);
  for (const char c : human) feed(static_cast<unsigned char>(c) & 31);
  for (const char c : data) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return 0;
    feed(static_cast<unsigned>(value));
  }
  return sum;
}

}  // namespace examine
