// See table.h.
#include "unpack/partitions/table.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/disk/utf16.h"

namespace unpack::partition_tables {
namespace {

constexpr std::uint64_t mbr_sector = 512;
constexpr unsigned most_logical = 256;
constexpr std::uint64_t most_entries = 4096;

struct TypeName {
  std::uint8_t type;
  std::string_view name;
};
constexpr std::array<TypeName, 34> mbr_types = {{{0x01, "FAT12"},       {0x04, "FAT16"},        {0x05, "Extended"},    {0x06, "FAT16"},         {0x07, "NTFS-exFAT"},
                                                 {0x0B, "FAT32"},       {0x0C, "FAT32"},        {0x0E, "FAT16"},       {0x0F, "Extended"},      {0x11, "Hidden-FAT12"},
                                                 {0x14, "Hidden-FAT16"}, {0x16, "Hidden-FAT16"}, {0x17, "Hidden-NTFS"}, {0x1B, "Hidden-FAT32"},  {0x1C, "Hidden-FAT32"},
                                                 {0x27, "Recovery"},    {0x39, "Plan-9"},       {0x41, "PReP-Boot"},   {0x42, "Dynamic-disk"},  {0x81, "Minix"},
                                                 {0x82, "Linux-swap"},  {0x83, "Linux"},        {0x85, "Extended"},    {0x8E, "Linux-LVM"},     {0xA5, "FreeBSD"},
                                                 {0xA6, "OpenBSD"},     {0xA9, "NetBSD"},       {0xAB, "Apple-Boot"},  {0xAF, "Apple-HFS"},     {0xDA, "Data"},
                                                 {0xEA, "Linux-Boot"},  {0xEE, "GPT"},          {0xEF, "EFI-System"},  {0xFD, "Linux-RAID"}}};

std::string mbr_type(std::uint8_t type) {
  const auto found = std::ranges::find(mbr_types, type, &TypeName::type);
  return found != mbr_types.end() ? std::string(found->name) : fmt::format("type-{:02X}", type);
}
bool is_extended(std::uint8_t type) { return type == 0x05 || type == 0x0F || type == 0x85; }

struct Slot {
  std::uint8_t type = 0;
  base::Range range, entry;
};

std::array<Slot, 4> slots(base::Bytes image, std::uint64_t at) {
  std::array<Slot, 4> out;
  for (std::size_t i = 0; i < 4; ++i) {
    const base::Range place{at + 446 + 16 * i, 16};
    base::Cursor in(base::slice(image, place.offset, 16));
    in.skip(4);
    out[i].type = in.u8();
    in.skip(3);
    out[i].range.offset = std::uint64_t{in.u32()} * mbr_sector;
    out[i].range.size = std::uint64_t{in.u32()} * mbr_sector;
    out[i].entry = place;
  }
  return out;
}

bool has_mark(base::Bytes image, std::uint64_t at) {
  const auto mark = base::slice(image, at + 510, 2);
  return mark.size() == 2 && mark[0] == 0x55 && mark[1] == 0xAA;
}

// Each extended table names one logical partition and the next table; the first counts from the
// table itself, the second from the extended partition.
void read_chain(base::Bytes image, const Slot& extended, Table& out) {
  std::set<std::uint64_t> seen;
  auto at = extended.range.offset;
  for (unsigned number = 5;; ++number) {
    if (!seen.insert(at).second) {
      out.troubles.push_back(fmt::format("the extended partition tables form a ring at byte {}", at));
      return;
    }
    if (number >= 5 + most_logical) {
      out.troubles.push_back(fmt::format("more than {} logical partitions", most_logical));
      return;
    }
    if (!base::fits(at, mbr_sector, image.size()) || !has_mark(image, at)) {
      out.troubles.push_back(fmt::format("no extended partition table stands at byte {}", at));
      return;
    }
    out.structure.push_back({at + 446, 66});
    const auto entries = slots(image, at);
    if (entries[0].type != 0 && entries[0].range.size != 0)
      out.partitions.push_back({number, mbr_type(entries[0].type), {at + entries[0].range.offset, entries[0].range.size}, entries[0].entry});
    if (!is_extended(entries[1].type) || entries[1].range.offset == 0) return;
    at = extended.range.offset + entries[1].range.offset;
  }
}

using Uuid = std::array<std::uint8_t, 16>;

std::string text_of_uuid(const Uuid& u) {
  return fmt::format("{:02X}{:02X}{:02X}{:02X}-{:02X}{:02X}-{:02X}{:02X}-{:02X}{:02X}-{:02X}{:02X}{:02X}{:02X}{:02X}{:02X}", u[3], u[2], u[1], u[0], u[5], u[4], u[7], u[6], u[8], u[9], u[10], u[11],
                     u[12], u[13], u[14], u[15]);
}

struct GuidName {
  std::string_view guid, name;
};
constexpr std::array<GuidName, 22> gpt_types = {{{"C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "EFI-System"},
                                                 {"21686148-6449-6E6F-744E-656564454649", "BIOS-Boot"},
                                                 {"024DEE41-33E7-11D3-9D69-0008C781F39F", "MBR-Scheme"},
                                                 {"E3C9E316-0B5C-4DB8-817D-F92DF00215AE", "Microsoft-Reserved"},
                                                 {"EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "Basic-Data"},
                                                 {"DE94BBA4-06D1-4D40-A16A-BFD50179D6AC", "Windows-Recovery"},
                                                 {"0FC63DAF-8483-4772-8E79-3D69D8477DE4", "Linux"},
                                                 {"4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "Linux-Root-x86-64"},
                                                 {"B921B045-1DF0-41C3-AF44-4C6F280D3FAE", "Linux-Root-ARM64"},
                                                 {"69DAD710-2CE4-4E3C-B16C-21A1D49ABED3", "Linux-Root-ARM"},
                                                 {"44479540-F297-41B2-9AF7-D131D5F0458A", "Linux-Root-x86"},
                                                 {"2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5", "Linux-Verity-x86-64"},
                                                 {"BC13C2FF-59E6-4262-A352-B275FD6F7172", "Linux-Boot"},
                                                 {"933AC7E1-2EB4-4F13-B844-0E14E2AEF915", "Linux-Home"},
                                                 {"0657FD6D-A4AB-43C4-84E5-0933C84B4F4F", "Linux-Swap"},
                                                 {"E6D6D379-F507-44C2-A23C-238F2A3DF928", "Linux-LVM"},
                                                 {"A19D880F-05FC-4D3B-A006-743F0F84911E", "Linux-RAID"},
                                                 {"FE3A2A5D-4F32-41A7-B725-ACCC3285A309", "ChromeOS-Kernel"},
                                                 {"3CB8E202-3B7E-47DD-8A3C-7FF2A13CFCEC", "ChromeOS-Root"},
                                                 {"48465300-0000-11AA-AA11-00306543ECAC", "Apple-HFS"},
                                                 {"7C3457EF-0000-11AA-AA11-00306543ECAC", "Apple-APFS"},
                                                 {"516E7CB6-6ECF-11D6-8FF8-00022D09712B", "FreeBSD-UFS"}}};

std::uint32_t checksum(base::Bytes bytes) {
  auto crc = crc32(0, nullptr, 0);
  for (std::uint64_t at = 0; at < bytes.size(); at += 1u << 30) {
    const auto piece = base::slice(bytes, at, 1u << 30);
    crc = crc32(crc, piece.data(), static_cast<unsigned>(piece.size()));
  }
  return static_cast<std::uint32_t>(crc);
}

void read_entries(base::Bytes entries, std::uint64_t base_offset, std::uint64_t entry_size, std::uint64_t sector, Table& out) {
  for (std::uint64_t at = 0, number = 1; at + entry_size <= entries.size(); at += entry_size, ++number) {
    base::Cursor in(entries.subspan(at, entry_size));
    Uuid type{};
    std::ranges::copy(in.take(16), type.begin());
    if (type == Uuid{}) continue;
    in.skip(16);
    const auto first = in.u64(), last = in.u64();
    in.skip(8);
    const auto size = base::checked_mul(last - first + 1, sector), offset = base::checked_mul(first, sector);
    if (last < first || !size || !offset || !base::checked_add(*offset, *size)) {
      out.troubles.push_back(fmt::format("partition {} has no valid place", number));
      continue;
    }
    auto name = utf8_of_utf16(in.take(72));
    const auto guid = text_of_uuid(type);
    const auto known = std::ranges::find(gpt_types, guid, &GuidName::guid);
    const auto kind = known != gpt_types.end() ? std::string(known->name) : guid;
    if (name.empty()) name = kind;
    else if (known != gpt_types.end() && name != kind) name += fmt::format("-{}", kind);
    out.partitions.push_back({static_cast<unsigned>(number), std::move(name), {*offset, *size}, {base_offset + at, entry_size}});
  }
}

}  // namespace

Table read_mbr(base::Bytes image) {
  Table out;
  if (!has_mark(image, 0)) {
    out.troubles.emplace_back("the MBR has no end mark");
    return out;
  }
  out.structure.push_back({440, 72});
  unsigned number = 0;
  const Slot* extended = nullptr;
  const auto entries = slots(image, 0);
  for (const auto& slot : entries) {
    ++number;
    if (slot.type == 0 || slot.range.size == 0 || slot.type == 0xEE) continue;
    if (is_extended(slot.type)) {
      if (extended) out.troubles.emplace_back("two extended partitions");
      else extended = &slot;
      continue;
    }
    out.partitions.push_back({number, mbr_type(slot.type), slot.range, slot.entry});
  }
  if (extended) read_chain(image, *extended, out);
  return out;
}

std::optional<Guid> read_gpt(base::Bytes image, std::uint64_t at, std::uint64_t sector) {
  const auto raw = base::slice(image, at, sector);
  if (!base::starts_with(raw, "EFI PART")) return std::nullopt;
  Guid out;
  base::Cursor in(raw);
  in.skip(12);
  const std::uint64_t size = in.u32();
  const auto sum = in.u32();
  in.skip(4);
  const auto mine = in.u64(), other = in.u64();
  in.skip(32);
  const auto entries_at = base::checked_mul(in.u64(), sector);
  const std::uint64_t count = in.u32(), entry_size = in.u32();
  out.entries_checksum = in.u32();
  out.other = base::checked_mul(other, sector).value_or(UINT64_MAX);
  if (!in.ok() || size < 92 || size > raw.size() || !entries_at) {
    out.table.troubles.emplace_back("the GPT header is damaged");
    return out;
  }
  base::Buffer header(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(size));
  std::fill_n(header.begin() + 16, 4, std::uint8_t{0});
  out.header_sound = checksum(header) == sum && mine == at / sector;
  out.header = {at, size};
  out.table.structure.push_back(out.header);
  if (entry_size < 128 || entry_size > 4096 || count == 0 || count > most_entries) {
    out.table.troubles.push_back(fmt::format("a GPT of {} entries of {} bytes", count, entry_size));
    return out;
  }
  const auto entries = base::slice(image, *entries_at, count * entry_size);
  out.entries_sound = entries.size() == count * entry_size && checksum(entries) == out.entries_checksum;
  if (!entries.empty()) out.table.structure.push_back({*entries_at, entries.size()});
  read_entries(entries, *entries_at, entry_size, sector, out.table);
  return out;
}

}  // namespace unpack::partition_tables
