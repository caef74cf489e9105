// See lzma_raw.h.
#include "unpack/decode/lzma_raw.h"

#include <lzma.h>

#include <algorithm>
#include <array>

namespace unpack::stream {
namespace {

using base::Trouble;
constexpr std::uint64_t most_memory = 256ull << 20;

class RawDecoder {
 public:
  explicit RawDecoder(const LzmaProperties& properties) {
    lzma_options_lzma options{};
    options.dict_size = std::max<std::uint32_t>(properties.dictionary, LZMA_DICT_SIZE_MIN);
    options.lc = properties.lc;
    options.lp = properties.lp;
    options.pb = properties.pb;
    const std::array<lzma_filter, 2> filters = {{{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
    if (properties.lc + properties.lp > 4 || properties.pb > 4) begun_ = base::fail(Trouble::unsupported, "LZMA properties lc={} lp={} pb={}", properties.lc, properties.lp, properties.pb);
    else if (lzma_raw_decoder_memusage(filters.data()) > most_memory) begun_ = base::fail(Trouble::limit, "the LZMA stream asks for more than 256 MiB of memory");
    else if (lzma_raw_decoder(&z_, filters.data()) != LZMA_OK) begun_ = base::fail(Trouble::malformed, "the LZMA stream can't be begun");
  }
  ~RawDecoder() { lzma_end(&z_); }
  RawDecoder(const RawDecoder&) = delete;
  RawDecoder& operator=(const RawDecoder&) = delete;

  const base::Result<>& begun() const { return begun_; }
  lzma_stream& operator*() { return z_; }

 private:
  lzma_stream z_ = LZMA_STREAM_INIT;
  base::Result<> begun_;
};

}  // namespace

std::optional<LzmaProperties> LzmaProperties::from_byte(std::uint8_t byte, std::uint32_t dictionary) {
  if (byte >= 225) return std::nullopt;
  return LzmaProperties{byte % 9u, byte / 9u % 5u, byte / 45u, dictionary};
}

Decoded lzma_raw(base::Bytes bytes, const LzmaProperties& properties, std::optional<std::uint64_t> size, const Take& take) {
  Decoded out;
  RawDecoder decoder(properties);
  if (!decoder.begun()) {
    out.end = decoder.begun();
    return out;
  }
  auto& z = *decoder;
  base::Buffer buffer(static_cast<std::size_t>(std::min<std::uint64_t>(256 * 1024, std::max<std::uint64_t>(size.value_or(UINT64_MAX), 1))));
  z.next_in = bytes.data();
  z.avail_in = bytes.size();
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK && out.end && (!size || out.produced < *size)) {
    z.next_out = buffer.data();
    z.avail_out = size ? static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), *size - out.produced)) : buffer.size();
    const auto room = z.avail_out;
    state = lzma_code(&z, z.avail_in ? LZMA_RUN : LZMA_FINISH);
    if (const auto made = room - z.avail_out) {
      out.produced += made;
      out.end = take(base::Bytes(buffer).first(made));
    }
  }
  out.consumed = bytes.size() - z.avail_in;
  if (!out.end || state == LZMA_STREAM_END || state == LZMA_OK) return out;
  if (state == LZMA_BUF_ERROR) out.end = base::fail(Trouble::truncated, "the LZMA stream ends early, at byte {}", out.consumed);
  else out.end = base::fail(Trouble::malformed, "the LZMA stream is damaged near byte {}", out.consumed);
  return out;
}

}  // namespace unpack::stream
