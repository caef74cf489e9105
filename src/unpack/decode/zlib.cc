// Deflate in its three wrappings, by zlib. RFC 1950, 1951, 1952.
#include <zlib.h>

#include "unpack/stream.h"

namespace unpack::stream {
namespace {

constexpr std::size_t inflate_piece = 256 * 1024;

Decoded inflate_with(base::Bytes bytes, int window, std::string_view what, const Take& take) {
  Decoded out;
  z_stream z{};
  if (inflateInit2(&z, window) != Z_OK) {
    out.end = base::fail(base::Trouble::bug, "zlib does not start");
    return out;
  }
  base::Buffer buffer(inflate_piece);
  int state = Z_OK;
  while (state == Z_OK) {
    if (z.avail_in == 0 && out.consumed < bytes.size()) {
      const auto part = base::slice(bytes, out.consumed, 1u << 30);
      z.next_in = const_cast<Bytef*>(part.data());
      z.avail_in = static_cast<uInt>(part.size());
    }
    z.next_out = buffer.data();
    z.avail_out = inflate_piece;
    const auto before = z.avail_in;
    state = inflate(&z, Z_NO_FLUSH);
    out.consumed += before - z.avail_in;
    const std::size_t made = inflate_piece - z.avail_out;
    if (made) {
      out.produced += made;
      if (auto taken = take(base::Bytes(buffer).first(made)); !taken) {
        out.end = std::move(taken);
        break;
      }
    } else if (state == Z_OK && before == z.avail_in) {
      state = Z_BUF_ERROR;
    }
  }
  if (out.end && state == Z_BUF_ERROR) out.end = base::fail(base::Trouble::truncated, "the {} stream ends early, at byte {}", what, out.consumed);
  else if (out.end && state != Z_STREAM_END)
    out.end = base::fail(base::Trouble::malformed, "the {} stream is damaged near byte {} ({})", what, out.consumed, z.msg ? z.msg : "no detail");
  inflateEnd(&z);
  return out;
}

}  // namespace

Decoded deflate(base::Bytes bytes, const Take& take) { return inflate_with(bytes, -15, "deflate", take); }
Decoded zlib(base::Bytes bytes, const Take& take) { return inflate_with(bytes, 15, "zlib", take); }
Decoded gzip_member(base::Bytes bytes, const Take& take) { return inflate_with(bytes, 15 + 16, "gzip", take); }

}  // namespace unpack::stream
