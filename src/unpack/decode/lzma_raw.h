// LZMA streams whose header is missing, shortened or moved, as firmware stores them: the caller
// says what the header would have said. By liblzma, so literal context and position bits may be 4
// together; at most 256 MiB of memory.
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
};

/// Decodes a raw stream. With `size` it ends there or at its end mark; without one it has to
/// have an end mark: when that is missing, what could be decoded is given and the end is `truncated`.
Decoded lzma_raw(base::Bytes bytes, const LzmaProperties& properties, std::optional<std::uint64_t> size, const Take& take);

/// The same for one block in memory, of at most `most` bytes: a missing end mark is no error, since
/// such blocks end where their input ends. An error when nothing could be decoded.
base::Result<base::Buffer> lzma_block(base::Bytes bytes, const LzmaProperties& properties, std::uint64_t most);

}  // namespace unpack::stream
