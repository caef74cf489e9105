// See lzo.h.
#include "unpack/decode/lzo.h"

#include <algorithm>
#include <cstring>

namespace unpack::stream {
namespace {

using base::Trouble;

class Lzo {
 public:
  Lzo(base::Bytes packed, std::uint64_t most) : in_(packed), most_(most) { out_.resize(std::min<std::uint64_t>(most, std::min<std::uint64_t>(packed.size() * 4, 1u << 20))); }

  base::Result<base::Buffer> run() {
    if (in_.size() < 3) return base::fail(Trouble::truncated, "an LZO block of {} bytes", in_.size());
    CHECK_OK(opening());
    while (!done_) CHECK_OK(instruction());
    out_.resize(made_);
    return std::move(out_);
  }
  std::uint64_t consumed() const { return at_; }

 private:
  // How many literals the last instruction copied: 0, 1 to 3, or 4 for "more".
  enum : unsigned { none = 0, many = 4 };

  base::Result<> opening() {
    // 17 opens a versioned stream; an empty stream of version 0 starts with it too, but is shorter.
    if (in_[0] == 17 && in_.size() >= 5) {
      if (in_[1] > 1) return base::fail(Trouble::unsupported, "LZO stream version {}", in_[1]);
      runs_ = in_[1] == 1;
      at_ = 2;
    }
    if (in_[at_] > 17) {
      const unsigned length = in_[at_++] - 17u;
      state_ = std::min<unsigned>(length, many);
      return literals(length);
    }
    return {};
  }

  base::Result<> instruction() {
    const unsigned code = TRY(byte());
    if (code >= 64) {
      const unsigned high = TRY(byte());
      const unsigned length = code >= 128 ? 5 + (code >> 5 & 3) : 3 + (code >> 5 & 1);
      return copy(std::uint64_t{high} * 8 + (code >> 2 & 7) + 1, length, code & 3);
    }
    if (code >= 32) {
      const auto length = TRY(extended(code & 31, 31)) + 2;
      const unsigned operand = TRY(little16());
      return copy((operand >> 2) + 1, length, operand & 3);
    }
    if (code >= 16) return far(code);
    if (state_ == none) {
      const auto length = TRY(extended(code, 15)) + 3;
      state_ = many;
      return literals(length);
    }
    const unsigned high = TRY(byte());
    const std::uint64_t distance = std::uint64_t{high} * 4 + (code >> 2) + 1;
    return state_ == many ? copy(distance + 2048, 3, code & 3) : copy(distance, 2, code & 3);
  }

  // The one instruction that also ends the stream and, in version 1, writes runs of zeros.
  base::Result<> far(unsigned code) {
    if (runs_ && (code & 8) && at_ + 1 < in_.size() && (in_[at_] & 0xFC) == 0xFC && in_[at_ + 1] == 0xFF) {
      const unsigned after = in_[at_] & 3;
      at_ += 2;
      const unsigned more = TRY(byte());
      CHECK_OK(zeros((more << 3 | (code & 7)) + 4));
      return follow(after);
    }
    const auto length = TRY(extended(code & 7, 7)) + 2;
    const unsigned operand = TRY(little16());
    const std::uint64_t distance = 16384 + (std::uint64_t{code & 8} << 11) + (operand >> 2);
    if (distance == 16384) {
      done_ = true;
      return {};
    }
    return copy(distance, length, operand & 3);
  }

  base::Result<unsigned> byte() {
    if (at_ >= in_.size()) return base::fail(Trouble::truncated, "the LZO block ends early, at byte {}", at_);
    return in_[at_++];
  }
  base::Result<unsigned> little16() {
    const unsigned low = TRY(byte());
    const unsigned high = TRY(byte());
    return low | high << 8;
  }
  // A length that goes on in the following bytes when its bits are zero.
  base::Result<std::uint64_t> extended(unsigned bits, unsigned full) {
    if (bits) return bits;
    std::uint64_t length = full;
    while (true) {
      const unsigned next = TRY(byte());
      if (next) return length + next;
      length += 255;
    }
  }

  base::Result<> make_room(std::uint64_t n) {
    if (n > most_ - made_) return base::fail(Trouble::malformed, "an LZO block holds more than {} bytes", most_);
    if (made_ + n > out_.size()) out_.resize(std::min(most_, std::max<std::uint64_t>(made_ + n, out_.size() * 2)));
    return {};
  }
  base::Result<> literals(std::uint64_t n) {
    if (n > in_.size() - at_) return base::fail(Trouble::truncated, "the LZO block ends early, at byte {}", in_.size());
    CHECK_OK(make_room(n));
    if (n) std::memcpy(out_.data() + made_, in_.data() + at_, n);
    made_ += n;
    at_ += n;
    return {};
  }
  base::Result<> zeros(std::uint64_t n) {
    CHECK_OK(make_room(n));
    std::memset(out_.data() + made_, 0, n);
    made_ += n;
    return {};
  }
  base::Result<> copy(std::uint64_t distance, std::uint64_t n, unsigned after) {
    if (distance > made_) return base::fail(Trouble::malformed, "an LZO block looks back {} bytes at byte {}", distance, made_);
    CHECK_OK(make_room(n));
    auto* to = out_.data() + made_;
    const auto* from = to - distance;
    if (distance >= n) std::memcpy(to, from, n);
    else
      for (std::uint64_t i = 0; i < n; ++i) to[i] = from[i];  // the copy reads what it has just written
    made_ += n;
    return follow(after);
  }
  base::Result<> follow(unsigned after) {
    state_ = after;
    return literals(after);
  }

  base::Bytes in_;
  std::uint64_t most_;
  base::Buffer out_;
  std::uint64_t at_ = 0, made_ = 0;
  unsigned state_ = none;
  bool runs_ = false, done_ = false;
};

}  // namespace

base::Result<base::Buffer> lzo1x(base::Bytes packed, std::uint64_t most, std::uint64_t* consumed) {
  Lzo lzo(packed, most);
  auto out = lzo.run();
  if (consumed) *consumed = lzo.consumed();
  return out;
}

}  // namespace unpack::stream
