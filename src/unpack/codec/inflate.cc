// Variants of deflate that zlib does not read. RFC 1951; APPNOTE 5.5 for Deflate64.
#include "unpack/codec/bits.h"
#include "unpack/codec/methods.h"
#include "unpack/codec/window.h"

namespace unpack::codec {
namespace {

using base::Trouble;
using LsbInput = Bits<Order::lsb>;

constexpr std::array<std::uint8_t, 19> order_of_lengths = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

class Inflater {
 public:
  Inflater(base::Bytes bytes, Inflate variant, const stream::Take& take)
      : in_(bytes), wide_(variant == Inflate::deflate64), out_(wide_ ? 65536 : 32768, UINT64_MAX, take), variant_(variant) {}

  stream::Decoded run() {
    stream::Decoded done;
    done.end = blocks();
    const auto rest = out_.finish();
    if (!rest) done.end = rest;
    done.consumed = in_.used();
    done.produced = out_.made();
    return done;
  }

 private:
  base::Result<> blocks() {
    for (bool last = false; !last;) {
      last = in_.get(1);
      const auto type = in_.get(2);
      if (in_.overrun()) return base::fail(Trouble::truncated, "the deflated data end early");
      if (type == 0) CHECK_OK(stored());
      else if (type == 1) CHECK_OK(fixed());
      else if (type == 2) CHECK_OK(dynamic());
      else return base::fail(Trouble::malformed, "a deflate block of type 3");
    }
    return {};
  }
  base::Result<> stored() {
    in_.align();
    const auto size = in_.get(16);
    if (variant_ != Inflate::nsis && in_.get(16) != (size ^ 0xFFFF)) return base::fail(Trouble::malformed, "the length of a stored block is damaged");
    const auto raw = in_.raw(size);
    for (const auto b : raw) out_.literal(b);
    if (raw.size() < size) return base::fail(Trouble::truncated, "the deflated data end early");
    return out_.failed() ? out_.finish() : base::Result<>{};
  }
  base::Result<> fixed() {
    std::array<std::uint8_t, 288> lengths{};
    for (unsigned i = 0; i < 288; ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    std::array<std::uint8_t, 32> distances{};
    distances.fill(5);
    literals_.build(lengths);
    distances_.build(distances);
    return codes();
  }
  base::Result<> dynamic() {
    const auto literals = in_.get(5) + 257, distances = in_.get(5) + 1, counts = in_.get(4) + 4;
    std::array<std::uint8_t, 19> small{};
    for (unsigned i = 0; i < counts; ++i) small[order_of_lengths[i]] = static_cast<std::uint8_t>(in_.get(3));
    Prefix<19> tree;
    std::array<std::uint8_t, 320> lengths{};
    if (literals > 288 || !tree.build(small)) return base::fail(Trouble::malformed, "a deflate tree is damaged");
    for (unsigned i = 0; i < literals + distances;) {
      const int s = tree.decode(in_);
      if (s < 0 || in_.overrun() || (s == 16 && i == 0)) return base::fail(Trouble::malformed, "a deflate tree is damaged");
      if (s < 16) {
        lengths[i++] = static_cast<std::uint8_t>(s);
        continue;
      }
      const auto value = s == 16 ? lengths[i - 1] : std::uint8_t{0};
      auto run = s == 16 ? 3 + in_.get(2) : s == 17 ? 3 + in_.get(3) : 11 + in_.get(7);
      if (run > literals + distances - i) return base::fail(Trouble::malformed, "a deflate tree is damaged");
      for (; run; --run) lengths[i++] = value;
    }
    const std::span<const std::uint8_t> all(lengths);
    if (!literals_.build(all.first(literals)) || !distances_.build(all.subspan(literals, distances))) return base::fail(Trouble::malformed, "a deflate tree is damaged");
    return codes();
  }
  base::Result<> codes() {
    while (true) {
      const int s = literals_.decode(in_);
      if (in_.overrun()) return base::fail(Trouble::truncated, "the deflated data end early");
      if (s < 0) return base::fail(Trouble::malformed, "a deflate symbol is none of the tree's");
      if (s == 256) return {};
      if (s < 256) {
        out_.literal(static_cast<std::uint8_t>(s));
      } else {
        const auto size = length(static_cast<unsigned>(s) - 257);
        const int d = distances_.decode(in_);
        if (d < 0 || (!wide_ && d > 29) || s > 285) return base::fail(Trouble::malformed, "a deflate symbol is none of the tree's");
        const auto slot = static_cast<unsigned>(d), extra = slot < 2 ? 0 : slot / 2 - 1;
        const std::uint64_t back = slot < 2 ? slot + 1 : 1 + (std::uint64_t{2 + (slot & 1)} << extra) + in_.get(extra);
        if (back > out_.made() || !out_.copy(back, size)) return base::fail(Trouble::malformed, "a deflate match points before the start");
      }
      if (out_.failed()) return out_.finish();
    }
  }
  std::uint64_t length(unsigned slot) {
    if (slot < 8) return 3 + slot;
    if (slot == 28) return wide_ ? 3 + in_.get(16) : 258;
    const auto extra = slot / 4 - 1;
    return 3 + (std::uint64_t{4 + (slot & 3)} << extra) + in_.get(extra);
  }

  LsbInput in_;
  bool wide_;
  Window out_;
  Inflate variant_;
  Prefix<288> literals_;
  Prefix<32> distances_;
};

}  // namespace

stream::Decoded inflate(base::Bytes bytes, Inflate variant, const stream::Take& take) { return Inflater(bytes, variant, take).run(); }

}  // namespace unpack::codec
