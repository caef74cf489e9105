// LZMA streams whose header is missing, shortened or moved, as firmware stores them: the caller
// says what the header would have said. LZMA specification (draft of 2015, lzma-specification.txt).
#pragma once

#include <optional>

#include "unpack/stream.h"

namespace unpack::stream {

struct LzmaProperties {
  unsigned lc = 3, lp = 0, pb = 2;
  std::uint32_t dictionary = 1u << 23;

  /// From the first byte of a .lzma header: (pb * 5 + lp) * 9 + lc.
  static std::optional<LzmaProperties> from_byte(std::uint8_t byte, std::uint32_t dictionary);
  std::uint8_t byte() const { return static_cast<std::uint8_t>((pb * 5 + lp) * 9 + lc); }
  bool operator==(const LzmaProperties&) const = default;
};

/// Decodes a raw stream, by liblzma: at most 256 MiB of memory, lc + lp at most 4. With `size` it
/// ends there or at its end mark; without one it has to have an end mark: when that is missing,
/// what could be decoded is given and the end is `truncated`.
Decoded lzma_raw(base::Bytes bytes, const LzmaProperties& properties, std::optional<std::uint64_t> size, const Take& take);

struct LzmaBlock {
  base::Buffer bytes;
  /// The coder came to rest exactly where the input ends, or at an end mark: with wrong properties
  /// that is as good as impossible.
  bool sound = false;
  std::uint64_t left = 0;  ///< input bytes that were not needed
};

/// One block in memory of at most `most` bytes whose size may be unknown: own decoder, any
/// properties, the dictionary is the block. It ends at `most` bytes, at an end mark or where the
/// input is used up; then some bytes too many may have been read out of nothing, since only the size
/// tells how many symbols the last bits stand for. An error when the stream contradicts itself.
base::Result<LzmaBlock> lzma_block(base::Bytes bytes, const LzmaProperties& properties, std::uint64_t most);

}  // namespace unpack::stream
