// Disks: partition tables (MBR, GPT), encrypted volumes (LUKS), hash trees (dm-verity) and the file
// systems of file_systems.h. The mark 55 AA is never enough for an MBR: its entries have to lie
// inside the image and apart from each other.
#include <array>

#include <fmt/format.h>

#include "base/cursor.h"
#include "identify/file_systems.h"
#include "identify/look.h"
#include "identify/recogniser.h"

namespace identify {
namespace {

std::uint32_t crc32(base::Bytes bytes, std::uint64_t zeroed) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (std::uint64_t i = 0; i < bytes.size(); ++i) {
    crc ^= i >= zeroed && i < zeroed + 4 ? 0 : bytes[i];
    for (int k = 0; k < 8; ++k) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

// UEFI Specification, 5.3.2: the header's own checksum is taken with its field as zero.
std::optional<Identity> gpt(base::Bytes b) {
  for (const std::uint64_t sector : {512u, 4096u}) {
    const auto h = base::slice(b, sector, sector);
    if (!has(h, 0, "EFI PART")) continue;
    const auto size = little32(h, 12);
    if (size < 92 || size > h.size()) continue;
    const bool sound = crc32(h.first(size), 16) == little32(h, 16);
    if (!sound && (little32(h, 8) != 0x10000 || size != 92)) continue;
    return Identity{"gpt", "disk with a GUID partition table", sound ? 112u : 64u};
  }
  return std::nullopt;
}

std::optional<Identity> mbr(base::Bytes b) {
  if (b.size() < 1024 || little16(b, 510) != 0xAA55 || has(b, 0x202, "HdrS")) return std::nullopt;
  struct Part {
    std::uint64_t start, end;
  };
  std::array<Part, 4> parts;
  std::size_t count = 0, active = 0, whole = 0;
  for (std::uint64_t at = 446; at < 510; at += 16) {
    const auto status = b[at], type = b[at + 4];
    if (status != 0 && status != 0x80) return std::nullopt;
    const std::uint64_t start = little32(b, at + 8), sectors = little32(b, at + 12);
    if (type == 0) {
      if (status || start || sectors) return std::nullopt;
      continue;
    }
    active += status == 0x80;
    if (start == 0 || sectors == 0 || start * 512 >= b.size()) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i)
      if (start < parts[i].end && parts[i].start < start + sectors) return std::nullopt;
    parts[count++] = {start, start + sectors};
    whole += (start + sectors) * 512 <= b.size();
  }
  if (count == 0 || active > 1 || (whole == 0 && count < 2)) return std::nullopt;
  return Identity{"mbr", fmt::format("disk with an MBR partition table, {} partition{}", count, count == 1 ? "" : "s"), 44};
}

std::optional<Identity> volume(base::Bytes b) {
  if (has(b, 0, "LUKS\xBA\xBE") && b.size() >= 592 && (big16(b, 6) == 1 || big16(b, 6) == 2))
    return Identity{"luks", fmt::format("LUKS{} encrypted volume", big16(b, 6)), 64};
  if (has(b, 0, std::string_view("verity\0\0", 8)) && b.size() >= 512 && little32(b, 8) == 1 && little32(b, 12) <= 1)
    return Identity{"verity", "dm-verity hash tree", 96};
  return std::nullopt;
}

class Disk final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {"disk",
                                        {"mbr", "gpt", "luks", "verity", "ext", "fat", "exfat", "ntfs", "hfs", "apfs", "minix", "btrfs", "erofs"},
                                        {"ext2", "ext3", "ext4", "erofs", "btrfs"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto b = s.bytes;
    if (b.size() < 512) return std::nullopt;
    auto best = file_system(b);
    // A disc that starts from a stick too carries partition tables that point into its own file
    // system; the disc's tree is the better way in.
    const bool disc = has(b, 0x8001, "CD001");
    for (const auto ask : {volume, gpt, mbr}) {
      auto found = ask(b);
      if (found && disc) found->strength = std::min(found->strength, 44u);
      if (found && (!best || found->strength > best->strength)) best = std::move(found);
    }
    return best;
  }
};

}  // namespace

const Recogniser& disk() {
  static const Disk one;
  return one;
}

}  // namespace identify
