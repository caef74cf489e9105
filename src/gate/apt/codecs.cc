#include "gate/apt/codecs.h"

#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace gate {
namespace {

using base::Trouble;
constexpr std::size_t step = 1u << 20;

base::Result<std::string> gunzip(std::string_view bytes, std::size_t most) {
  z_stream z{};
  if (inflateInit2(&z, 15 + 16) != Z_OK) return base::fail(Trouble::bug, "zlib does not start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> at_end(&z, inflateEnd);
  std::string out, piece(step, '\0');
  std::size_t taken = 0;
  for (;;) {
    if (z.avail_in == 0) {
      const auto n = std::min<std::size_t>(bytes.size() - taken, 1u << 30);
      if (n == 0) return base::fail(Trouble::truncated, "the gzip data ends early");
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + taken));
      z.avail_in = static_cast<uInt>(n);
      taken += n;
    }
    z.next_out = reinterpret_cast<Bytef*>(piece.data());
    z.avail_out = static_cast<uInt>(piece.size());
    const int how = inflate(&z, Z_NO_FLUSH);
    const auto made = piece.size() - z.avail_out;
    if (made > most - out.size()) return base::fail(Trouble::limit, "it unpacks to more than {} bytes", most);
    out.append(piece, 0, made);
    if (how == Z_STREAM_END) {   // gzip members may follow one another (RFC 1952, section 2.2)
      if (z.avail_in == 0 && taken == bytes.size()) return out;
      if (inflateReset(&z) != Z_OK) return base::fail(Trouble::bug, "zlib does not go on");
    } else if (how != Z_OK) {
      return base::fail(Trouble::malformed, "it is no gzip data");
    }
  }
}

// One lzma coder from all of `bytes` to at most `most`.
base::Result<std::string> run_lzma(lzma_stream& z, std::string_view bytes, std::size_t most) {
  const std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> at_end(&z, lzma_end);
  std::string out, piece(step, '\0');
  z.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
  z.avail_in = bytes.size();
  for (;;) {
    z.next_out = reinterpret_cast<std::uint8_t*>(piece.data());
    z.avail_out = piece.size();
    const auto how = lzma_code(&z, LZMA_FINISH);
    const auto made = piece.size() - z.avail_out;
    if (made > most - out.size()) return base::fail(Trouble::limit, "it unpacks to more than {} bytes", most);
    out.append(piece, 0, made);
    if (how == LZMA_STREAM_END) return out;
    if (how == LZMA_BUF_ERROR) return base::fail(Trouble::truncated, "the xz data ends early");
    if (how != LZMA_OK) return base::fail(Trouble::malformed, "it is no xz data");
  }
}

}  // namespace

base::Result<std::string> unpacked_index(std::string_view name, std::string_view bytes, std::size_t most) {
  if (name.ends_with(".gz")) return gunzip(bytes, most);
  if (name.ends_with(".xz")) {
    lzma_stream z = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&z, 256u << 20, LZMA_CONCATENATED) != LZMA_OK) return base::fail(Trouble::bug, "liblzma does not start");
    return run_lzma(z, bytes, most);
  }
  if (bytes.size() > most) return base::fail(Trouble::limit, "it is larger than {} bytes", most);
  return std::string(bytes);
}

base::Result<std::string> gzip(std::string_view text) {
  z_stream z{};
  if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return base::fail(Trouble::bug, "zlib does not start");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> at_end(&z, deflateEnd);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  if (text.size() > UINT32_MAX || out.size() > UINT32_MAX) return base::fail(Trouble::limit, "an index of {} bytes is too large", text.size());
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) return base::fail(Trouble::bug, "zlib packs nothing");
  out.resize(z.total_out);
  return out;
}

base::Result<std::string> xz(std::string_view text) {
  lzma_stream z = LZMA_STREAM_INIT;
  if (lzma_easy_encoder(&z, 6, LZMA_CHECK_CRC64) != LZMA_OK) return base::fail(Trouble::bug, "liblzma does not start");
  return run_lzma(z, text, text.size() + (64u << 20));
}

}  // namespace gate
