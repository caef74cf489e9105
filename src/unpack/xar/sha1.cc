// See sha1.h.
#include "unpack/xar/sha1.h"

#include <bit>

namespace unpack::xar_format {
namespace {

using State = std::array<std::uint32_t, 5>;

void mix(State& h, base::Bytes block) {
  std::array<std::uint32_t, 80> w{};
  for (std::size_t i = 0; i < 16; ++i)
    w[i] = static_cast<std::uint32_t>(block[4 * i]) << 24 | static_cast<std::uint32_t>(block[4 * i + 1]) << 16 | static_cast<std::uint32_t>(block[4 * i + 2]) << 8 | block[4 * i + 3];
  for (std::size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = h;
  for (std::size_t i = 0; i < 80; ++i) {
    const auto f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
    const std::uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
    const auto next = std::rotl(a, 5) + f + e + k + w[i];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

}  // namespace

std::array<std::uint8_t, 20> sha1(base::Bytes bytes) {
  State h = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  std::size_t at = 0;
  for (; at + 64 <= bytes.size(); at += 64) mix(h, bytes.subspan(at, 64));
  base::Buffer last(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
  last.push_back(0x80);
  while (last.size() % 64 != 56) last.push_back(0);
  for (int i = 7; i >= 0; --i) last.push_back(static_cast<std::uint8_t>(std::uint64_t{bytes.size()} * 8 >> (8 * i)));
  for (at = 0; at < last.size(); at += 64) mix(h, base::Bytes(last).subspan(at, 64));
  std::array<std::uint8_t, 20> out{};
  for (std::size_t i = 0; i < 20; ++i) out[i] = static_cast<std::uint8_t>(h[i / 4] >> (24 - 8 * (i % 4)));
  return out;
}

}  // namespace unpack::xar_format
