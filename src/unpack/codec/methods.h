// Decoders of archive methods that no library here reads. Each takes one stream from memory and stops
// at its end mark or at `size` bytes of output, whichever its format has. Nothing is kept between calls.
#pragma once

#include "unpack/stream.h"

namespace unpack::codec {

enum class Inflate {
  deflate64,  ///< zip method 9: window of 64 KiB, matches up to 65,538. APPNOTE 5.5
  nsis        ///< deflate whose stored blocks lack the complement of their length
};
stream::Decoded inflate(base::Bytes bytes, Inflate variant, const stream::Take& take);

/// bzip2 without header, block magics and checksums, as NSIS stores it.
stream::Decoded bare_bzip2(base::Bytes bytes, const stream::Take& take);

/// A raw LZMA stream after its five bytes of properties; ends at its end mark or at `most` bytes.
stream::Decoded lzma(base::Bytes properties, base::Bytes bytes, std::uint64_t most, const stream::Take& take);
/// LZMA2 after its one byte of properties.
stream::Decoded lzma2(std::uint8_t dictionary, base::Bytes bytes, const stream::Take& take);

/// Zip methods 1, 2 to 5 and 6. APPNOTE 5.1 to 5.3.
stream::Decoded unshrink(base::Bytes bytes, std::uint64_t size, const stream::Take& take);
stream::Decoded expand_reduced(base::Bytes bytes, unsigned factor, std::uint64_t size, const stream::Take& take);
stream::Decoded explode(base::Bytes bytes, bool large_window, bool literal_tree, std::uint64_t size, const stream::Take& take);

/// PKWARE's Data Compression Library ("implode" of installers); ends at its end mark.
stream::Decoded explode_library(base::Bytes bytes, const stream::Take& take);

/// LZH as LHA's lh4 to lh7 and ARJ's methods 1 to 3 have it: `window` and `positions` are the method's.
stream::Decoded lzh(base::Bytes bytes, unsigned window, unsigned positions_bits, std::uint64_t size, const stream::Take& take);
/// ARJ's method 4.
stream::Decoded arj_fastest(base::Bytes bytes, std::uint64_t size, const stream::Take& take);

/// LZSS with a 4 KiB window and flag bytes, as SZDD files and KWAJ's method 2 have it: `start` is where the ring begins.
stream::Decoded lzss(base::Bytes bytes, unsigned start, std::uint64_t size, const stream::Take& take);

}  // namespace unpack::codec
