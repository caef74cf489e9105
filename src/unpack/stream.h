// Decoders of compressed streams: bytes in memory to pieces of at most 256 KiB, with bounded
// memory (windows up to 128 MiB for zstd, 256 MiB for xz and lzma). One stream or frame a call;
// the caller looks at what follows. Nothing is kept between calls.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::stream {

/// Takes a piece; an error stops the decoder and is returned unchanged.
using Take = std::function<base::Result<>(base::Bytes)>;

struct Decoded {
  std::uint64_t consumed = 0;  ///< input bytes that belong to the stream
  std::uint64_t produced = 0;
  base::Result<> end;          ///< malformed, truncated, unsupported, or the taker's error
};

Decoded deflate(base::Bytes bytes, const Take& take);       ///< raw, RFC 1951
Decoded zlib(base::Bytes bytes, const Take& take);          ///< RFC 1950
Decoded gzip_member(base::Bytes bytes, const Take& take);   ///< RFC 1952, checks CRC and length
Decoded bzip2(base::Bytes bytes, const Take& take);
Decoded xz(base::Bytes bytes, const Take& take);
Decoded lzma_alone(base::Bytes bytes, const Take& take);
Decoded lzip_member(base::Bytes bytes, const Take& take);
/// LZMA as zip (method 14) stores it: 4 bytes, properties, then a raw stream.
Decoded lzma_in_zip(base::Bytes bytes, std::uint64_t size, const Take& take);
Decoded zstd_frame(base::Bytes bytes, const Take& take);
Decoded lz4_frame(base::Bytes bytes, const Take& take);
Decoded brotli(base::Bytes bytes, const Take& take);

}  // namespace unpack::stream
