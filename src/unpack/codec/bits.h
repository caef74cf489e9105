// Bits and prefix codes for the decoders of old archive methods. Reads past the end give zeros and
// are counted, so that a decoder's loop can stop at the first look; nothing here allocates by what
// the input claims.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace unpack::codec {

/// How the bits of a stream are stored.
enum class Order {
  lsb,       ///< lowest bit of each byte first: deflate, implode
  msb,       ///< highest bit of each byte first: LZH
  msb_words  ///< highest bit of little-endian 16-bit words first: LZX
};

template <Order order>
class Bits {
 public:
  explicit Bits(base::Bytes bytes) : bytes_(bytes) {}

  /// The next n bits (at most 32) without taking them.
  std::uint32_t peek(unsigned n) {
    fill(n);
    if (n == 0) return 0;
    if constexpr (order == Order::lsb) return static_cast<std::uint32_t>(buffer_ & ((std::uint64_t{1} << n) - 1));
    else return static_cast<std::uint32_t>(buffer_ >> (64 - n));
  }
  void drop(unsigned n) {
    if constexpr (order == Order::lsb) buffer_ >>= n;
    else buffer_ <<= n;
    count_ -= n;
  }
  std::uint32_t get(unsigned n) {
    const auto value = peek(n);
    drop(n);
    return value;
  }
  /// True once bits were used that the input does not hold.
  bool overrun() const { return count_ < missing_; }
  /// Input bytes that were used, whole or in part.
  std::uint64_t used() const { return overrun() ? bytes_.size() : at_ - (count_ - missing_) / 8; }
  /// Goes to the next byte (or word); bits in between are dropped.
  void align() {
    constexpr unsigned unit = order == Order::msb_words ? 16 : 8;
    drop(count_ % unit);
  }
  /// Bytes as they stand, after align(); fewer where the input ends.
  base::Bytes raw(std::uint64_t n) {
    const auto from = used();
    const auto out = base::slice(bytes_, from, n);
    buffer_ = 0;
    count_ = missing_ = 0;
    at_ = from + out.size();
    if (out.size() < n) missing_ = 1;  // overrun from here on
    return out;
  }

 private:
  void fill(unsigned n) {
    while (count_ < n) {
      if constexpr (order == Order::msb_words) {
        if (at_ + 2 <= bytes_.size()) {
          put(bytes_[at_] | static_cast<std::uint32_t>(bytes_[at_ + 1]) << 8, 16);
          at_ += 2;
          continue;
        }
        put(at_ < bytes_.size() ? bytes_[at_] : 0u, 16);
        if (at_ < bytes_.size()) ++at_;
        else missing_ += 16;
      } else {
        const bool there = at_ < bytes_.size();
        put(there ? bytes_[at_] : 0u, 8);
        if (there) ++at_;
        else missing_ += 8;
      }
    }
  }
  void put(std::uint64_t value, unsigned n) {
    if constexpr (order == Order::lsb) buffer_ |= value << count_;
    else buffer_ |= value << (64 - n - count_);
    count_ += n;
  }

  base::Bytes bytes_;
  std::uint64_t at_ = 0, buffer_ = 0;
  unsigned count_ = 0, missing_ = 0;  ///< bits in the buffer, and how many of the last of them are made up
};

/// A canonical prefix code of at most `most` symbols and `longest` bits.
template <std::size_t most, unsigned longest = 16>
class Prefix {
 public:
  /// False for lengths that are no prefix code. Incomplete codes are taken; a missing code fails in decode().
  bool build(std::span<const std::uint8_t> lengths) {
    counts_.fill(0);
    quick_.fill(0);
    if (lengths.size() > most) return false;
    for (const auto l : lengths) {
      if (l > longest) return false;
      ++counts_[l];
    }
    counts_[0] = 0;
    std::array<std::uint16_t, longest + 2> starts{};
    std::array<std::uint32_t, longest + 2> codes{};
    std::int32_t left = 1;
    for (unsigned l = 1; l <= longest; ++l) {
      left = left * 2 - counts_[l];
      if (left < 0) return false;
      starts[l + 1] = static_cast<std::uint16_t>(starts[l] + counts_[l]);
      codes[l + 1] = (codes[l] + counts_[l]) << 1;
    }
    for (std::size_t s = 0; s < lengths.size(); ++s) {
      const auto l = lengths[s];
      if (l == 0) continue;
      symbols_[starts[l]++] = static_cast<std::uint16_t>(s);
      const auto code = codes[l]++;
      if (l > quick_bits) continue;
      for (std::uint32_t i = 0; i < 1u << (quick_bits - l); ++i) quick_[code << (quick_bits - l) | i] = static_cast<std::uint16_t>((s + 1) << 4 | l);
    }
    return true;
  }
  /// The next symbol; -1 where the bits are no code. `flip` turns every bit of the codes (implode).
  template <Order order>
  int decode(Bits<order>& bits, bool flip = false) const {
    static_assert(order != Order::lsb || longest == 16, "reversed() turns 16 bits");
    const auto window = (order == Order::lsb ? reversed(bits.peek(16)) : bits.peek(longest)) ^ (flip ? 0xFFFFu : 0u);
    if (const auto q = quick_[window >> (longest - quick_bits)]) {
      bits.drop(q & 15);
      return (q >> 4) - 1;
    }
    std::uint32_t first = 0, index = 0;
    for (unsigned l = 1; l <= longest; ++l) {
      const auto code = window >> (longest - l);
      const std::uint32_t n = counts_[l];
      if (code - first < n) {
        bits.drop(l);
        return symbols_[index + code - first];
      }
      index += n;
      first = (first + n) << 1;
    }
    return -1;
  }

 private:
  static constexpr unsigned quick_bits = 9;
  static_assert(most < 4096, "a quick entry keeps a symbol in 12 bits");
  static std::uint32_t reversed(std::uint32_t v) {
    v = (v & 0x5555) << 1 | (v >> 1 & 0x5555);
    v = (v & 0x3333) << 2 | (v >> 2 & 0x3333);
    v = (v & 0x0F0F) << 4 | (v >> 4 & 0x0F0F);
    return (v << 8 | v >> 8) & 0xFFFF;
  }
  std::array<std::uint16_t, longest + 1> counts_{};
  std::array<std::uint16_t, most> symbols_{};
  std::array<std::uint16_t, 1u << quick_bits> quick_{};
};

}  // namespace unpack::codec
