// The output of a dictionary decoder: a ring of the last bytes, handed on in pieces. Bytes before the
// start are `fill`. Bounded by the size the caller expects.
#pragma once

#include <algorithm>

#include "unpack/stream.h"

namespace unpack::codec {

class Window {
 public:
  Window(std::uint64_t size, std::uint64_t expected, const stream::Take& take, std::uint8_t fill = 0)
      : ring_(size, fill), expected_(expected), take_(take) {}

  std::uint64_t made() const { return made_; }
  bool full() const { return made_ >= expected_; }
  void literal(std::uint8_t b) {
    ring_[at_++] = b;
    ++made_;
    if (at_ == ring_.size()) wrap();
  }
  /// Copies from `distance` bytes back; cut at the expected size. False for a distance larger than the ring.
  bool copy(std::uint64_t distance, std::uint64_t length) {
    if (distance == 0 || distance > ring_.size()) return false;
    length = std::min(length, expected_ - made_);
    for (; length; --length) literal(ring_[at_ >= distance ? at_ - distance : at_ + ring_.size() - distance]);
    return true;
  }
  /// Hands on what is left. Errors of the taker come back here and in error().
  base::Result<> finish() {
    flush();
    return given_;
  }
  bool failed() const { return !given_.has_value(); }

 private:
  void wrap() {
    flush();
    at_ = handed_ = 0;
  }
  void flush() {
    if (given_ && at_ > handed_) given_ = take_(base::Bytes(ring_).subspan(handed_, at_ - handed_));
    handed_ = at_;
  }
  base::Buffer ring_;
  std::uint64_t at_ = 0, handed_ = 0, made_ = 0, expected_;
  const stream::Take& take_;
  base::Result<> given_;
};

}  // namespace unpack::codec
