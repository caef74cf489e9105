// Raw LZMA and LZMA2 by liblzma, with at most 256 MiB of memory.
#include <lzma.h>

#include "unpack/codec/methods.h"

namespace unpack::codec {
namespace {

using base::Trouble;
constexpr std::uint64_t most_lzma_memory = 256ull << 20;

stream::Decoded run_raw(const lzma_filter* filters, base::Bytes bytes, std::uint64_t most, const stream::Take& take) {
  stream::Decoded out;
  const auto need = lzma_raw_decoder_memusage(filters);
  if (need > most_lzma_memory) {
    out.end = base::fail(need == UINT64_MAX ? Trouble::malformed : Trouble::limit, "the LZMA data ask for more than 256 MiB of memory");
    return out;
  }
  lzma_stream z = LZMA_STREAM_INIT;
  if (lzma_raw_decoder(&z, filters) != LZMA_OK) {
    lzma_end(&z);
    out.end = base::fail(Trouble::malformed, "the LZMA properties are damaged");
    return out;
  }
  base::Buffer buffer(256 * 1024);
  z.next_in = bytes.data();
  z.avail_in = bytes.size();
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK && out.end && out.produced < most) {
    z.next_out = buffer.data();
    z.avail_out = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), most - out.produced));
    const auto room = z.avail_out;
    state = lzma_code(&z, z.avail_in ? LZMA_RUN : LZMA_FINISH);
    const auto made = room - z.avail_out;
    out.produced += made;
    if (made) out.end = take(base::Bytes(buffer).first(made));
  }
  out.consumed = bytes.size() - z.avail_in;
  lzma_end(&z);
  if (!out.end || state == LZMA_STREAM_END || (state == LZMA_OK && out.produced == most)) return out;
  if (state == LZMA_BUF_ERROR || state == LZMA_OK) out.end = base::fail(Trouble::truncated, "the LZMA data end early");
  else out.end = base::fail(Trouble::malformed, "the LZMA data are damaged near byte {}", out.consumed);
  return out;
}

}  // namespace

stream::Decoded lzma(base::Bytes properties, base::Bytes bytes, std::uint64_t most, const stream::Take& take) {
  lzma_filter filters[2] = {{LZMA_FILTER_LZMA1, nullptr}, {LZMA_VLI_UNKNOWN, nullptr}};
  if (properties.size() < 5 || lzma_properties_decode(&filters[0], nullptr, properties.data(), 5) != LZMA_OK) {
    stream::Decoded bad;
    bad.end = base::fail(Trouble::malformed, "the LZMA properties are damaged");
    return bad;
  }
  auto options = *static_cast<lzma_options_lzma*>(filters[0].options);
  std::free(filters[0].options);
  filters[0].options = &options;
  return run_raw(filters, bytes, most, take);
}

stream::Decoded lzma2(std::uint8_t dictionary, base::Bytes bytes, const stream::Take& take) {
  lzma_filter filters[2] = {{LZMA_FILTER_LZMA2, nullptr}, {LZMA_VLI_UNKNOWN, nullptr}};
  if (lzma_properties_decode(&filters[0], nullptr, &dictionary, 1) != LZMA_OK) {
    stream::Decoded bad;
    bad.end = base::fail(Trouble::malformed, "the LZMA2 properties are damaged");
    return bad;
  }
  auto options = *static_cast<lzma_options_lzma*>(filters[0].options);
  std::free(filters[0].options);
  filters[0].options = &options;
  return run_raw(filters, bytes, UINT64_MAX, take);
}

}  // namespace unpack::codec
