// See tlsh_digest.h.
#include "examine/likeness/tlsh_digest.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace examine::likeness_parts {
namespace {

using Table = std::array<std::uint8_t, 256>;

/// The permutation of Pearson, "Fast Hashing of Variable-Length Text Strings" (CACM 33, 6, 1990).
constexpr Table permutation = {
    1, 87, 49, 12, 176, 178, 102, 166, 121, 193, 6, 84, 249, 230, 44, 163, 14, 197, 213, 181, 161, 85, 218, 80,
    64, 239, 24, 226, 236, 142, 38, 200, 110, 177, 104, 103, 141, 253, 255, 50, 77, 101, 81, 18, 45, 96, 31, 222,
    25, 107, 190, 70, 86, 237, 240, 34, 72, 242, 20, 214, 244, 227, 149, 235, 97, 234, 57, 22, 60, 250, 82, 175,
    208, 5, 127, 199, 111, 62, 135, 248, 174, 169, 211, 58, 66, 154, 106, 195, 245, 171, 17, 187, 182, 179, 0, 243,
    132, 56, 148, 75, 128, 133, 158, 100, 130, 126, 91, 13, 153, 246, 216, 219, 119, 68, 223, 78, 83, 88, 201, 99,
    122, 11, 92, 32, 136, 114, 52, 10, 138, 30, 48, 183, 156, 35, 61, 26, 143, 74, 251, 94, 129, 162, 63, 152,
    170, 7, 115, 167, 241, 206, 3, 150, 55, 59, 151, 220, 90, 53, 23, 131, 125, 173, 15, 238, 79, 95, 89, 16,
    105, 137, 225, 224, 217, 160, 37, 123, 118, 73, 2, 157, 46, 116, 9, 145, 134, 228, 207, 212, 202, 215, 69, 229,
    27, 188, 67, 124, 168, 252, 42, 4, 29, 108, 21, 247, 19, 205, 39, 203, 233, 40, 186, 147, 198, 192, 155, 33,
    164, 191, 98, 204, 165, 180, 117, 76, 140, 36, 210, 172, 41, 54, 159, 8, 185, 232, 113, 196, 231, 47, 146, 120,
    51, 65, 28, 144, 254, 221, 93, 189, 194, 139, 112, 43, 71, 109, 184, 209};

constexpr std::size_t window = 5;
constexpr std::size_t least = 256;
constexpr std::size_t buckets = 128;

/// The hash of a salt and a first byte, made beforehand: two steps of four are left.
constexpr Table after(std::uint8_t salt) {
  Table out{};
  for (unsigned i = 0; i < 256; ++i) out[i] = permutation[permutation[salt] ^ i];
  return out;
}

struct Counted {
  std::array<std::uint32_t, 256> of{};
  std::uint8_t checksum = 0;
};

/// Each byte with three of its four predecessors, in the six ways to choose two, under six salts.
Counted count(base::Bytes bytes) {
  static constexpr Table check = after(0), s2 = after(2), s3 = after(3), s5 = after(5), s7 = after(7), s11 = after(11), s13 = after(13);
  Counted out;
  auto& of = out.of;
  std::uint8_t b = bytes[3], c = bytes[2], d = bytes[1], e = bytes[0];
  for (const std::uint8_t a : bytes.subspan(window - 1)) {
    out.checksum = permutation[permutation[check[a] ^ b] ^ out.checksum];
    const std::uint8_t s2b = permutation[s2[a] ^ b], s3b = permutation[s3[a] ^ b], s5c = permutation[s5[a] ^ c];
    const std::uint8_t s7c = permutation[s7[a] ^ c], s11b = permutation[s11[a] ^ b], s13d = permutation[s13[a] ^ d];
    ++of[permutation[s2b ^ c]];
    ++of[permutation[s3b ^ d]];
    ++of[permutation[s5c ^ d]];
    ++of[permutation[s7c ^ e]];
    ++of[permutation[s11b ^ e]];
    ++of[permutation[s13d ^ e]];
    e = d, d = c, c = b, b = a;
  }
  return out;
}

/// The logarithm of the length to three bases, each for a range of lengths.
std::uint8_t length_code(std::size_t size) {
  const auto log = std::log(static_cast<float>(size));
  if (size <= 656) return static_cast<std::uint8_t>(static_cast<int>(std::floor(log / 0.4054651f)));
  if (size <= 3199) return static_cast<std::uint8_t>(static_cast<int>(std::floor(log / 0.26236426f - 8.72777f)));
  return static_cast<std::uint8_t>(static_cast<int>(std::floor(log / 0.095310180f - 62.5472f)));
}

unsigned ratio(std::uint32_t quartile, std::uint32_t third) { return static_cast<unsigned>(static_cast<float>(quartile * 100) / static_cast<float>(third)) % 16; }

void append(std::string& out, unsigned byte) {
  static constexpr char digits[] = "0123456789ABCDEF";
  out += digits[byte >> 4 & 15];
  out += digits[byte & 15];
}

unsigned swapped(unsigned byte) { return (byte << 4 & 0xf0) | (byte >> 4 & 15); }

}  // namespace

std::string tlsh_digest(base::Bytes bytes) {
  if (bytes.size() < least) return {};
  const auto counted = count(bytes);
  const auto& of = counted.of;
  std::array<std::uint32_t, buckets> sorted;
  std::copy_n(of.begin(), buckets, sorted.begin());
  if (std::ranges::count(sorted, 0u) >= static_cast<std::ptrdiff_t>(buckets / 2)) return {};
  std::ranges::sort(sorted);
  const auto q1 = sorted[buckets / 4 - 1], q2 = sorted[buckets / 2 - 1], q3 = sorted[buckets * 3 / 4 - 1];
  std::string out;
  append(out, swapped(counted.checksum));
  append(out, swapped(length_code(bytes.size())));
  append(out, ratio(q1, q3) << 4 | ratio(q2, q3));
  for (std::size_t i = buckets; i > 0; i -= 4) {
    unsigned code = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto n = of[i - 1 - k];
      code = code << 2 | (n > q3 ? 3u : n > q2 ? 2u : n > q1 ? 1u : 0u);
    }
    append(out, code);
  }
  return out;
}

}  // namespace examine::likeness_parts
