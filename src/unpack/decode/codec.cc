// See codec.h. What lzop files are: see lzop/lzop.cc; here sums are passed over, since the
// stream is checked by its block sizes.
#include "unpack/codec.h"

#include <lz4.h>

#include <algorithm>
#include <optional>

#include "base/cursor.h"
#include "unpack/decode/lzo.h"

namespace unpack::stream {
namespace {

using base::Trouble;
using namespace std::string_view_literals;

bool yes(base::Bytes) { return true; }
std::uint32_t number(base::Bytes b, std::uint64_t at) { return base::Cursor(base::slice(b, at, 4)).u32(); }

bool gzip_begins(base::Bytes b) { return b.size() > 18 && (b[3] & 0xe0) == 0; }
bool bzip2_begins(base::Bytes b) { return b.size() > 10 && b[3] >= '1' && b[3] <= '9' && base::text_of(b.subspan(4, 6)) == "\x31\x41\x59\x26\x53\x59"; }
// Properties lc=3 lp=0 pb=2, a dictionary of 64 KiB to 64 MiB as a power of two, the length unknown or below 1 GiB.
bool lzma_begins(base::Bytes b) {
  if (b.size() < 32 || b[13] != 0) return false;
  const auto dictionary = number(b, 1), low = number(b, 5), high = number(b, 9);
  if (dictionary < 1u << 16 || dictionary > 1u << 26 || (dictionary & (dictionary - 1))) return false;
  return (low == UINT32_MAX && high == UINT32_MAX) || (high == 0 && low > 16 && low < 1u << 30);
}
bool lz4_legacy_begins(base::Bytes b) {
  const auto size = number(b, 4);
  return size > 4 && size < (8u << 20) + (8u << 12) && size <= b.size();
}

struct LzopHeader {
  std::uint32_t flags = 0;
  std::uint64_t size = 0;
};
std::optional<LzopHeader> lzop_header(base::Bytes bytes) {
  base::Cursor at(bytes, std::endian::big);
  at.skip(9);
  const auto version = at.u16();
  at.skip(2);
  const bool late = version >= 0x0940;
  if (late) at.skip(2);
  const auto method = at.u8();
  if (late) at.skip(1);
  LzopHeader out{at.u32()};
  at.skip(late ? 12 : 8);
  at.skip(at.u8());
  at.skip(4);
  out.size = at.position();
  if (!at.ok() || method < 1 || method > 3 || out.flags & 0x840) return std::nullopt;
  return out;
}
bool lzop_begins(base::Bytes b) { return lzop_header(b).has_value(); }

}  // namespace

const std::vector<Codec>& codecs() {
  static const std::vector<Codec> all = {
      {"gzip", "\x1f\x8b\x08"sv, gzip_begins, gzip_member},
      {"xz", "\xfd" "7zXZ\0"sv, yes, xz},
      {"bzip2", "BZh"sv, bzip2_begins, bzip2},
      {"lzma", "\x5d\0\0"sv, lzma_begins, lzma_alone},
      {"zstd", "\x28\xb5\x2f\xfd"sv, yes, zstd_frame},
      {"lz4", "\x02\x21\x4c\x18"sv, lz4_legacy_begins, lz4_legacy},
      {"lz4", "\x04\x22\x4d\x18"sv, yes, lz4_frame},
      {"lzop", "\x89LZO\0\r\n\x1a\n"sv, lzop_begins, lzop_part},
  };
  return all;
}

const Codec* codec_at(base::Bytes bytes) {
  const auto found = std::ranges::find_if(codecs(), [&](const Codec& c) { return base::starts_with(bytes, c.magic) && c.begins(bytes); });
  return found == codecs().end() ? nullptr : &*found;
}

bool decodes(const Codec& codec, base::Bytes bytes, base::Buffer* begin) {
  constexpr std::size_t enough = 4096;
  base::Buffer got;
  const auto decoded = codec.decode(bytes, [&](base::Bytes piece) -> base::Result<> {
    piece = base::slice(piece, 0, enough - std::min(enough, got.size()));
    got.insert(got.end(), piece.begin(), piece.end());
    if (got.size() >= enough) return base::fail(Trouble::limit, "enough");
    return {};
  });
  const bool sound = got.size() >= enough || (decoded.end && !got.empty());
  if (begin) *begin = std::move(got);
  return sound;
}

Decoded lz4_legacy(base::Bytes bytes, const Take& take) {
  constexpr std::size_t block = 8u << 20;
  constexpr std::uint32_t legacy = 0x184C2102;
  Decoded out;
  if (bytes.size() < 8 || number(bytes, 0) != legacy) {
    out.end = base::fail(Trouble::malformed, "no legacy lz4 frame");
    return out;
  }
  out.consumed = 4;
  base::Buffer buffer;
  while (out.end) {
    const auto size = number(bytes, out.consumed);
    if (bytes.size() - out.consumed < 8 || size == 0 || (size != legacy && size > static_cast<std::uint32_t>(LZ4_compressBound(block)))) break;  // what follows is something else
    if (size == legacy) {  // a further frame
      out.consumed += 4;
      continue;
    }
    const auto packed = base::slice(bytes, out.consumed + 4, size);
    if (packed.size() < size) {
      if (out.produced == 0) out.end = base::fail(Trouble::truncated, "the legacy lz4 frame ends early, at byte {}", out.consumed);
      break;
    }
    buffer.resize(block);
    const int made = LZ4_decompress_safe(reinterpret_cast<const char*>(packed.data()), reinterpret_cast<char*>(buffer.data()), static_cast<int>(size), static_cast<int>(block));
    if (made <= 0) {
      if (out.produced == 0) out.end = base::fail(Trouble::malformed, "the legacy lz4 frame is damaged near byte {}", out.consumed);
      break;
    }
    out.consumed += 4 + size;
    out.produced += static_cast<std::uint64_t>(made);
    out.end = take(base::Bytes(buffer).first(static_cast<std::size_t>(made)));
    if (static_cast<std::size_t>(made) < block) break;  // only the last block is shorter
  }
  if (out.end && out.produced == 0) out.end = base::fail(Trouble::malformed, "the legacy lz4 frame holds no block");
  return out;
}

Decoded lzop_part(base::Bytes bytes, const Take& take) {
  Decoded out;
  const auto head = lzop_header(bytes);
  if (!head) {
    out.end = base::fail(Trouble::malformed, "no lzop header");
    return out;
  }
  out.consumed = head->size;
  while (out.end) {
    base::Cursor in(base::slice(bytes, out.consumed), std::endian::big);
    const auto size = in.u32();
    if (in.ok() && size == 0) {
      out.consumed += 4;
      return out;
    }
    const auto packed_size = in.u32();
    in.skip((head->flags & 1 ? 4u : 0u) + (head->flags & 0x100 ? 4u : 0u));
    if (packed_size < size) in.skip((head->flags & 2 ? 4u : 0u) + (head->flags & 0x200 ? 4u : 0u));
    const auto packed = in.take(packed_size);
    out.end = in.status("an lzop block");
    if (!out.end) break;
    if (packed_size > size || size > (64u << 20)) {
      out.end = base::fail(Trouble::malformed, "an lzop block of {} bytes out of {}", size, packed_size);
      break;
    }
    base::Buffer content(packed.begin(), packed.end());
    if (packed_size < size) {
      auto unpacked = lzo1x(packed, size);
      if (!unpacked) {
        out.end = std::unexpected(unpacked.error());
        break;
      }
      content = std::move(*unpacked);
    }
    out.consumed += in.position();
    out.produced += content.size();
    out.end = take(content);
  }
  return out;
}

}  // namespace unpack::stream
