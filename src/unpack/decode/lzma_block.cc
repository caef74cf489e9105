// One LZMA block in memory; see lzma_raw.h. Written after the LZMA specification: the names of the
// tables are its names.
#include <algorithm>
#include <array>

#include "unpack/decode/lzma_raw.h"

namespace unpack::stream {
namespace {

using base::Trouble;
using Probability = std::uint16_t;
constexpr Probability half = 1 << 10;

template <std::size_t N>
using Probabilities = std::array<Probability, N>;

class RangeDecoder {
 public:
  explicit RangeDecoder(base::Bytes bytes) : in_(bytes) {
    spoilt_ = next() != 0;
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | next();
  }
  bool spoilt() const { return spoilt_; }
  bool at_rest() const { return code_ == 0 && at_ == in_.size() && overrun_ == 0; }
  bool finished() const { return code_ == 0; }
  std::uint64_t left() const { return in_.size() - at_; }
  bool overrun() const { return overrun_ > 0; }

  unsigned bit(Probability& p) {
    const std::uint32_t bound = (range_ >> 11) * p;
    unsigned symbol = 0;
    if (code_ < bound) {
      range_ = bound;
      p = static_cast<Probability>(p + ((2048 - p) >> 5));
    } else {
      range_ -= bound;
      code_ -= bound;
      p = static_cast<Probability>(p - (p >> 5));
      symbol = 1;
    }
    normalise();
    return symbol;
  }
  std::uint32_t direct(unsigned bits) {
    std::uint32_t value = 0;
    for (; bits; --bits) {
      range_ >>= 1;
      const bool one = code_ >= range_;
      if (one) code_ -= range_;
      value = value << 1 | (one ? 1u : 0u);
      normalise();
    }
    return value;
  }
  template <std::size_t N>
  unsigned tree(Probabilities<N>& p, unsigned bits) {
    unsigned m = 1;
    for (unsigned i = 0; i < bits; ++i) m = m << 1 | bit(p[m]);
    return m - (1u << bits);
  }
  unsigned reverse_tree(Probability* p, unsigned bits) {
    unsigned m = 1, symbol = 0;
    for (unsigned i = 0; i < bits; ++i) {
      const auto b = bit(p[m]);
      m = m << 1 | b;
      symbol |= b << i;
    }
    return symbol;
  }

 private:
  void normalise() {
    if (range_ >= 1u << 24) return;
    range_ <<= 8;
    code_ = code_ << 8 | next();
  }
  std::uint8_t next() {
    if (at_ < in_.size()) return in_[at_++];
    ++overrun_;
    return 0;
  }

  base::Bytes in_;
  std::uint64_t at_ = 0, overrun_ = 0;
  std::uint32_t range_ = 0xFFFFFFFF, code_ = 0;
  bool spoilt_ = false;
};

struct LengthDecoder {
  Probability choice = half, choice2 = half;
  std::array<Probabilities<8>, 16> low, mid;
  Probabilities<256> high;
  LengthDecoder() {
    for (auto& p : low) p.fill(half);
    for (auto& p : mid) p.fill(half);
    high.fill(half);
  }
  unsigned decode(RangeDecoder& in, unsigned pos_state) {
    if (!in.bit(choice)) return in.tree(low[pos_state], 3);
    if (!in.bit(choice2)) return 8 + in.tree(mid[pos_state], 3);
    return 16 + in.tree(high, 8);
  }
};

class BlockDecoder {
 public:
  BlockDecoder(base::Bytes bytes, const LzmaProperties& p, std::uint64_t most)
      : in_(bytes), lc_(p.lc), lp_mask_((1u << p.lp) - 1), pb_mask_((1u << p.pb) - 1), most_(most), literal_(std::size_t{0x300} << (p.lc + p.lp), half) {
    out_.reserve(std::min<std::uint64_t>(most, bytes.size() * 4 + 4096));
    is_match_.fill(half), is_rep_.fill(half), is_rep_g0_.fill(half), is_rep_g1_.fill(half), is_rep_g2_.fill(half), is_rep0_long_.fill(half);
    for (auto& p2 : pos_slot_) p2.fill(half);
    pos_.fill(half), align_.fill(half);
  }

  base::Result<LzmaBlock> run() {
    if (in_.spoilt()) return base::fail(Trouble::malformed, "an LZMA block does not begin as one");
    while (true) {
      rested_ = rested_ || in_.at_rest();
      if (out_.size() >= most_) return LzmaBlock{std::move(out_), rested_, in_.left()};
      if (in_.overrun()) {  // the last symbol read past the end
        out_.resize(whole_);
        return LzmaBlock{std::move(out_), rested_, 0};
      }
      whole_ = out_.size();
      const auto pos_state = static_cast<unsigned>(out_.size()) & pb_mask_;
      if (!in_.bit(is_match_[state_ << 4 | pos_state])) {
        literal();
        continue;
      }
      if (in_.bit(is_rep_[state_])) {
        if (!TRY(repeat(pos_state))) continue;
      } else {
        rep_[3] = rep_[2], rep_[2] = rep_[1], rep_[1] = rep_[0];
        length_ = match_length_.decode(in_, pos_state);
        state_ = state_ < 7 ? 7 : 10;
        rep_[0] = distance();
        if (rep_[0] == 0xFFFFFFFF) return LzmaBlock{std::move(out_), in_.finished(), in_.left()};
      }
      CHECK_OK(copy(length_ + 2));
    }
  }

 private:
  void literal() {
    const auto previous = out_.empty() ? 0u : out_.back();
    const auto place = ((static_cast<unsigned>(out_.size()) & lp_mask_) << lc_) + (previous >> (8 - lc_));
    auto* p = literal_.data() + std::size_t{0x300} * place;
    unsigned symbol = 1;
    if (state_ >= 7) {
      unsigned match = rep_[0] < out_.size() ? out_[out_.size() - rep_[0] - 1] : 0;
      do {
        const auto match_bit = match >> 7 & 1;
        match <<= 1;
        const auto b = in_.bit(p[((1 + match_bit) << 8) + symbol]);
        symbol = symbol << 1 | b;
        if (match_bit != b) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = symbol << 1 | in_.bit(p[symbol]);
    out_.push_back(static_cast<std::uint8_t>(symbol));
    state_ = state_ < 4 ? 0 : state_ < 10 ? state_ - 3 : state_ - 6;
  }

  // False: a single byte, already written.
  base::Result<bool> repeat(unsigned pos_state) {
    if (out_.empty()) return base::fail(Trouble::malformed, "an LZMA block begins with a repetition");
    if (!in_.bit(is_rep_g0_[state_])) {
      if (!in_.bit(is_rep0_long_[state_ << 4 | pos_state])) {
        state_ = state_ < 7 ? 9 : 11;
        CHECK_OK(copy(1));
        return false;
      }
    } else {
      std::uint32_t chosen;
      if (!in_.bit(is_rep_g1_[state_])) {
        chosen = rep_[1];
      } else {
        if (!in_.bit(is_rep_g2_[state_])) {
          chosen = rep_[2];
        } else {
          chosen = rep_[3];
          rep_[3] = rep_[2];
        }
        rep_[2] = rep_[1];
      }
      rep_[1] = rep_[0];
      rep_[0] = chosen;
    }
    length_ = repeat_length_.decode(in_, pos_state);
    state_ = state_ < 7 ? 8 : 11;
    return true;
  }

  std::uint32_t distance() {
    const auto slot = in_.tree(pos_slot_[std::min(length_, 3u)], 6);
    if (slot < 4) return slot;
    const auto bits = (slot >> 1) - 1;
    std::uint32_t out = (2 | (slot & 1)) << bits;
    if (slot < 14) return out + in_.reverse_tree(pos_.data() + out - slot, bits);
    out += in_.direct(bits - 4) << 4;
    return out + in_.reverse_tree(align_.data(), 4);
  }

  base::Result<> copy(std::uint64_t length) {
    if (rep_[0] >= out_.size()) return base::fail(Trouble::malformed, "an LZMA block looks back before its start");
    auto from = out_.size() - rep_[0] - 1;
    for (length = std::min(length, most_ - out_.size()); length; --length) out_.push_back(out_[from++]);
    return {};
  }

  RangeDecoder in_;
  unsigned lc_, lp_mask_, pb_mask_;
  std::uint64_t most_;
  base::Buffer out_;
  std::vector<Probability> literal_;
  Probabilities<192> is_match_, is_rep0_long_;
  Probabilities<12> is_rep_, is_rep_g0_, is_rep_g1_, is_rep_g2_;
  std::array<Probabilities<64>, 4> pos_slot_;
  Probabilities<128> pos_;
  Probabilities<16> align_;
  LengthDecoder match_length_, repeat_length_;
  std::array<std::uint32_t, 4> rep_{};
  unsigned state_ = 0, length_ = 0;
  std::uint64_t whole_ = 0;  ///< output before the symbol that is being read
  bool rested_ = false;      ///< the last symbols may follow without further input
};

}  // namespace

base::Result<LzmaBlock> lzma_block(base::Bytes bytes, const LzmaProperties& properties, std::uint64_t most) {
  if (bytes.size() < 5) return base::fail(Trouble::truncated, "an LZMA block of {} bytes", bytes.size());
  if (properties.lc > 8 || properties.lp > 4 || properties.pb > 4) return base::fail(Trouble::malformed, "LZMA properties lc={} lp={} pb={}", properties.lc, properties.lp, properties.pb);
  return BlockDecoder(bytes, properties, most).run();
}

}  // namespace unpack::stream
