// xz, .lzma, lzip and zip's LZMA, by liblzma (5.4 reads lzip itself), at most 256 MiB of memory.
#include <lzma.h>

#include "unpack/stream.h"

namespace unpack::stream {
namespace {

constexpr std::size_t lzma_piece = 256 * 1024;
constexpr std::uint64_t most_memory = 256ull << 20;

base::Result<> meaning(lzma_ret state, std::string_view what, std::uint64_t at) {
  using base::Trouble;
  switch (state) {
    case LZMA_STREAM_END: return {};
    case LZMA_MEMLIMIT_ERROR: case LZMA_MEM_ERROR: return base::fail(Trouble::limit, "the {} stream asks for more than 256 MiB of memory", what);
    case LZMA_OPTIONS_ERROR: return base::fail(Trouble::unsupported, "the {} stream uses an unknown option", what);
    case LZMA_BUF_ERROR: case LZMA_OK: return base::fail(Trouble::truncated, "the {} stream ends early, at byte {}", what, at);
    default: return base::fail(Trouble::malformed, "the {} stream is damaged near byte {}", what, at);
  }
}

// Runs a started decoder to its end; `most` bounds the output (for streams without an end mark).
Decoded run(lzma_stream& z, base::Bytes bytes, std::string_view what, const Take& take, std::uint64_t most = UINT64_MAX) {
  Decoded out;
  base::Buffer buffer(lzma_piece);
  z.next_in = bytes.data();
  z.avail_in = bytes.size();
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK && out.end && out.produced < most) {
    z.next_out = buffer.data();
    z.avail_out = static_cast<std::size_t>(std::min<std::uint64_t>(lzma_piece, most - out.produced));
    const auto room = z.avail_out;
    state = lzma_code(&z, z.avail_in ? LZMA_RUN : LZMA_FINISH);
    const std::size_t made = room - z.avail_out;
    if (made) {
      out.produced += made;
      out.end = take(base::Bytes(buffer).first(made));
    }
  }
  out.consumed = bytes.size() - z.avail_in;
  if (out.end && !(state == LZMA_OK && out.produced == most)) out.end = meaning(state, what, out.consumed);
  lzma_end(&z);
  return out;
}

template <class Start>
Decoded decode(base::Bytes bytes, std::string_view what, const Take& take, Start start, std::uint64_t most = UINT64_MAX) {
  lzma_stream z = LZMA_STREAM_INIT;
  if (const auto state = start(&z); state != LZMA_OK) {
    lzma_end(&z);
    Decoded out;
    out.end = meaning(state == LZMA_BUF_ERROR ? LZMA_DATA_ERROR : state, what, 0);
    return out;
  }
  return run(z, bytes, what, take, most);
}

}  // namespace

Decoded xz(base::Bytes bytes, const Take& take) {
  return decode(bytes, "xz", take, [](lzma_stream* z) { return lzma_stream_decoder(z, most_memory, 0); });
}
Decoded lzma_alone(base::Bytes bytes, const Take& take) {
  return decode(bytes, "lzma", take, [](lzma_stream* z) { return lzma_alone_decoder(z, most_memory); });
}
Decoded lzip_member(base::Bytes bytes, const Take& take) {
  return decode(bytes, "lzip", take, [](lzma_stream* z) { return lzma_lzip_decoder(z, most_memory, 0); });
}

Decoded lzma_in_zip(base::Bytes bytes, std::uint64_t size, const Take& take) {
  Decoded bad;
  if (bytes.size() < 9 || bytes[2] != 5 || bytes[3] != 0) {
    bad.end = base::fail(base::Trouble::malformed, "the LZMA member lacks its properties");
    return bad;
  }
  // The same as .lzma with a length put in.
  base::Buffer head(bytes.begin() + 4, bytes.begin() + 9);
  for (int i = 0; i < 8; ++i) head.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
  lzma_options_lzma options{};
  lzma_filter filters[2] = {{LZMA_FILTER_LZMA1, nullptr}, {LZMA_VLI_UNKNOWN, nullptr}};
  if (lzma_properties_decode(&filters[0], nullptr, bytes.data() + 4, 5) != LZMA_OK) {
    bad.end = base::fail(base::Trouble::malformed, "the LZMA member's properties are damaged");
    return bad;
  }
  options = *static_cast<lzma_options_lzma*>(filters[0].options);
  std::free(filters[0].options);
  filters[0].options = &options;
  if (lzma_raw_decoder_memusage(filters) > most_memory) {
    bad.end = base::fail(base::Trouble::limit, "the LZMA member asks for more than 256 MiB of memory");
    return bad;
  }
  auto out = decode(bytes.subspan(9), "lzma", take, [&](lzma_stream* z) { return lzma_raw_decoder(z, filters); }, size);
  out.consumed += 9;
  return out;
}

}  // namespace unpack::stream
