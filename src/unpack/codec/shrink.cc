// The oldest methods of zip: shrink (LZW), reduce (follower sets) and implode (Shannon-Fano).
// APPNOTE 5.1 to 5.3.
#include <bit>

#include "unpack/codec/bits.h"
#include "unpack/codec/methods.h"
#include "unpack/codec/window.h"

namespace unpack::codec {
namespace {

using base::Trouble;
using ShrinkInput = Bits<Order::lsb>;

stream::Decoded close_stream(ShrinkInput& in, Window& out, base::Result<> end) {
  stream::Decoded done;
  const auto rest = out.finish();
  done.end = rest ? std::move(end) : rest;
  done.consumed = in.used();
  done.produced = out.made();
  return done;
}

class Shrunk {
 public:
  Shrunk(base::Bytes bytes, std::uint64_t size, const stream::Take& take) : in_(bytes), out_(8192, size, take) {
    parent_.fill(unused);
    for (unsigned i = 0; i < 256; ++i) parent_[i] = root, value_[i] = static_cast<std::uint8_t>(i);
  }
  stream::Decoded run() { return close_stream(in_, out_, codes()); }

 private:
  static constexpr std::uint16_t unused = 0xFFFF, root = 0xFFFE;

  base::Result<> codes() {
    if (out_.full()) return {};
    auto before = in_.get(width_);
    if (before > 255) return base::fail(Trouble::malformed, "a shrunk stream begins with code {}", before);
    std::uint8_t first = static_cast<std::uint8_t>(before);
    out_.literal(first);
    while (!out_.full()) {
      const auto code = in_.get(width_);
      if (in_.overrun()) return base::fail(Trouble::truncated, "the shrunk data end early");
      if (out_.failed()) return {};
      if (code == 256) {
        const auto act = in_.get(width_);
        if (act == 1 && width_ < 13) ++width_;
        else if (act == 2) clear_leaves();
        else return base::fail(Trouble::malformed, "a shrunk stream's command is {}", act);
        continue;
      }
      std::uint8_t text[8193];
      std::size_t n = 0;
      auto at = static_cast<std::uint16_t>(code);
      if (parent_[at] == unused) {  // the code that is about to be made
        text[n++] = first;
        at = static_cast<std::uint16_t>(before);
      }
      for (; at != root; at = parent_[at]) {
        if (at == unused || n > 8192) return base::fail(Trouble::malformed, "a shrunk stream's codes loop");
        text[n++] = value_[at];
      }
      first = text[n - 1];
      while (n && !out_.full()) out_.literal(text[--n]);
      while (++free_ < 8192 && parent_[free_] != unused) continue;
      if (free_ < 8192) {
        parent_[free_] = static_cast<std::uint16_t>(before);
        value_[free_] = first;
      } else {
        free_ = 8191;
      }
      before = code;
    }
    return {};
  }
  void clear_leaves() {
    std::array<bool, 8192> inner{};
    for (unsigned i = 257; i < 8192; ++i)
      if (parent_[i] < 8192) inner[parent_[i]] = true;
    for (unsigned i = 257; i < 8192; ++i)
      if (!inner[i]) parent_[i] = unused;
    free_ = 256;
  }

  ShrinkInput in_;
  Window out_;
  unsigned width_ = 9, free_ = 256;
  std::array<std::uint16_t, 8192> parent_{};
  std::array<std::uint8_t, 8192> value_{};
};

// A tree's lengths: a byte gives how many bytes follow, each a length and a count.
template <std::size_t n>
bool read_tree(ShrinkInput& in, Prefix<n>& tree) {
  std::array<std::uint8_t, n> lengths{};
  std::size_t at = 0;
  for (auto pairs = in.get(8) + 1; pairs; --pairs) {
    const auto length = static_cast<std::uint8_t>(in.get(4) + 1);
    for (auto count = in.get(4) + 1; count; --count) {
      if (at == n) return false;
      lengths[at++] = length;
    }
  }
  return at == n && !in.overrun() && tree.build(lengths);
}

base::Result<> imploded(ShrinkInput& in, Window& out, bool large_window, bool literal_tree) {
  Prefix<256> literals;
  Prefix<64> lengths, distances;
  if ((literal_tree && !read_tree(in, literals)) || !read_tree(in, lengths) || !read_tree(in, distances)) return base::fail(Trouble::malformed, "a tree of the imploded data is damaged");
  const unsigned low_bits = large_window ? 7 : 6;
  while (!out.full()) {
    if (in.overrun()) return base::fail(Trouble::truncated, "the imploded data end early");
    if (out.failed()) return {};
    if (in.get(1)) {
      const int s = literal_tree ? literals.decode(in, true) : static_cast<int>(in.get(8));
      if (s < 0) return base::fail(Trouble::malformed, "an imploded symbol is none of the tree's");
      out.literal(static_cast<std::uint8_t>(s));
      continue;
    }
    const auto low = in.get(low_bits);
    const int high = distances.decode(in, true), length = lengths.decode(in, true);
    if (high < 0 || length < 0) return base::fail(Trouble::malformed, "an imploded symbol is none of the tree's");
    const std::uint64_t more = length == 63 ? in.get(8) : 0;
    out.copy((static_cast<std::uint64_t>(high) << low_bits | low) + 1, static_cast<unsigned>(length) + more + (literal_tree ? 3 : 2));
  }
  return {};
}

base::Result<> reduced(ShrinkInput& in, Window& out, unsigned factor) {
  std::array<std::array<std::uint8_t, 64>, 256> followers{};
  std::array<std::uint8_t, 256> count{};
  for (int i = 255; i >= 0; --i) {
    auto& n = count[static_cast<std::size_t>(i)];
    n = static_cast<std::uint8_t>(in.get(6));
    for (unsigned k = 0; k < n; ++k) followers[static_cast<std::size_t>(i)][k] = static_cast<std::uint8_t>(in.get(8));
  }
  std::uint8_t before = 0;
  const auto next = [&]() -> unsigned {
    const auto n = count[before];
    if (n == 0 || in.get(1)) return before = static_cast<std::uint8_t>(in.get(8));
    return before = followers[before][in.get(n < 3 ? 1 : static_cast<unsigned>(std::bit_width(n - 1u))) & 63];
  };
  const unsigned mask = 0xFFu >> factor;
  while (!out.full()) {
    if (in.overrun()) return base::fail(Trouble::truncated, "the reduced data end early");
    if (out.failed()) return {};
    const auto c = next();
    if (c != 144) {
      out.literal(static_cast<std::uint8_t>(c));
      continue;
    }
    const auto v = next();
    if (v == 0) {
      out.literal(144);
      continue;
    }
    std::uint64_t length = v & mask;
    if (length == mask) length += next();
    out.copy((v >> (8 - factor)) * 256 + next() + 1, length + 3);
  }
  return {};
}

}  // namespace

stream::Decoded unshrink(base::Bytes bytes, std::uint64_t size, const stream::Take& take) { return Shrunk(bytes, size, take).run(); }

stream::Decoded expand_reduced(base::Bytes bytes, unsigned factor, std::uint64_t size, const stream::Take& take) {
  ShrinkInput in(bytes);
  Window out(8192, size, take);
  return close_stream(in, out, reduced(in, out, factor));
}

stream::Decoded explode(base::Bytes bytes, bool large_window, bool literal_tree, std::uint64_t size, const stream::Take& take) {
  ShrinkInput in(bytes);
  Window out(16384, size, take);
  return close_stream(in, out, imploded(in, out, large_window, literal_tree));
}

}  // namespace unpack::codec
