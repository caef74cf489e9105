// File systems of embedded devices, and what lies below them in flash. A magic is never enough:
// sizes, sums, byte orders and types have to agree with it.
#include <algorithm>
#include <array>
#include <bit>

#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

struct Reader {
  base::Bytes bytes;
  bool big = false;
  std::uint32_t u32(std::uint64_t at) const { return big ? big32(bytes, at) : little32(bytes, at); }
  std::uint16_t u16(std::uint64_t at) const { return big ? big16(bytes, at) : little16(bytes, at); }
};

// CRC-32 without a table or a last inversion: over one header, and only behind a magic.
std::uint32_t crc(base::Bytes bytes, std::uint32_t seed) {
  for (const auto b : bytes) {
    seed ^= b;
    for (int i = 0; i < 8; ++i) seed = seed >> 1 ^ (seed & 1 ? 0xEDB88320 : 0);
  }
  return seed;
}

std::optional<Identity> squashfs(base::Bytes b) {
  static constexpr std::array<std::string_view, 8> magics = {"hsqs", "sqsh", "shsq", "qshs", "hsqt", "tqsh", "sqlz", "zlqs"};
  if (b.size() < 64 || std::ranges::none_of(magics, [&](std::string_view m) { return has(b, 0, m); })) return std::nullopt;
  for (const bool big : {false, true}) {
    const Reader in{b, big};
    const auto version = in.u16(28);
    if (version < 1 || version > 4) continue;
    const auto size = version == 4 ? in.u32(12) : version == 1 ? in.u16(32) : in.u32(51);
    const auto log = version == 4 ? in.u16(22) : in.u16(34);
    if (log < 9 || log > 20 || size != 1u << log) continue;
    if (version == 4 && (in.u16(20) < 1 || in.u16(20) > 6)) continue;
    return Identity{"squashfs", "SquashFS " + std::to_string(version) + (big ? ", big-endian" : ""), 80};
  }
  return std::nullopt;
}

std::optional<Identity> cramfs(base::Bytes b) {
  for (const std::uint64_t at : {0u, 512u}) {
    const auto magic = little32(b, at);
    if ((magic == 0x28cd3d45 || magic == 0x453dcd28) && has(b, at + 16, "Compressed ROMFS")) return Identity{"cramfs", magic == 0x28cd3d45 ? "cramfs" : "cramfs, big-endian", 96};
  }
  return std::nullopt;
}

std::optional<Identity> romfs(base::Bytes b) {
  if (!has(b, 0, "-rom1fs-") || b.size() < 64 || big32(b, 8) < 32) return std::nullopt;
  return Identity{"romfs", "romfs", 80};
}

std::optional<Identity> ubi(base::Bytes b) {
  if (!has(b, 0, "UBI#") || b.size() < 128 || b[4] != 1) return std::nullopt;
  if (crc(b.first(60), 0xFFFFFFFF) != big32(b, 60)) return std::nullopt;
  return Identity{"ubi", "UBI image", 96};
}

std::optional<Identity> ubifs(base::Bytes b) {
  if (little32(b, 0) != 0x06101831 || b.size() < 4096 || b[20] != 6) return std::nullopt;
  const auto size = little32(b, 16), leb = little32(b, 36);
  if (size < 64 || size > 4096 || leb < 4096 || leb > (64u << 20)) return std::nullopt;
  if (crc(b.subspan(8, size - 8), 0xFFFFFFFF) != little32(b, 4)) return std::nullopt;
  return Identity{"ubifs", "UBIFS volume", 96};
}

// The first node, which may be a clean marker. Obsolete nodes have a bit of the type cleared.
std::optional<Identity> jffs2(base::Bytes b) {
  if (b.size() < 12) return std::nullopt;
  const bool big = b[0] == 0x19 && b[1] == 0x85;
  if (!big && (b[0] != 0x85 || b[1] != 0x19)) return std::nullopt;
  const Reader in{b, big};
  const auto type = in.u16(2) | 0x2000;
  static constexpr std::array<int, 7> types = {0xE001, 0xE002, 0x2003, 0x2004, 0x2006, 0xE008, 0xE009};
  if (std::ranges::find(types, type) == types.end() || in.u32(4) < 12 || in.u32(4) > b.size()) return std::nullopt;
  std::array<std::uint8_t, 8> head{};
  std::ranges::copy(b.first(8), head.begin());
  head[big ? 2 : 3] |= 0x20;
  if (crc(head, 0) != in.u32(8)) return std::nullopt;
  return Identity{"jffs2", big ? "JFFS2, big-endian" : "JFFS2", 64};
}

// No magic: the header of the first object, whose type and mode have to agree, whose name ends in
// zeros, and whose unused fields are erased.
std::optional<Identity> yaffs(base::Bytes b) {
  if (b.size() < 2 * 528) return std::nullopt;
  for (const bool big : {false, true}) {
    const Reader in{b, big};
    const auto type = in.u32(0), parent = in.u32(4), mode = in.u32(268) >> 12;
    if (type < 1 || type > 5 || parent == 0 || parent > 0x3ffff || in.u16(8) != 0xffff || in.u16(266) != 0xffff) continue;
    const bool agree = (type == 1 && mode == 010) || (type == 2 && mode == 012) || (type == 3 && mode == 4) || (type == 5 && (mode == 1 || mode == 2 || mode == 6 || mode == 014));
    if (!agree || b[265] != 0) continue;
    const auto name = b.subspan(10, 256);
    const auto end = std::ranges::find(name, 0);
    if (std::ranges::any_of(name.begin(), end, [](std::uint8_t c) { return c < 0x20 || c == '/'; })) continue;
    if (end == name.begin() && !(parent == 1 && type == 3)) continue;
    if (std::ranges::any_of(end, name.end(), [](std::uint8_t c) { return c != 0; })) continue;
    return Identity{"yaffs", big ? "YAFFS, big-endian" : "YAFFS", 60};
  }
  return std::nullopt;
}

class Flash final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {
        "flash", {"squashfs", "cramfs", "romfs", "ubi", "ubifs", "jffs2", "yaffs"}, {"squashfs", "sqfs", "snap", "cramfs", "romfs", "ubi", "ubifs", "jffs2", "yaffs", "yaffs2"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    for (const auto know : {squashfs, cramfs, romfs, ubi, ubifs, jffs2, yaffs})
      if (auto found = know(s.bytes)) return found;
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& flash() {
  static const Flash one;
  return one;
}

}  // namespace identify
