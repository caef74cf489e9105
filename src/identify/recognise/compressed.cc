// Compressed streams: one content, no members. Brotli has no magic and is taken by its name only.
#include "identify/look.h"
#include "identify/recogniser.h"

#include <bit>

#include <fmt/format.h>

namespace identify {
namespace {

// .lzma: properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes, a plausible length, and the range
// coder's first byte, which is always zero.
bool is_lzma(base::Bytes b) {
  if (b.size() < 18 || b[0] >= 225 || b[13] != 0) return false;
  const auto dictionary = little32(b, 1);
  if (dictionary < 4096) return false;
  const auto top = std::bit_floor(dictionary);
  if (dictionary != top && dictionary != top + top / 2 && dictionary != 0xFFFFFFFF) return false;
  const auto low = little32(b, 5), high = little32(b, 9);
  const bool unknown = low == 0xFFFFFFFF && high == 0xFFFFFFFF;
  return unknown || (high < 64 && (low || high));
}

class Compressed final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {
        "compressed",
        {"gzip", "bzip2", "xz", "lzma", "zstd", "lz4", "lzip", "brotli", "compress"},
        {"gz", "tgz", "bz2", "tbz2", "tbz", "xz", "txz", "lzma", "tlz", "zst", "tzst", "lz4", "lz", "br", "z", "svgz"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 4) return std::nullopt;
    if (b[0] == 0x1f && b[1] == 0x8b && b[2] == 8 && (b[3] & 0xe0) == 0) return Identity{"gzip", "gzip", 34};
    if (b[0] == 0x1f && b[1] == 0x9d) return Identity{"compress", "Unix compress", 18};
    if (has(b, 0, "BZh") && b[3] >= '1' && b[3] <= '9' && (has(b, 4, "\x31\x41\x59\x26\x53\x59") || has(b, 4, "\x17\x72\x45\x38\x50\x90")))
      return Identity{"bzip2", "bzip2", 76};
    if (has(b, 0, std::string_view("\xFD" "7zXZ\0", 6))) return Identity{"xz", "xz", 48};
    const auto magic = little32(b, 0);
    if (magic == 0xFD2FB528) return Identity{"zstd", "zstd", 36};
    if ((magic & 0xFFFFFFF0) == 0x184D2A50 && little32(b, 4) < b.size()) {
      const auto next = little32(b, 8ull + little32(b, 4));
      if (next == 0xFD2FB528) return Identity{"zstd", "zstd after a skippable frame", 48};
      if (next == 0x184D2204) return Identity{"lz4", "lz4 after a skippable frame", 48};
    }
    if (magic == 0x184D2204) return Identity{"lz4", "lz4 frame", 36};
    if (magic == 0x184C2102) return Identity{"lz4", "lz4 legacy frame", 34};
    if (has(b, 0, std::string_view("LZIP\x01", 5))) return Identity{"lzip", "lzip", 40};
    if (is_lzma(b)) return Identity{"lzma", "lzma", b[0] == 0x5d || one_of(extension(s.name), {"lzma", "tlz"}) ? 30u : 14u};
    if (extension(s.name) == "br" && !is_text(b)) return Identity{"brotli", "brotli, by its name", 6};
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& compressed() {
  static const Compressed one;
  return one;
}

}  // namespace identify
