// LZH: blocks of Huffman codes over a sliding window, as LHA (lh4 to lh7) and ARJ (1 to 3) have it;
// ARJ's method 4; LZSS of SZDD; PKWARE's library. Facts: LHA's header and method notes; ARJ's
// technical note; ftp.uu.net comp.compression notes on the library's format.
#include "unpack/codec/bits.h"
#include "unpack/codec/methods.h"
#include "unpack/codec/window.h"

namespace unpack::codec {
namespace {

using base::Trouble;

template <class In>
stream::Decoded end_stream(In& in, Window& out, base::Result<> end) {
  stream::Decoded done;
  const auto rest = out.finish();
  done.end = rest ? std::move(end) : rest;
  done.consumed = in.used();
  done.produced = out.made();
  return done;
}

class Lzh {
 public:
  Lzh(base::Bytes bytes, unsigned window, unsigned positions_bits, std::uint64_t size, const stream::Take& take)
      : in_(bytes), out_(std::uint64_t{1} << window, size, take, ' '), positions_(window + 1), positions_bits_(positions_bits) {}
  stream::Decoded run() { return end_stream(in_, out_, blocks()); }

 private:
  base::Result<> blocks() {
    while (!out_.full()) {
      auto left = in_.get(16);
      if (in_.overrun()) return base::fail(Trouble::truncated, "the LZH data end early");
      if (!code_lengths() || !position_lengths()) return base::fail(Trouble::malformed, "a tree of the LZH data is damaged");
      for (; left && !out_.full(); --left) {
        const int s = one_symbol_ >= 0 ? one_symbol_ : codes_.decode(in_);
        if (s < 0) return base::fail(Trouble::malformed, "an LZH symbol is none of the tree's");
        if (in_.overrun()) return base::fail(Trouble::truncated, "the LZH data end early");
        if (s < 256) {
          out_.literal(static_cast<std::uint8_t>(s));
        } else {
          const int p = one_position_ >= 0 ? one_position_ : positions_code_.decode(in_);
          if (p < 0) return base::fail(Trouble::malformed, "an LZH symbol is none of the tree's");
          const auto slot = static_cast<unsigned>(p);
          const std::uint64_t back = slot < 2 ? slot : (std::uint64_t{1} << (slot - 1)) + in_.get(slot - 1);
          if (!out_.copy(back + 1, static_cast<unsigned>(s) - 256 + 3)) return base::fail(Trouble::malformed, "an LZH match leaves the window");
        }
        if (out_.failed()) return {};
      }
    }
    return {};
  }

  // Lengths of 3 bits, 7 and more in unary.
  unsigned short_length() {
    unsigned length = in_.get(3);
    if (length == 7)
      while (length < 17 && in_.get(1)) ++length;
    return length;
  }
  bool code_lengths() {
    Prefix<19> small;
    int one_small = -1;
    auto n = in_.get(5);
    if (n == 0) {
      one_small = static_cast<int>(in_.get(5));
    } else {
      std::array<std::uint8_t, 19> lengths{};
      if (n > 19) return false;
      for (unsigned i = 0; i < n;) {
        lengths[i++] = static_cast<std::uint8_t>(short_length());
        if (i == 3) i += in_.get(2);
        if (i > 19) return false;
      }
      if (!small.build(lengths)) return false;
    }
    n = in_.get(9);
    one_symbol_ = -1;
    if (n == 0) {
      one_symbol_ = static_cast<int>(in_.get(9));
      return one_symbol_ < 510;
    }
    std::array<std::uint8_t, 510> lengths{};
    if (n > 510) return false;
    for (unsigned i = 0; i < n;) {
      const int s = one_small >= 0 ? one_small : small.decode(in_);
      if (s < 0 || in_.overrun()) return false;
      if (s > 2) {
        if (s > 18) return false;
        lengths[i++] = static_cast<std::uint8_t>(s - 2);
      } else {
        i += s == 0 ? 1 : s == 1 ? in_.get(4) + 3 : in_.get(9) + 20;
      }
      if (i > 510) return false;
    }
    return codes_.build(lengths);
  }
  bool position_lengths() {
    const auto n = in_.get(positions_bits_);
    one_position_ = -1;
    if (n == 0) {
      one_position_ = static_cast<int>(in_.get(positions_bits_));
      return one_position_ < static_cast<int>(positions_);
    }
    std::array<std::uint8_t, 32> lengths{};
    if (n > positions_ || n > lengths.size()) return false;
    for (unsigned i = 0; i < n; ++i) lengths[i] = static_cast<std::uint8_t>(short_length());
    return !in_.overrun() && positions_code_.build(lengths);
  }

  Bits<Order::msb> in_;
  Window out_;
  unsigned positions_, positions_bits_;
  int one_symbol_ = -1, one_position_ = -1;
  Prefix<510> codes_;
  Prefix<32> positions_code_;
};

// Unary prefix of `from` to `to` bits that says how many bits the value has.
std::uint32_t arj_value(Bits<Order::msb>& in, unsigned from, unsigned to) {
  std::uint32_t base = 0;
  unsigned width = from;
  for (; width < to && in.get(1); ++width) base += 1u << width;
  return base + in.get(width);
}

}  // namespace

stream::Decoded lzh(base::Bytes bytes, unsigned window, unsigned positions_bits, std::uint64_t size, const stream::Take& take) {
  return Lzh(bytes, window, positions_bits, size, take).run();
}

stream::Decoded arj_fastest(base::Bytes bytes, std::uint64_t size, const stream::Take& take) {
  Bits<Order::msb> in(bytes);
  Window out(32768, size, take);
  base::Result<> end;
  while (!out.full() && !out.failed()) {
    const auto length = arj_value(in, 0, 7);
    if (in.overrun()) {
      end = base::fail(Trouble::truncated, "the ARJ data end early");
      break;
    }
    if (length == 0) out.literal(static_cast<std::uint8_t>(in.get(8)));
    else if (!out.copy(std::uint64_t{arj_value(in, 9, 13)} + 1, length + 2)) {
      end = base::fail(Trouble::malformed, "an ARJ match leaves the window");
      break;
    }
  }
  return end_stream(in, out, std::move(end));
}

stream::Decoded lzss(base::Bytes bytes, unsigned start, std::uint64_t size, const stream::Take& take) {
  Bits<Order::lsb> in(bytes);
  Window out(4096, size, take, ' ');
  base::Result<> end;
  // The place in the ring is part of the format: matches name a place, not a distance.
  std::uint64_t at = start;
  unsigned flags = 1;
  while (!out.full() && !out.failed()) {
    if (in.used() == bytes.size()) break;  // no end mark: it ends where the input does
    if (flags == 1) {
      flags = in.get(8) | 0x100;
      if (in.used() == bytes.size()) break;
    }
    const bool literal = flags & 1;
    flags >>= 1;
    if (literal) {
      out.literal(static_cast<std::uint8_t>(in.get(8)));
      ++at;
      continue;
    }
    const auto low = in.get(8), high = in.get(8);
    if (in.overrun()) {
      end = base::fail(Trouble::truncated, "the LZSS data end early");
      break;
    }
    const std::uint64_t place = low | (high & 0xF0) << 4, length = (high & 15) + 3;
    auto back = (at - place) & 4095;
    if (back == 0) back = 4096;
    out.copy(back, length);
    at += length;
  }
  if (end && size != UINT64_MAX && !out.full()) end = base::fail(Trouble::truncated, "the LZSS data end early");
  return end_stream(in, out, std::move(end));
}

stream::Decoded explode_library(base::Bytes bytes, const stream::Take& take) {
  // The fixed codes of the format, as counts of codes by run: (length - 1) | count - 1 << 4 would be zip's form; here lengths in order.
  static constexpr std::array<std::uint8_t, 16> length_lengths = {3, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 7, 7};
  static constexpr std::array<std::uint8_t, 16> length_extra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
  static constexpr std::array<std::uint16_t, 16> length_bases = {3, 2, 4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 40, 72, 136, 264};
  std::array<std::uint8_t, 64> distance_lengths{};
  for (unsigned i = 0; i < 64; ++i) distance_lengths[i] = i == 0 ? 2 : i < 3 ? 4 : i < 7 ? 5 : i < 22 ? 6 : i < 48 ? 7 : 8;
  Prefix<16> lengths;
  Prefix<64> distances;
  lengths.build(length_lengths);
  distances.build(distance_lengths);
  Bits<Order::lsb> in(bytes);
  Window out(4096, UINT64_MAX, take);
  base::Result<> end;
  const auto literal = in.get(8), bits = in.get(8);
  if (literal > 1 || bits < 4 || bits > 6) end = base::fail(Trouble::malformed, "the header of the imploded data is damaged");
  else if (literal == 1) end = base::fail(Trouble::unsupported, "imploded data with coded literals are not read");
  while (end && !out.failed()) {
    if (in.overrun()) {
      end = base::fail(Trouble::truncated, "the imploded data end early");
      break;
    }
    if (!in.get(1)) {
      out.literal(static_cast<std::uint8_t>(in.get(8)));
      continue;
    }
    const int l = lengths.decode(in, true);
    if (l < 0) {
      end = base::fail(Trouble::malformed, "an imploded symbol is none of the tree's");
      break;
    }
    const auto slot = static_cast<std::size_t>(l);
    const std::uint64_t length = length_bases[slot] + std::uint64_t{in.get(length_extra[slot])};
    if (length == 519) break;  // the end mark
    const int d = distances.decode(in, true);
    const unsigned low = length == 2 ? 2 : bits;
    const std::uint64_t back = (static_cast<std::uint64_t>(d) << low) + in.get(low) + 1;
    if (d < 0 || back > out.made() || !out.copy(back, length)) {
      end = base::fail(Trouble::malformed, "an imploded match points before the start");
      break;
    }
  }
  return end_stream(in, out, std::move(end));
}

}  // namespace unpack::codec
