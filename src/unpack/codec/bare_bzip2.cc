// bzip2 as NSIS stores it: one byte 0x31 before a block, 0x17 at the end, no checksums and no
// randomised blocks. The rest is bzip2's: Huffman groups, move to front, Burrows-Wheeler, run lengths.
#include <numeric>

#include "unpack/codec/bits.h"
#include "unpack/codec/methods.h"

namespace unpack::codec {
namespace {

using base::Trouble;
constexpr std::uint32_t most_block = 900'000;
constexpr std::size_t bzip2_piece = 65536;

class BareBzip2 {
 public:
  BareBzip2(base::Bytes bytes, const stream::Take& take) : in_(bytes), take_(take) { out_.reserve(bzip2_piece); }

  stream::Decoded run() {
    stream::Decoded done;
    done.end = blocks();
    if (!out_.empty()) flush();
    if (!given_) done.end = given_;
    done.consumed = in_.used();
    done.produced = made_;
    return done;
  }

 private:
  base::Result<> blocks() {
    while (true) {
      const auto mark = in_.get(8);
      if (in_.overrun()) return base::fail(Trouble::truncated, "the bzip2 data end early");
      if (mark == 0x17) return {};
      if (mark != 0x31) return base::fail(Trouble::malformed, "a bzip2 block begins with 0x{:02x}", mark);
      CHECK_OK(block());
      if (!given_) return given_;
    }
  }

  base::Result<> block() {
    const auto origin = in_.get(24);
    std::array<std::uint8_t, 256> symbols{};
    unsigned used = 0;
    const auto groups = in_.get(16);
    for (unsigned g = 0; g < 16; ++g) {
      if (!(groups >> (15 - g) & 1)) continue;
      const auto members = in_.get(16);
      for (unsigned i = 0; i < 16; ++i)
        if (members >> (15 - i) & 1) symbols[used++] = static_cast<std::uint8_t>(g * 16 + i);
    }
    const auto tables = in_.get(3), selectors = in_.get(15);
    if (used == 0 || tables < 2 || tables > 6 || selectors == 0 || in_.overrun()) return base::fail(Trouble::malformed, "a bzip2 block's tables are damaged");
    std::vector<std::uint8_t> choice(selectors);
    std::array<std::uint8_t, 6> front{};
    std::iota(front.begin(), front.end(), std::uint8_t{0});
    for (auto& c : choice) {
      unsigned n = 0;
      while (n < tables && in_.get(1)) ++n;
      if (n >= tables || in_.overrun()) return base::fail(Trouble::malformed, "a bzip2 block's tables are damaged");
      c = front[n];
      for (; n; --n) front[n] = front[n - 1];
      front[0] = c;
    }
    const unsigned alphabet = used + 2;
    for (unsigned t = 0; t < tables; ++t) CHECK_OK(table(codes_[t], alphabet));
    CHECK_OK(symbols_of(choice, symbols, alphabet));
    return undo(origin);
  }

  base::Result<> table(Prefix<258, 20>& codes, unsigned alphabet) {
    std::array<std::uint8_t, 258> lengths{};
    unsigned length = in_.get(5);
    for (unsigned s = 0; s < alphabet; ++s) {
      while (in_.get(1)) {
        if (in_.get(1)) --length;
        else ++length;
        if (length < 1 || length > 20 || in_.overrun()) return base::fail(Trouble::malformed, "a bzip2 block's tables are damaged");
      }
      if (length < 1 || length > 20) return base::fail(Trouble::malformed, "a bzip2 block's tables are damaged");
      lengths[s] = static_cast<std::uint8_t>(length);
    }
    if (!codes.build(std::span<const std::uint8_t>(lengths).first(alphabet))) return base::fail(Trouble::malformed, "a bzip2 block's tables are damaged");
    return {};
  }

  // Huffman and move to front; the transformed block comes to stand in the low bytes of block_.
  base::Result<> symbols_of(const std::vector<std::uint8_t>& choice, std::array<std::uint8_t, 256>& front, unsigned alphabet) {
    block_.clear();
    std::uint64_t run = 0, weight = 1;
    for (std::size_t n = 0;; ++n) {
      if (n / 50 >= choice.size()) return base::fail(Trouble::malformed, "a bzip2 block has no end");
      const int s = codes_[choice[n / 50]].decode(in_);
      if (s < 0 || in_.overrun()) return base::fail(in_.overrun() ? Trouble::truncated : Trouble::malformed, "a bzip2 symbol is none of the table's");
      if (s < 2) {
        run += weight << s;
        weight <<= 1;
        if (run > most_block) return base::fail(Trouble::malformed, "a bzip2 block is too large");
        continue;
      }
      if (run) {
        if (block_.size() + run > most_block) return base::fail(Trouble::malformed, "a bzip2 block is too large");
        block_.insert(block_.end(), run, front[0]);
        run = 0;
      }
      weight = 1;
      if (static_cast<unsigned>(s) == alphabet - 1) return {};
      if (block_.size() >= most_block) return base::fail(Trouble::malformed, "a bzip2 block is too large");
      const auto index = static_cast<unsigned>(s) - 1;
      const auto value = front[index];
      for (auto i = index; i; --i) front[i] = front[i - 1];
      front[0] = value;
      block_.push_back(value);
    }
  }

  base::Result<> undo(std::uint32_t origin) {
    if (origin >= block_.size()) return block_.empty() ? base::Result<>{} : base::fail(Trouble::malformed, "a bzip2 block's origin lies outside");
    std::array<std::uint32_t, 257> starts{};
    for (const auto v : block_) ++starts[(v & 0xFF) + 1];
    for (unsigned i = 1; i <= 256; ++i) starts[i] += starts[i - 1];
    for (std::uint32_t i = 0; i < block_.size(); ++i) block_[starts[block_[i] & 0xFF]++] |= i << 8;
    auto at = block_[origin] >> 8;
    unsigned repeats = 0;
    int before = -1;
    for (std::size_t n = 0; n < block_.size() && given_; ++n) {
      const auto value = static_cast<std::uint8_t>(block_[at]);
      at = block_[at] >> 8;
      if (repeats == 4) {
        for (unsigned i = 0; i < value; ++i) put(static_cast<std::uint8_t>(before));
        repeats = 0;
        before = -1;
        continue;
      }
      repeats = value == before ? repeats + 1 : 1;
      before = value;
      put(value);
    }
    return given_;
  }

  void put(std::uint8_t b) {
    out_.push_back(b);
    if (out_.size() == bzip2_piece) flush();
  }
  void flush() {
    if (given_) given_ = take_(out_);
    made_ += out_.size();
    out_.clear();
  }

  Bits<Order::msb> in_;
  const stream::Take& take_;
  base::Buffer out_;
  base::Result<> given_;
  std::uint64_t made_ = 0;
  std::array<Prefix<258, 20>, 6> codes_;
  std::vector<std::uint32_t> block_;
};

}  // namespace

stream::Decoded bare_bzip2(base::Bytes bytes, const stream::Take& take) { return BareBzip2(bytes, take).run(); }

}  // namespace unpack::codec
