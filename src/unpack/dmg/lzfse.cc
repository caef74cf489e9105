// See lzfse.h.
#include "unpack/dmg/lzfse.h"

#include <array>
#include <bit>
#include <span>

#include "base/cursor.h"

namespace unpack::dmg_format {
namespace {

using base::Trouble;

std::unexpected<base::Error> damaged(std::string_view what) { return base::fail(Trouble::malformed, "an LZFSE stream is damaged: {}", what); }

// A match of `length` bytes at `distance`; false where it begins before the start or leads too far.
bool copy(base::Buffer& out, std::uint64_t distance, std::uint64_t length, std::uint64_t most) {
  if (length == 0) return true;
  if (distance == 0 || distance > out.size() || length > most - out.size()) return false;
  for (std::uint64_t from = out.size() - distance, i = 0; i < length; ++i) out.push_back(out[from + i]);
  return true;
}

bool literals(base::Buffer& out, base::Bytes from, std::uint64_t length, std::uint64_t most) {
  if (from.size() < length || length > most - out.size()) return false;
  out.insert(out.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(length));
  return true;
}

// Bits from the end of the bytes backwards.
class BackwardBits {
 public:
  /// `spare`: how many bits of the last byte are not used.
  BackwardBits(base::Bytes bytes, unsigned spare) : bytes_(bytes), at_(bytes.size() * 8), ok_(spare <= at_) {
    if (ok_) at_ -= spare;
  }
  bool ok() const { return ok_; }
  std::uint32_t get(unsigned n) {
    if (n > at_) {
      ok_ = false;
      return 0;
    }
    at_ -= n;
    std::uint64_t word = 0;
    for (unsigned i = 0; i < 5; ++i)
      if (at_ / 8 + i < bytes_.size()) word |= std::uint64_t{bytes_[at_ / 8 + i]} << (8 * i);
    return static_cast<std::uint32_t>(word >> (at_ % 8)) & static_cast<std::uint32_t>((1ull << n) - 1);
  }

 private:
  base::Bytes bytes_;
  std::uint64_t at_;
  bool ok_;
};

// A table of finite state entropy: each state gives a symbol and the way to the next state.
class States {
 public:
  base::Result<> build(unsigned count, std::span<const std::uint16_t> frequencies) {
    entries_.clear();
    for (std::size_t symbol = 0; symbol < frequencies.size(); ++symbol) {
      const unsigned f = frequencies[symbol];
      if (f == 0) continue;
      if (entries_.size() + f > count) return damaged("the frequencies add up to too much");
      const auto bits = static_cast<unsigned>(std::countl_zero(f)) - static_cast<unsigned>(std::countl_zero(count));
      const auto first = (2 * count >> bits) - f;
      for (unsigned j = 0; j < f; ++j) {
        Entry e;
        e.symbol = static_cast<std::uint16_t>(symbol);
        e.bits = static_cast<std::uint8_t>(j < first ? bits : bits - 1);
        e.next = j < first ? ((f + j) << bits) - count : (j - first) << (bits - 1);
        entries_.push_back(e);
      }
    }
    return {};
  }
  std::uint16_t decode(std::uint32_t& state, BackwardBits& in) const {
    if (state >= entries_.size()) {
      bad_ = true;
      return 0;
    }
    const auto& e = entries_[state];
    state = e.next + in.get(e.bits);
    return e.symbol;
  }
  bool bad() const { return bad_; }

 private:
  struct Entry {
    std::uint16_t symbol = 0;
    std::uint8_t bits = 0;
    std::uint32_t next = 0;
  };
  std::vector<Entry> entries_;
  mutable bool bad_ = false;  ///< a state that no symbol has
};

struct Value {
  std::uint32_t base = 0;
  unsigned bits = 0;
};

Value literal_length(unsigned s) {
  static constexpr std::array<Value, 4> large = {{{16, 2}, {20, 3}, {28, 5}, {60, 8}}};
  return s < 16 ? Value{s, 0} : large[s - 16];
}
Value match_length(unsigned s) {
  static constexpr std::array<Value, 4> large = {{{16, 3}, {24, 5}, {56, 8}, {312, 11}}};
  return s < 16 ? Value{s, 0} : large[s - 16];
}
Value match_distance(unsigned s) {
  const unsigned bits = s / 4;
  std::uint32_t base = 0;
  for (unsigned g = 0; g < bits; ++g) base += 4u << g;
  return {base + (s % 4 << bits), bits};
}

struct BlockHead {
  std::uint32_t raw = 0, literal_count = 0, literal_bytes = 0, matches = 0, match_bytes = 0, size = 0;
  unsigned literal_spare = 0, match_spare = 0;
  std::array<std::uint32_t, 4> literal_states{};
  std::uint32_t l = 0, m = 0, d = 0;
  std::array<std::uint16_t, 360> frequencies{};  ///< 20 L, 20 M, 64 D, 256 literals
};

// Frequencies are written with 2 to 14 bits each.
base::Result<> read_frequencies(base::Bytes bytes, std::array<std::uint16_t, 360>& out) {
  static constexpr std::array<std::uint8_t, 32> sizes = {2, 3, 2, 5, 2, 3, 2, 8, 2, 3, 2, 5, 2, 3, 2, 14, 2, 3, 2, 5, 2, 3, 2, 8, 2, 3, 2, 5, 2, 3, 2, 14};
  static constexpr std::array<std::uint8_t, 32> values = {0, 2, 1, 4, 0, 3, 1, 0, 0, 2, 1, 5, 0, 3, 1, 0, 0, 2, 1, 6, 0, 3, 1, 0, 0, 2, 1, 7, 0, 3, 1, 0};
  if (bytes.empty()) return damaged("it has no frequencies");
  std::uint32_t held = 0;
  unsigned have = 0;
  std::size_t at = 0;
  for (auto& f : out) {
    while (have <= 24 && at < bytes.size()) {
      held |= static_cast<std::uint32_t>(bytes[at++]) << have;
      have += 8;
    }
    const auto size = sizes[held & 31];
    if (size > have) return damaged("its frequencies end early");
    f = static_cast<std::uint16_t>(size == 8 ? 8 + (held >> 4 & 15) : size == 14 ? 24 + (held >> 4 & 1023) : values[held & 31]);
    held >>= size;
    have -= size;
  }
  return {};
}

base::Result<BlockHead> read_block_head(base::Bytes bytes) {
  base::Cursor at(bytes);
  BlockHead h;
  at.skip(4);
  h.raw = at.u32();
  const auto a = at.u64(), b = at.u64(), c = at.u64();
  CHECK_OK(at.status("the head of an LZFSE block"));
  const auto field = [](std::uint64_t v, unsigned from, unsigned bits) { return static_cast<std::uint32_t>(v >> from & ((1ull << bits) - 1)); };
  h.literal_count = field(a, 0, 20);
  h.literal_bytes = field(a, 20, 20);
  h.matches = field(a, 40, 20);
  h.literal_spare = 7 - field(a, 60, 3);
  for (unsigned i = 0; i < 4; ++i) h.literal_states[i] = field(b, 10 * i, 10);
  h.match_bytes = field(b, 40, 20);
  h.match_spare = 7 - field(b, 60, 3);
  h.size = field(c, 0, 32);
  h.l = field(c, 32, 10);
  h.m = field(c, 42, 10);
  h.d = field(c, 52, 10);
  if (h.size < 32 || h.size > bytes.size() || h.literal_count > 40000 || h.literal_count % 4 || h.matches > 10000) return damaged("the head of a block");
  CHECK_OK(read_frequencies(bytes.subspan(32, h.size - 32), h.frequencies));
  return h;
}

// "bvx2": literals with one code in four interleaved streams, then lengths and distances.
base::Result<std::uint64_t> entropy_block(base::Bytes bytes, base::Buffer& out, std::uint64_t most) {
  const auto h = TRY(read_block_head(bytes));
  const auto literal_part = base::slice(bytes, h.size, h.literal_bytes), match_part = base::slice(bytes, std::uint64_t{h.size} + h.literal_bytes, h.match_bytes);
  if (literal_part.size() < h.literal_bytes || match_part.size() < h.match_bytes) return damaged("a block ends early");
  const std::span all(h.frequencies);
  States of_l, of_m, of_d, of_literals;
  CHECK_OK(of_l.build(64, all.subspan(0, 20)));
  CHECK_OK(of_m.build(64, all.subspan(20, 20)));
  CHECK_OK(of_d.build(256, all.subspan(40, 64)));
  CHECK_OK(of_literals.build(1024, all.subspan(104, 256)));
  base::Buffer text;
  BackwardBits in(literal_part, h.literal_spare);
  auto states = h.literal_states;
  for (std::uint32_t i = 0; i < h.literal_count && in.ok(); ++i) text.push_back(static_cast<std::uint8_t>(of_literals.decode(states[i % 4], in)));
  BackwardBits more(match_part, h.match_spare);
  auto l = h.l, m = h.m, d = h.d;
  std::uint64_t used = 0, distance = 0;
  const auto start = out.size();
  for (std::uint32_t i = 0; i < h.matches; ++i) {
    const auto ls = literal_length(of_l.decode(l, more));
    const std::uint64_t length = ls.base + more.get(ls.bits);
    const auto ms = match_length(of_m.decode(m, more));
    const std::uint64_t match = ms.base + more.get(ms.bits);
    const auto ds = match_distance(of_d.decode(d, more));
    const std::uint64_t next = ds.base + more.get(ds.bits);
    if (next) distance = next;
    if (!in.ok() || !more.ok() || of_l.bad() || of_m.bad() || of_d.bad() || of_literals.bad()) return damaged("its codes");
    if (!literals(out, base::slice(text, used), length, most) || !copy(out, distance, match, most)) return damaged("a match");
    used += length;
  }
  if (out.size() - start != h.raw) return damaged("a block is not as long as it says");
  return std::uint64_t{h.size} + h.literal_bytes + h.match_bytes;
}

// "bvxn": bytes that say how many literals follow and how long and how far the match behind them is.
base::Result<> lzvn(base::Bytes bytes, base::Buffer& out, std::uint64_t most) {
  base::Cursor at(bytes);
  std::uint64_t distance = 0;
  while (!at.at_end()) {
    const std::uint64_t op = at.u8();
    std::uint64_t length = 0, match = 0;
    if (op == 0x06) return {};
    if (op == 0x0E || op == 0x16) continue;
    if (op >= 0xF0) {
      match = op == 0xF0 ? at.u8() + 16ull : op & 15;
    } else if (op >= 0xE0) {
      length = op == 0xE0 ? at.u8() + 16ull : op & 15;
    } else if (op >= 0xA0 && op < 0xC0) {
      const std::uint64_t word = at.u16();
      length = op >> 3 & 3;
      match = ((op & 7) << 2 | (word & 3)) + 3;
      distance = word >> 2;
    } else if ((op >= 0x70 && op < 0x80) || (op >= 0xD0 && op < 0xE0) || (op < 0x40 && (op & 7) == 6)) {
      return damaged("an unknown operation");
    } else {
      length = op >> 6;
      match = (op >> 3 & 7) + 3;
      if ((op & 7) == 7) distance = at.u16();
      else if ((op & 7) != 6) distance = (op & 7) << 8 | at.u8();
    }
    const auto text = at.take(length);
    if (!at.ok() || !literals(out, text, length, most) || !copy(out, distance, match, most)) return damaged("a match");
  }
  return damaged("it has no end");
}

}  // namespace

base::Result<base::Buffer> lzfse(base::Bytes packed, std::uint64_t most) {
  base::Buffer out;
  base::Cursor at(packed);
  for (;;) {
    const auto from = at.position();
    const auto magic = base::text_of(at.take(4));
    CHECK_OK(at.status("an LZFSE stream"));
    if (magic == "bvx$") return out;
    if (magic == "bvx-") {
      const auto size = at.u32();
      if (!literals(out, at.take(size), size, most)) return damaged("a plain block");
    } else if (magic == "bvxn") {
      const auto raw = at.u32(), size = at.u32();
      const auto start = out.size();
      CHECK_OK(lzvn(at.take(size), out, most));
      if (out.size() - start != raw) return damaged("a block is not as long as it says");
    } else if (magic == "bvx2") {
      at.seek(from + TRY(entropy_block(base::slice(packed, from), out, most)));
    } else if (magic == "bvx1") {
      return base::fail(Trouble::unsupported, "an LZFSE block with plain tables");
    } else {
      return damaged("an unknown block");
    }
    CHECK_OK(at.status("an LZFSE stream"));
  }
}

base::Result<base::Buffer> adc(base::Bytes packed, std::uint64_t most) {
  base::Buffer out;
  base::Cursor at(packed);
  while (!at.at_end() && out.size() < most) {
    const std::uint64_t op = at.u8();
    bool sound = true;
    if (op & 0x80) {
      const auto length = (op & 0x7F) + 1;
      sound = literals(out, at.take(length), length, most);
    } else if (op & 0x40) {
      const std::uint64_t high = at.u8();
      sound = copy(out, (high << 8 | at.u8()) + 1, (op & 0x3F) + 4, most);
    } else {
      sound = copy(out, ((op & 3) << 8 | at.u8()) + 1, (op >> 2) + 3, most);
    }
    if (!sound || !at.ok()) return base::fail(Trouble::malformed, "an ADC stream is damaged");
  }
  return out;
}

}  // namespace unpack::dmg_format
