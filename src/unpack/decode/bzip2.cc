// bzip2, by libbz2.
#include <bzlib.h>

#include "unpack/stream.h"

namespace unpack::stream {

Decoded bzip2(base::Bytes bytes, const Take& take) {
  constexpr std::size_t piece = 256 * 1024;
  Decoded out;
  bz_stream z{};
  if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK) {
    out.end = base::fail(base::Trouble::bug, "libbz2 does not start");
    return out;
  }
  base::Buffer buffer(piece);
  int state = BZ_OK;
  bool starved = false;
  while (state == BZ_OK && !starved && out.end) {
    if (z.avail_in == 0) {
      const auto part = base::slice(bytes, out.consumed, 1u << 30);
      z.next_in = reinterpret_cast<char*>(const_cast<std::uint8_t*>(part.data()));
      z.avail_in = static_cast<unsigned>(part.size());
    }
    z.next_out = reinterpret_cast<char*>(buffer.data());
    z.avail_out = piece;
    const auto before = z.avail_in;
    state = BZ2_bzDecompress(&z);
    out.consumed += before - z.avail_in;
    const std::size_t made = piece - z.avail_out;
    starved = made == 0 && before == z.avail_in;
    if (made) {
      out.produced += made;
      out.end = take(base::Bytes(buffer).first(made));
    }
  }
  if (out.end && starved && state == BZ_OK) out.end = base::fail(base::Trouble::truncated, "the bzip2 stream ends early, at byte {}", out.consumed);
  else if (out.end && state != BZ_STREAM_END) out.end = base::fail(base::Trouble::malformed, "the bzip2 stream is damaged near byte {}", out.consumed);
  BZ2_bzDecompressEnd(&z);
  return out;
}

}  // namespace unpack::stream
