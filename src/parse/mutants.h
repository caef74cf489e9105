// Hostile variants of a good input, for tests: every truncation, and seeded random changes.
// Deterministic: the same seed gives the same mutants on every machine.
#pragma once

#include <random>

#include "base/bytes.h"

namespace parse {

/// Calls `use` with bytes cut at every length from 0 to the whole; with a stride when `most` is less.
template <class Use>
void each_truncation(base::Bytes bytes, Use use, std::size_t most = SIZE_MAX) {
  const std::size_t stride = bytes.size() <= most ? 1 : bytes.size() / most + 1;
  for (std::size_t n = 0; n <= bytes.size(); n += stride) {
    const base::Buffer copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));  // own memory: ASan sees one byte too far
    use(base::Bytes(copy));
  }
}

/// Calls `use` with `count` mutants: one to eight changes each, half of them within the first
/// `header` bytes, of the kinds that break parsers (extreme numbers, single bits, swapped words).
template <class Use>
void each_mutant(base::Bytes bytes, int count, std::uint32_t seed, Use use, std::size_t header = 1024) {
  if (bytes.empty()) return;
  std::mt19937 random(seed);
  static constexpr std::uint8_t extreme[] = {0x00, 0xff, 0x7f, 0x80, 0x01, 0xfe, 0x40, 0x10};
  base::Buffer copy;
  for (int i = 0; i < count; ++i) {
    copy.assign(bytes.begin(), bytes.end());
    const auto changes = 1 + random() % 8;
    for (unsigned c = 0; c < changes; ++c) {
      const auto area = random() % 2 ? std::min(header, copy.size()) : copy.size();
      const auto at = random() % area;
      switch (random() % 4) {
        case 0: copy[at] = static_cast<std::uint8_t>(random()); break;
        case 1: copy[at] ^= static_cast<std::uint8_t>(1u << (random() % 8)); break;
        case 2: copy[at] = extreme[random() % 8]; break;
        default:
          for (std::size_t k = at; k < std::min(at + 4, copy.size()); ++k) copy[k] = extreme[random() % 2];
      }
    }
    use(base::Bytes(copy));
  }
}

}  // namespace parse
