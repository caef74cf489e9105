// One LZ4 frame, by liblz4 (version 1.6 of the frame format), and one Brotli stream, by libbrotlidec.
#include <brotli/decode.h>
#include <lz4frame.h>

#include <memory>

#include "unpack/stream.h"

namespace unpack::stream {

Decoded lz4_frame(base::Bytes bytes, const Take& take) {
  Decoded out;
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION))) {
    out.end = base::fail(base::Trouble::bug, "lz4 does not start");
    return out;
  }
  const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> context(raw, &LZ4F_freeDecompressionContext);
  base::Buffer buffer(256 * 1024);
  while (out.end) {
    std::size_t made = buffer.size();
    std::size_t used = bytes.size() - out.consumed;
    const auto left = LZ4F_decompress(context.get(), buffer.data(), &made, bytes.data() + out.consumed, &used, nullptr);
    out.consumed += used;
    if (LZ4F_isError(left)) {
      out.end = base::fail(base::Trouble::malformed, "the lz4 frame is damaged near byte {} ({})", out.consumed, LZ4F_getErrorName(left));
      break;
    }
    if (made) {
      out.produced += made;
      out.end = take(base::Bytes(buffer).first(made));
    }
    if (left == 0) break;
    if (made == 0 && used == 0) out.end = base::fail(base::Trouble::truncated, "the lz4 frame ends early, at byte {}", out.consumed);
  }
  return out;
}

Decoded brotli(base::Bytes bytes, const Take& take) {
  Decoded out;
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr),
                                                                                           &BrotliDecoderDestroyInstance);
  if (!state) {
    out.end = base::fail(base::Trouble::bug, "brotli does not start");
    return out;
  }
  base::Buffer buffer(256 * 1024);
  std::size_t left = bytes.size();
  const std::uint8_t* next = bytes.data();
  while (out.end) {
    std::size_t room = buffer.size();
    std::uint8_t* to = buffer.data();
    const auto result = BrotliDecoderDecompressStream(state.get(), &left, &next, &room, &to, nullptr);
    out.consumed = bytes.size() - left;
    if (const std::size_t made = buffer.size() - room) {
      out.produced += made;
      out.end = take(base::Bytes(buffer).first(made));
      if (!out.end) break;
    }
    if (result == BROTLI_DECODER_RESULT_SUCCESS) break;
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) out.end = base::fail(base::Trouble::truncated, "the brotli stream ends early, at byte {}", out.consumed);
    if (result == BROTLI_DECODER_RESULT_ERROR) out.end = base::fail(base::Trouble::malformed, "the brotli stream is damaged near byte {}", out.consumed);
  }
  return out;
}

}  // namespace unpack::stream
