// See file_systems.h. Every answer needs fields that agree with each other: a magic alone is never
// enough, since the superblocks of ext and Minix have magics of two bytes.
#include "identify/file_systems.h"

#include <array>
#include <bit>

#include <fmt/format.h>

#include "base/checked.h"
#include "base/cursor.h"
#include "identify/look.h"

namespace identify {
namespace {

std::uint64_t little64(base::Bytes b, std::uint64_t at) { return little32(b, at) | std::uint64_t{little32(b, at + 4)} << 32; }
std::uint8_t byte(base::Bytes b, std::uint64_t at) { return at < b.size() ? b[at] : 0; }
bool power_of_two(std::uint64_t v, std::uint64_t least, std::uint64_t most) { return std::has_single_bit(v) && v >= least && v <= most; }

// Inodes and groups of ext2/3/4 have to multiply up.
std::optional<Identity> ext(base::Bytes b) {
  constexpr std::uint64_t s = 1024;
  if (b.size() < 2048 || little16(b, s + 0x38) != 0xEF53) return std::nullopt;
  const auto log_block = little32(b, s + 0x18);
  const auto inodes = little32(b, s), first = little32(b, s + 0x14), a_group = little32(b, s + 0x20), inodes_a_group = little32(b, s + 0x28);
  const auto incompatible = little32(b, s + 0x60);
  if (log_block > 6 || first > 1 || little16(b, s + 0x3A) > 7 || little32(b, s + 0x4C) > 1) return std::nullopt;
  if (incompatible & 8) return Identity{"ext", "journal of an ext file system", 40};
  const std::uint64_t blocks = little32(b, s + 4) | (incompatible & 0x80 ? std::uint64_t{little32(b, s + 0x150)} << 32 : 0);
  if (a_group == 0 || inodes_a_group == 0 || blocks <= first) return std::nullopt;
  const auto groups = (blocks - first + a_group - 1) / a_group;
  if (groups > UINT32_MAX || groups * inodes_a_group != inodes) return std::nullopt;
  const bool extents = incompatible & 0x40, journal = little32(b, s + 0x5C) & 4;
  return Identity{"ext", fmt::format("ext{} file system", extents ? 4 : journal ? 3 : 2), 64};
}

std::optional<Identity> fat(base::Bytes b) {
  if (b.size() < 512) return std::nullopt;
  if (!(b[0] == 0xEB && b[2] == 0x90) && b[0] != 0xE9 && !(b[0] == 0 && b[1] == 0 && b[2] == 0)) return std::nullopt;
  const std::uint64_t sector = little16(b, 11), cluster = b[13], reserved = little16(b, 14), copies = b[16], roots = little16(b, 17), media = b[21];
  const std::uint64_t sectors = little16(b, 19) ? little16(b, 19) : little32(b, 32), table = little16(b, 22) ? little16(b, 22) : little32(b, 36);
  if (!power_of_two(sector, 512, 4096) || !power_of_two(cluster, 1, 128) || reserved == 0 || copies == 0 || copies > 4) return std::nullopt;
  if ((media != 0xF0 && media < 0xF8) || table == 0 || (roots * 32) % sector != 0) return std::nullopt;
  const auto front = reserved + copies * table + roots * 32 / sector;
  if (sectors <= front) return std::nullopt;
  const auto clusters = (sectors - front) / cluster;
  const bool wide = little16(b, 22) == 0;
  const std::uint64_t bits = wide ? 32 : clusters < 4085 ? 12 : 16;
  if (wide != (roots == 0) || clusters == 0 || clusters > 0x0FFFFFF5 || (clusters + 2) * bits / 8 > table * sector) return std::nullopt;
  if (byte(b, reserved * sector) != media || byte(b, reserved * sector + 1) != 0xFF) return std::nullopt;
  return Identity{"fat", fmt::format("FAT{} file system", bits), 64};
}

std::optional<Identity> exfat(base::Bytes b) {
  if (b.size() < 512 || !has(b, 3, "EXFAT   ") || little16(b, 510) != 0xAA55) return std::nullopt;
  for (std::uint64_t i = 11; i < 64; ++i)
    if (b[i] != 0) return std::nullopt;
  if (b[108] < 9 || b[108] > 12 || b[109] > 25 - b[108] || b[110] < 1 || b[110] > 2) return std::nullopt;
  return Identity{"exfat", "exFAT file system", 96};
}

std::optional<Identity> ntfs(base::Bytes b) {
  if (b.size() < 512 || !has(b, 3, "NTFS    ")) return std::nullopt;
  const auto sectors = little64(b, 40);
  if (!power_of_two(little16(b, 11), 256, 4096) || b[13] == 0 || b[16] != 0 || little16(b, 17) != 0 || little16(b, 19) != 0 || little16(b, 22) != 0) return std::nullopt;
  if (sectors == 0 || little64(b, 48) > sectors || little64(b, 56) > sectors) return std::nullopt;
  return Identity{"ntfs", "NTFS file system", 96};
}

std::optional<Identity> hfs(base::Bytes b) {
  constexpr std::uint64_t v = 1024;
  if (b.size() < 1536) return std::nullopt;
  const auto version = big16(b, v + 2);
  if ((has(b, v, "H+") && version == 4) || (has(b, v, "HX") && version == 5)) {
    const std::uint64_t block = big32(b, v + 40), blocks = big32(b, v + 44), free = big32(b, v + 48);
    if (!power_of_two(block, 512, 1u << 20) || blocks == 0 || free > blocks || big32(b, v + 64) < 16) return std::nullopt;
    return Identity{"hfs", version == 5 ? "HFSX file system" : "HFS+ file system", 64};
  }
  if (!has(b, v, "BD")) return std::nullopt;
  const std::uint64_t blocks = big16(b, v + 18), block = big32(b, v + 20), first = big16(b, v + 28), free = big16(b, v + 34), name = b[v + 36];
  if (blocks == 0 || block == 0 || block % 512 != 0 || free > blocks || first < 3 || name == 0 || name > 27) return std::nullopt;
  if (first * 512 + blocks * block > b.size() + block) return std::nullopt;
  return Identity{"hfs", "HFS file system", 44};
}

// The checksum of an APFS object, a Fletcher sum of 64 bits (Apple File System Reference, Objects).
bool apfs_checksum_holds(base::Bytes block) {
  std::uint64_t low = 0, high = 0;
  for (std::uint64_t at = 8; at + 4 <= block.size(); at += 4) {
    low = (low + little32(block, at)) % 0xFFFFFFFF;
    high = (high + low) % 0xFFFFFFFF;
  }
  const auto first = 0xFFFFFFFF - (low + high) % 0xFFFFFFFF;
  const auto second = 0xFFFFFFFF - (low + first) % 0xFFFFFFFF;
  return little64(block, 0) == (second << 32 | first);
}

std::optional<Identity> apfs(base::Bytes b) {
  if (b.size() < 4096 || !has(b, 32, "NXSB")) return std::nullopt;
  const auto block = little32(b, 36);
  if (!power_of_two(block, 4096, 65536) || b.size() < block || little64(b, 40) == 0) return std::nullopt;
  if (!apfs_checksum_holds(b.first(block))) return std::nullopt;
  return Identity{"apfs", "APFS container", 112};
}

struct MinixForm {
  std::uint16_t magic;
  int version;
  unsigned name;
};
constexpr std::array<MinixForm, 5> minix_forms = {{{0x137F, 1, 14}, {0x138F, 1, 30}, {0x2468, 2, 14}, {0x2478, 2, 30}, {0x4D5A, 3, 60}}};

// The magic has two bytes, so the sizes of the two bitmaps have to fit the counts.
std::optional<Identity> minix(base::Bytes b) {
  constexpr std::uint64_t s = 1024;
  if (b.size() < 4096) return std::nullopt;
  for (const auto& form : minix_forms) {
    const bool third = form.version == 3;
    if (little16(b, s + (third ? 24 : 16)) != form.magic) continue;
    const std::uint64_t inodes = third ? little32(b, s) : little16(b, s), maps = third ? 6 : 4;
    const std::uint64_t inode_map = little16(b, s + maps), zone_map = little16(b, s + maps + 2), first = little16(b, s + maps + 4), log_zone = little16(b, s + maps + 6);
    const std::uint64_t zones = third ? little32(b, s + 20) : form.version == 2 ? little32(b, s + 20) : little16(b, s + 2);
    const std::uint64_t block = third ? little16(b, s + 28) : 1024;
    if (!power_of_two(block, 1024, 32768) || inodes == 0 || first >= zones || log_zone > 4) continue;
    const auto bits = block * 8, inode_blocks = (inodes * (form.version == 1 ? 32 : 64) + block - 1) / block;
    if (inode_map < (inodes + 1 + bits - 1) / bits || inode_map > (inodes + bits) / bits + 1 || zone_map < (zones - first + bits - 1) / bits || zone_map > zones / bits + 2) continue;
    const auto front = 2 + inode_map + zone_map + inode_blocks;
    if (first != (front + (1u << log_zone) - 1) >> log_zone) continue;
    return Identity{"minix", fmt::format("Minix file system, version {}, names of {} bytes", form.version, form.name), 56};
  }
  return std::nullopt;
}

std::uint32_t crc32c(base::Bytes bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const auto c : bytes) {
    crc ^= c;
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

std::optional<Identity> btrfs(base::Bytes b) {
  constexpr std::uint64_t s = 65536;
  if (b.size() < s + 4096 || !has(b, s + 64, "_BHRfS_M") || little64(b, s + 48) != s) return std::nullopt;
  if (!power_of_two(little32(b, s + 144), 512, 65536) || !power_of_two(little32(b, s + 148), 4096, 65536)) return std::nullopt;
  const bool sum = little16(b, s + 196) == 0 && crc32c(b.subspan(s + 32, 4096 - 32)) == little32(b, s);
  return Identity{"btrfs", "Btrfs file system", sum ? 128u : 96u};
}

std::optional<Identity> erofs(base::Bytes b) {
  constexpr std::uint64_t s = 1024;
  if (b.size() < 2048 || little32(b, s) != 0xE0F5E1E2) return std::nullopt;
  if (b[s + 12] < 9 || b[s + 12] > 16 || little64(b, s + 16) == 0 || little32(b, s + 36) == 0) return std::nullopt;
  return Identity{"erofs", "EROFS file system", 48};
}

}  // namespace

std::optional<Identity> file_system(base::Bytes bytes) {
  std::optional<Identity> best;
  for (const auto ask : {ext, fat, exfat, ntfs, hfs, apfs, minix, btrfs, erofs})
    if (auto found = ask(bytes); found && (!best || found->strength > best->strength)) best = std::move(found);
  return best;
}

}  // namespace identify
