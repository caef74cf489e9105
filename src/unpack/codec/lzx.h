// LZX as cabinets and compiled help store it: frames of 32 KiB over one window.
// Microsoft LZX Data Compression Format, 1997; MS-PATCH 2. Without the DELTA extension.
#pragma once

#include "base/result.h"
#include "unpack/codec/bits.h"

namespace unpack::codec {

class Lzx {
 public:
  static constexpr std::uint64_t frame_size = 32768;

  /// `window` is the logarithm of the window's size, 15 to 21.
  static base::Result<Lzx> open(unsigned window);
  /// Forgets tables and recent offsets, as at a reset interval; the window stays.
  void reset();
  /// One frame of `size` bytes (all but the last have 32 KiB). `used` is how much input it took.
  struct Frame {
    base::Bytes bytes;  ///< valid until the next call
    std::uint64_t used = 0;
  };
  base::Result<Frame> frame(base::Bytes packed, std::uint64_t size);

 private:
  explicit Lzx(unsigned window);
  using Input = Bits<Order::msb_words>;
  base::Result<> block(Input& in);
  bool lengths(Input& in, std::span<std::uint8_t> of);
  base::Result<> matches(Input& in, std::uint64_t until);
  base::Result<> stored(Input& in, std::uint64_t until);
  base::Result<std::uint64_t> offset(Input& in, unsigned slot);
  void undo_calls(std::uint64_t size);

  unsigned slots_ = 0;
  base::Buffer window_, out_;
  std::uint64_t at_ = 0, frames_ = 0;
  bool begun_ = false;
  std::uint32_t call_size_ = 0;  ///< of the translated program; 0 = calls stand as they are
  unsigned type_ = 0;
  std::uint64_t left_ = 0, block_size_ = 0;  ///< of the open block
  std::array<std::uint32_t, 3> recent_{1, 1, 1};
  std::array<std::uint8_t, 256 + 8 * 50> main_lengths_{};
  std::array<std::uint8_t, 249> length_lengths_{};
  Prefix<256 + 8 * 50> main_;
  Prefix<249> length_;
  Prefix<8> aligned_;
};

}  // namespace unpack::codec
