// One zstd frame (RFC 8878), by libzstd, with windows of at most 128 MiB.
#include <zstd.h>

#include <memory>

#include "unpack/stream.h"

namespace unpack::stream {

Decoded zstd_frame(base::Bytes bytes, const Take& take) {
  Decoded out;
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 27))) {
    out.end = base::fail(base::Trouble::bug, "zstd does not start");
    return out;
  }
  base::Buffer buffer(256 * 1024);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (out.end) {
    ZSTD_outBuffer to{buffer.data(), buffer.size(), 0};
    const auto before = in.pos;
    const auto left = ZSTD_decompressStream(context.get(), &to, &in);
    out.consumed = in.pos;
    if (ZSTD_isError(left)) {
      const std::string_view name = ZSTD_getErrorName(left);
      const auto trouble = name.find("memory") != name.npos ? base::Trouble::limit : base::Trouble::malformed;
      out.end = base::fail(trouble, "the zstd frame can't be read near byte {} ({})", in.pos, name);
      break;
    }
    if (to.pos) {
      out.produced += to.pos;
      out.end = take(base::Bytes(buffer).first(to.pos));
    }
    if (left == 0) break;
    if (to.pos == 0 && in.pos == before) {
      out.end = base::fail(base::Trouble::truncated, "the zstd frame ends early, at byte {}", in.pos);
    }
  }
  return out;
}

}  // namespace unpack::stream
