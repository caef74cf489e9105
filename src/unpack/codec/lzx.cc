// See lzx.h.
#include "unpack/codec/lzx.h"

#include <algorithm>

namespace unpack::codec {
namespace {

using base::Trouble;

constexpr unsigned extra_bits(unsigned slot) { return slot < 4 ? 0 : std::min(17u, slot / 2 - 1); }
constexpr auto position_bases = [] {
  std::array<std::uint32_t, 51> bases{};
  for (unsigned slot = 0; slot < 50; ++slot) bases[slot + 1] = bases[slot] + (1u << extra_bits(slot));
  return bases;
}();

}  // namespace

base::Result<Lzx> Lzx::open(unsigned window) {
  if (window < 15 || window > 21) return base::fail(Trouble::malformed, "an LZX window of 2^{} bytes", window);
  return Lzx(window);
}

Lzx::Lzx(unsigned window) : slots_(window == 20 ? 42 : window == 21 ? 50 : 2 * window), window_(std::size_t{1} << window) {}

void Lzx::reset() {
  begun_ = false;
  left_ = 0;
  type_ = 0;
  recent_ = {1, 1, 1};
  main_lengths_.fill(0);
  length_lengths_.fill(0);
  frames_ = 0;
}

base::Result<Lzx::Frame> Lzx::frame(base::Bytes packed, std::uint64_t size) {
  if (size > frame_size) return base::fail(Trouble::malformed, "an LZX frame of {} bytes", size);
  if (at_ == window_.size()) at_ = 0;
  Input in(packed);
  if (!begun_) {
    begun_ = true;
    call_size_ = in.get(1) ? in.get(16) << 16 | in.get(16) : 0;
  }
  const auto start = at_, end = at_ + size;
  while (at_ < end) {
    if (left_ == 0) CHECK_OK(block(in));
    const auto until = std::min(end, at_ + left_);
    const auto before = at_;
    CHECK_OK(type_ == 3 ? stored(in, until) : matches(in, until));
    if (at_ > end) return base::fail(Trouble::malformed, "an LZX match runs over the end of its frame");
    if (at_ - before > left_) return base::fail(Trouble::malformed, "an LZX match runs over the end of its block");
    left_ -= at_ - before;
    if (left_ == 0 && type_ == 3 && (block_size_ & 1) && in.used() < packed.size()) (void)in.raw(1);
  }
  if (in.overrun()) return base::fail(Trouble::truncated, "the LZX data end early");
  in.align();
  out_.assign(window_.begin() + static_cast<std::ptrdiff_t>(start), window_.begin() + static_cast<std::ptrdiff_t>(end));
  undo_calls(size);
  ++frames_;
  return Frame{out_, in.used()};
}

base::Result<> Lzx::block(Input& in) {
  type_ = in.get(3);
  left_ = block_size_ = in.get(16) << 8 | in.get(8);
  if (in.overrun()) return base::fail(Trouble::truncated, "the LZX data end early");
  if (left_ == 0) return base::fail(Trouble::malformed, "an empty LZX block");
  if (type_ == 3) {
    // One to sixteen bits lead to the next word.
    if (in.peek(16), true) in.drop(1);
    in.align();
    for (auto& r : recent_) {
      const auto b = in.raw(4);
      if (b.size() < 4) return base::fail(Trouble::truncated, "the LZX data end early");
      r = b[0] | b[1] << 8 | b[2] << 16 | static_cast<std::uint32_t>(b[3]) << 24;
    }
    return {};
  }
  if (type_ != 1 && type_ != 2) return base::fail(Trouble::malformed, "an LZX block of type {}", type_);
  if (type_ == 2) {
    std::array<std::uint8_t, 8> l{};
    for (auto& v : l) v = static_cast<std::uint8_t>(in.get(3));
    if (!aligned_.build(l)) return base::fail(Trouble::malformed, "an LZX tree is damaged");
  }
  const std::span<std::uint8_t> all(main_lengths_);
  if (!lengths(in, all.first(256)) || !lengths(in, all.subspan(256, 8 * slots_)) || !main_.build(all.first(256 + 8 * slots_)) || !lengths(in, length_lengths_) ||
      !length_.build(length_lengths_))
    return base::fail(in.overrun() ? Trouble::truncated : Trouble::malformed, "an LZX tree is damaged");
  return {};
}

// Lengths are stored as differences to those of the block before, through a small tree of their own.
bool Lzx::lengths(Input& in, std::span<std::uint8_t> of) {
  std::array<std::uint8_t, 20> l{};
  for (auto& v : l) v = static_cast<std::uint8_t>(in.get(4));
  Prefix<20> tree;
  if (!tree.build(l)) return false;
  for (std::size_t i = 0; i < of.size();) {
    const int s = tree.decode(in);
    if (s < 0 || in.overrun()) return false;
    std::size_t run = 1;
    std::uint8_t value = 0;
    if (s == 17) run = 4 + in.get(4);
    else if (s == 18) run = 20 + in.get(5);
    else {
      int difference = s;
      if (s == 19) {
        run = 4 + in.get(1);
        difference = tree.decode(in);
        if (difference < 0 || difference > 16) return false;
      }
      value = static_cast<std::uint8_t>((of[i] + 17 - difference) % 17);
    }
    for (; run && i < of.size(); --run) of[i++] = value;
  }
  return true;
}

base::Result<> Lzx::matches(Input& in, std::uint64_t until) {
  while (at_ < until) {
    const int symbol = main_.decode(in);
    if (symbol < 0) return base::fail(Trouble::malformed, "an LZX symbol is none of the tree's");
    if (in.overrun()) return base::fail(Trouble::truncated, "the LZX data end early");
    if (symbol < 256) {
      window_[at_++] = static_cast<std::uint8_t>(symbol);
      continue;
    }
    std::uint64_t length = static_cast<unsigned>(symbol - 256) & 7;
    if (length == 7) {
      const int more = length_.decode(in);
      if (more < 0) return base::fail(Trouble::malformed, "an LZX symbol is none of the tree's");
      length += static_cast<unsigned>(more);
    }
    length += 2;
    const auto back = TRY(offset(in, static_cast<unsigned>(symbol - 256) >> 3));
    if (back == 0 || back > window_.size() || length > window_.size() - at_) return base::fail(Trouble::malformed, "an LZX match leaves the window");
    for (; length; --length, ++at_) window_[at_] = window_[at_ >= back ? at_ - back : at_ + window_.size() - back];
  }
  return {};
}

base::Result<std::uint64_t> Lzx::offset(Input& in, unsigned slot) {
  if (slot < 3) {
    std::swap(recent_[0], recent_[slot]);
    return recent_[0];
  }
  if (slot >= slots_) return base::fail(Trouble::malformed, "an LZX match leaves the window");
  const auto extra = extra_bits(slot);
  std::uint32_t rest = 0;
  if (type_ == 2 && extra >= 3) {
    rest = in.get(extra - 3) << 3;
    const int low = aligned_.decode(in);
    if (low < 0) return base::fail(Trouble::malformed, "an LZX symbol is none of the tree's");
    rest += static_cast<std::uint32_t>(low);
  } else {
    rest = in.get(extra);
  }
  recent_ = {position_bases[slot] + rest - 2, recent_[0], recent_[1]};
  return recent_[0];
}

base::Result<> Lzx::stored(Input& in, std::uint64_t until) {
  const auto raw = in.raw(until - at_);
  std::ranges::copy(raw, window_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ += raw.size();
  if (at_ < until) return base::fail(Trouble::truncated, "the LZX data end early");
  return {};
}

// Encoders replace the relative targets of x86 calls by absolute ones.
void Lzx::undo_calls(std::uint64_t size) {
  if (call_size_ == 0 || frames_ >= 32768 || size <= 10) return;
  const auto frame_start = static_cast<std::int64_t>(frames_ * frame_size);
  for (std::uint64_t i = 0; i + 10 < size;) {
    if (out_[i] != 0xE8) {
      ++i;
      continue;
    }
    auto* at = out_.data() + i + 1;
    const auto absolute = static_cast<std::int32_t>(at[0] | at[1] << 8 | at[2] << 16 | static_cast<std::uint32_t>(at[3]) << 24);
    const auto here = frame_start + static_cast<std::int64_t>(i);
    if (absolute >= -here && absolute < static_cast<std::int64_t>(call_size_)) {
      const auto relative = static_cast<std::uint32_t>(absolute >= 0 ? absolute - here : absolute + static_cast<std::int64_t>(call_size_));
      for (int k = 0; k < 4; ++k) at[k] = static_cast<std::uint8_t>(relative >> (8 * k));
    }
    i += 5;
  }
}

}  // namespace unpack::codec
