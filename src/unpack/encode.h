// For tests only: sound compressed streams, made by the same libraries' encoders.
#pragma once

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace unpack {

inline std::string deflated(const std::string& text, int window) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}
inline std::string gzipped(const std::string& text) { return deflated(text, 15 + 16); }

inline std::string bzipped(const std::string& text) {
  std::string out(text.size() * 2 + 1000, '\0');
  auto size = static_cast<unsigned>(out.size());
  BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()), static_cast<unsigned>(text.size()), 9, 0, 0);
  out.resize(size);
  return out;
}
inline std::string xzipped(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  const auto state = lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                                reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size());
  if (state != LZMA_OK) return {};
  out.resize(size);
  return out;
}
inline std::string lzma_encoded(const std::string& text) {
  lzma_options_lzma options;
  lzma_lzma_preset(&options, 1);
  lzma_stream z = LZMA_STREAM_INIT;
  if (lzma_alone_encoder(&z, &options) != LZMA_OK) return {};
  std::string out(text.size() * 2 + 1000, '\0');
  z.next_in = reinterpret_cast<const std::uint8_t*>(text.data());
  z.avail_in = text.size();
  z.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  z.avail_out = out.size();
  if (lzma_code(&z, LZMA_FINISH) != LZMA_STREAM_END) return {};
  out.resize(z.total_out);
  lzma_end(&z);
  return out;
}
inline std::string zstd_encoded(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

/// Text that compresses, but not to nothing.
inline std::string some_text(std::size_t size) {
  std::string out;
  for (unsigned i = 0; out.size() < size; ++i) out += "line " + std::to_string(i * 2654435761u) + "\n";
  out.resize(size);
  return out;
}

}  // namespace unpack
