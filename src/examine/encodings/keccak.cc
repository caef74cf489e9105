#include "examine/encodings/keccak.h"

#include <bit>
#include <cstring>

namespace examine {
namespace {

constexpr std::uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
constexpr int rotations[24] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};
constexpr int lanes[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};

void permute(std::uint64_t (&a)[25]) {
  for (const auto constant : round_constants) {
    std::uint64_t c[5];
    for (int x = 0; x < 5; ++x) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int x = 0; x < 5; ++x) {
      const auto d = c[(x + 4) % 5] ^ std::rotl(c[(x + 1) % 5], 1);
      for (int y = 0; y < 25; y += 5) a[y + x] ^= d;
    }
    auto last = a[1];
    for (int i = 0; i < 24; ++i) {
      const auto kept = a[lanes[i]];
      a[lanes[i]] = std::rotl(last, rotations[i]);
      last = kept;
    }
    for (int y = 0; y < 25; y += 5) {
      std::uint64_t row[5];
      for (int x = 0; x < 5; ++x) row[x] = a[y + x];
      for (int x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= constant;
  }
}

std::array<std::uint8_t, 32> sponge(base::Bytes bytes, std::uint8_t padding) {
  constexpr std::size_t rate = 136;
  std::uint64_t state[25] = {};
  const auto absorb = [&](const std::uint8_t* block) {
    for (std::size_t i = 0; i < rate; ++i) state[i / 8] ^= static_cast<std::uint64_t>(block[i]) << (8 * (i % 8));
    permute(state);
  };
  while (bytes.size() >= rate) {
    absorb(bytes.data());
    bytes = bytes.subspan(rate);
  }
  std::uint8_t last[rate] = {};
  if (!bytes.empty()) std::memcpy(last, bytes.data(), bytes.size());
  last[bytes.size()] ^= padding;
  last[rate - 1] ^= 0x80;
  absorb(last);
  std::array<std::uint8_t, 32> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8)));
  return out;
}

}  // namespace

std::array<std::uint8_t, 32> keccak_256(base::Bytes bytes) { return sponge(bytes, 0x01); }
std::array<std::uint8_t, 32> sha3_256(base::Bytes bytes) { return sponge(bytes, 0x06); }

}  // namespace examine
