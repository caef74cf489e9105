// See methods.h. PPMd is left to libarchive, which gets the member as an archive of its own.
#include "unpack/zip/methods.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "unpack/codec/methods.h"

namespace unpack::zip_format {
namespace {

using base::Trouble;

void append(base::Buffer& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::string_view name_of_method(unsigned method) {
  switch (method) {
    case 10: return "PKWARE's old library";
    case 18: return "IBM TERSE";
    case 19: return "LZ77";
    case 94: return "MP3";
    case 96: return "JPEG";
    case 97: return "WavPack";
    case 99: return "AES encryption";
    default: return "unknown";
  }
}

// An archive of one member with the sizes that are known, for a library that reads whole archives.
stream::Decoded by_libarchive(const Header& h, base::Bytes content, const stream::Take& take) {
  stream::Decoded out;
  if (content.size() > UINT32_MAX || h.size > UINT32_MAX) {
    out.end = base::fail(Trouble::unsupported, "a PPMd member above 4 GiB is not read");
    return out;
  }
  base::Buffer whole;
  append(whole, 0x04034b50, 4);
  append(whole, 20, 2);
  append(whole, 0, 2);
  append(whole, h.method, 2);
  append(whole, 0, 4);
  append(whole, h.crc, 4);
  append(whole, content.size(), 4);
  append(whole, h.size, 4);
  append(whole, 1, 2);
  append(whole, 0, 2);
  whole.push_back('m');
  whole.insert(whole.end(), content.begin(), content.end());
  const std::unique_ptr<struct archive, decltype(&archive_read_free)> a(archive_read_new(), &archive_read_free);
  struct archive_entry* entry = nullptr;
  if (!a || archive_read_support_format_zip_streamable(a.get()) != ARCHIVE_OK || archive_read_open_memory(a.get(), whole.data(), whole.size()) != ARCHIVE_OK ||
      archive_read_next_header(a.get(), &entry) < ARCHIVE_WARN) {
    out.end = base::fail(Trouble::malformed, "the PPMd member is damaged");
    return out;
  }
  out.consumed = content.size();
  for (unsigned idle = 0; out.end && idle < 1000;) {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int state = archive_read_data_block(a.get(), &data, &size, &offset);
    if (state == ARCHIVE_EOF) break;
    if (state < ARCHIVE_WARN) {
      out.end = base::fail(Trouble::malformed, "the PPMd member is damaged");
      break;
    }
    idle = size ? 0 : idle + 1;
    out.produced += size;
    if (size) out.end = take({static_cast<const std::uint8_t*>(data), size});
  }
  return out;
}

}  // namespace

stream::Decoded decode(const Header& h, base::Bytes content, const stream::Take& take) {
  stream::Decoded out;
  switch (h.method) {
    case 0:
      out.consumed = out.produced = content.size();
      if (!content.empty()) out.end = take(content);
      return out;
    case 1: return codec::unshrink(content, h.size, take);
    case 2: case 3: case 4: case 5: return codec::expand_reduced(content, h.method - 1u, h.size, take);
    case 6: return codec::explode(content, h.flags & 2, h.flags & 4, h.size, take);
    case 8: return stream::deflate(content, take);
    case 9: return codec::inflate(content, codec::Inflate::deflate64, take);
    case 12: return stream::bzip2(content, take);
    case 14: return stream::lzma_in_zip(content, h.size, take);
    case 93: case 20: return stream::zstd_frame(content, take);
    case 95: return stream::xz(content, take);
    case 98: return by_libarchive(h, content, take);
    default: out.end = base::fail(Trouble::unsupported, "method {} ({}) is not read", h.method, name_of_method(h.method)); return out;
  }
}

}  // namespace unpack::zip_format
