// See tiano.h.
#include "unpack/uefi/tiano.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/cursor.h"

namespace unpack::uefi_format {
namespace {

using base::Trouble;

// Bits from the most significant one down; zeros behind the end, and a count of how many.
class Bits {
 public:
  explicit Bits(base::Bytes bytes) : bytes_(bytes) {}
  std::uint32_t peek(unsigned n) {
    while (have_ < n) {
      held_ = held_ << 8 | (at_ < bytes_.size() ? bytes_[at_] : 0);
      ++at_;
      have_ += 8;
    }
    return static_cast<std::uint32_t>(held_ >> (have_ - n)) & ((1u << n) - 1);
  }
  void drop(unsigned n) { have_ -= n; }
  std::uint32_t get(unsigned n) {
    if (n == 0) return 0;
    const auto out = peek(n);
    drop(n);
    return out;
  }
  /// True once bits were used that are not there.
  bool past_end() const { return at_ > bytes_.size() && (at_ - bytes_.size()) * 8 > have_; }

 private:
  base::Bytes bytes_;
  std::uint64_t at_ = 0;
  std::uint64_t held_ = 0;
  unsigned have_ = 0;
};

// A canonical Huffman code of up to 16 bits.
class Code {
 public:
  /// One symbol that takes no bits.
  void only(std::uint16_t symbol) {
    single_ = true;
    symbol_ = symbol;
  }
  base::Result<> build(std::span<const std::uint8_t> lengths) {
    single_ = false;
    std::array<std::uint32_t, 18> next{};
    count_.fill(0);
    for (const auto n : lengths)
      if (n) ++count_[n];
    std::uint32_t kraft = 0, code = 0, index = 0;
    for (unsigned n = 1; n <= 16; ++n) {
      kraft += count_[n] << (16 - n);
      first_[n] = code;
      begin_[n] = index;
      next[n] = index;
      index += count_[n];
      code = (code + count_[n]) << 1;
    }
    if (kraft != 1u << 16) return base::fail(Trouble::malformed, "a Huffman code of UEFI compression is not complete");
    for (std::size_t i = 0; i < lengths.size(); ++i)
      if (lengths[i]) symbols_[next[lengths[i]]++] = static_cast<std::uint16_t>(i);
    return {};
  }
  std::uint16_t decode(Bits& in) const {
    if (single_) return symbol_;
    const auto window = in.peek(16);
    for (unsigned n = 1; n <= 16; ++n) {
      const std::uint32_t offset = (window >> (16 - n)) - first_[n];
      if ((window >> (16 - n)) >= first_[n] && offset < count_[n]) {
        in.drop(n);
        return symbols_[begin_[n] + offset];
      }
    }
    in.drop(16);
    return 0;
  }

 private:
  bool single_ = true;
  std::uint16_t symbol_ = 0;
  std::array<std::uint32_t, 17> count_{}, first_{}, begin_{};
  std::array<std::uint16_t, 512> symbols_{};
};

constexpr unsigned characters = 510, extras = 19;

class Decoder {
 public:
  Decoder(base::Bytes packed, std::uint32_t unpacked, unsigned position_bits) : in_(packed), unpacked_(unpacked), position_bits_(position_bits) {}

  base::Result<base::Buffer> run() {
    base::Buffer out;
    std::uint32_t left = 0;  // of the block
    while (out.size() < unpacked_) {
      if (left == 0) {
        left = in_.get(16);
        CHECK_OK(codes());
        if (left == 0) left = 65536;
      }
      --left;
      const auto c = character_.decode(in_);
      if (in_.past_end()) return base::fail(Trouble::truncated, "a stream of UEFI compression ends early");
      if (c < 256) {
        out.push_back(static_cast<std::uint8_t>(c));
        continue;
      }
      const std::uint64_t length = c - 256 + 3;
      const auto p = position_.decode(in_);
      const std::uint64_t distance = (p > 1 ? (1ull << (p - 1)) + in_.get(p - 1) : p) + 1;
      if (p > 25 || distance > out.size()) return base::fail(Trouble::malformed, "a match of UEFI compression lies before the start");
      const auto from = out.size() - distance;
      for (std::uint64_t i = 0; i < length && out.size() < unpacked_; ++i) out.push_back(out[from + i]);
    }
    return out;
  }

 private:
  base::Result<> codes() {
    CHECK_OK(lengths_code(extra_, extras, 5, 3));
    CHECK_OK(character_lengths());
    return lengths_code(position_, (1u << position_bits_) - 1, position_bits_, 0);
  }

  // Code lengths of 3 bits each (7 and more in unary); after the third of the first code a gap.
  base::Result<> lengths_code(Code& code, unsigned most, unsigned count_bits, unsigned gap_after) {
    const auto n = in_.get(count_bits);
    if (n == 0) {
      const auto symbol = in_.get(count_bits);
      if (symbol >= most) return base::fail(Trouble::malformed, "a Huffman code of UEFI compression has an unknown symbol");
      code.only(static_cast<std::uint16_t>(symbol));
      return {};
    }
    if (n > most) return base::fail(Trouble::malformed, "a Huffman code of UEFI compression is too long");
    std::array<std::uint8_t, 32> lengths{};
    for (unsigned i = 0; i < n;) {
      unsigned length = in_.get(3);
      if (length == 7)
        while (in_.get(1)) {
          if (++length > 16) return base::fail(Trouble::malformed, "a Huffman code of UEFI compression has a length above 16");
        }
      lengths[i++] = static_cast<std::uint8_t>(length);
      if (i == gap_after)
        for (auto gap = in_.get(2); gap && i < n; --gap) lengths[i++] = 0;
    }
    if (in_.past_end()) return base::fail(Trouble::truncated, "a stream of UEFI compression ends early");
    return code.build(std::span(lengths).first(most));
  }

  base::Result<> character_lengths() {
    const auto n = in_.get(9);
    if (n == 0) {
      const auto symbol = in_.get(9);
      if (symbol >= characters) return base::fail(Trouble::malformed, "a Huffman code of UEFI compression has an unknown symbol");
      character_.only(static_cast<std::uint16_t>(symbol));
      return {};
    }
    if (n > characters) return base::fail(Trouble::malformed, "a Huffman code of UEFI compression is too long");
    std::array<std::uint8_t, 512> lengths{};
    for (unsigned i = 0; i < n;) {
      const unsigned c = extra_.decode(in_);
      if (c > 2) {
        lengths[i++] = static_cast<std::uint8_t>(c - 2);
      } else {
        i += c == 0 ? 1 : c == 1 ? in_.get(4) + 3 : in_.get(9) + 20;
      }
    }
    if (in_.past_end()) return base::fail(Trouble::truncated, "a stream of UEFI compression ends early");
    return character_.build(std::span(lengths).first(characters));
  }

  Bits in_;
  std::uint32_t unpacked_;
  unsigned position_bits_;
  Code extra_, character_, position_;
};

}  // namespace

base::Result<TianoHead> tiano_head(base::Bytes bytes) {
  base::Cursor at(bytes);
  TianoHead out;
  out.packed = at.u32();
  out.unpacked = at.u32();
  CHECK_OK(at.status("the head of a UEFI compressed stream"));
  if (out.packed > at.left()) return base::fail(Trouble::truncated, "a stream of UEFI compression ends early");
  return out;
}

base::Result<base::Buffer> tiano(base::Bytes bytes, unsigned position_bits) {
  const auto head = TRY(tiano_head(bytes));
  return Decoder(base::slice(bytes, 8, head.packed), head.unpacked, position_bits).run();
}

base::Result<base::Buffer> tiano_either(base::Bytes bytes, evidence::Sink& sink, bool (*sound)(base::Bytes content)) {
  const auto head = TRY(tiano_head(bytes));
  if (head.unpacked > std::min<std::uint64_t>(sink.room(), 256u << 20)) return base::fail(Trouble::limit, "a compressed content of {} bytes", head.unpacked);
  CHECK_OK(sink.spend(2 * (std::uint64_t{head.packed} + head.unpacked)));
  auto tiano_form = tiano(bytes, 5);
  if (tiano_form && sound(*tiano_form)) return tiano_form;
  auto efi_form = tiano(bytes, 4);
  if (efi_form && (!tiano_form || sound(*efi_form))) return efi_form;
  return tiano_form;
}

}  // namespace unpack::uefi_format
