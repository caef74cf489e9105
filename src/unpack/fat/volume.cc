// See volume.h.
#include "unpack/fat/volume.h"

#include <algorithm>
#include <bit>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/disk/shares.h"

namespace unpack::fat_format {
namespace {

using base::Trouble;

base::Result<Volume> open_exfat(base::Bytes bytes) {
  Volume out;
  out.bytes = bytes;
  out.ex = true;
  out.bits = 32;
  base::Cursor at(bytes);
  at.seek(72);
  const auto sectors = at.u64();
  const std::uint64_t table = at.u32(), table_size = at.u32(), heap = at.u32(), clusters = at.u32();
  out.root = at.u32();
  at.skip(6);
  const auto flags = at.u16();
  const auto sector_shift = at.u8(), cluster_shift = at.u8(), copies = at.u8();
  CHECK_OK(at.status("the exFAT boot sector"));
  if (sector_shift < 9 || sector_shift > 12 || cluster_shift > 25 - sector_shift || copies < 1 || copies > 2 || sectors > 1ull << 40)
    return base::fail(Trouble::malformed, "the exFAT boot sector contradicts itself");
  out.sector = 1ull << sector_shift;
  out.cluster = out.sector << cluster_shift;
  out.size = sectors * out.sector;
  out.table_size = table_size * out.sector;
  for (unsigned i = 0; i < copies; ++i) out.tables.push_back((table + i * table_size) * out.sector);
  out.table = out.tables[copies == 2 && flags & 1];
  out.data = heap * out.sector;
  out.clusters = std::min<std::uint64_t>(clusters, 0xFFFFFFF5);
  return out;
}

base::Result<Volume> open_fat(base::Bytes bytes) {
  Volume out;
  out.bytes = bytes;
  base::Cursor at(bytes);
  at.seek(11);
  out.sector = at.u16();
  const std::uint64_t a_cluster = at.u8(), reserved = at.u16(), copies = at.u8(), roots = at.u16();
  std::uint64_t sectors = at.u16();
  at.skip(1);
  std::uint64_t table = at.u16();
  at.skip(8);
  if (const auto many = at.u32(); sectors == 0) sectors = many;
  const bool wide = table == 0;
  unsigned active = 0;
  if (wide) {
    table = at.u32();
    if (const auto flags = at.u16(); flags & 0x80) active = flags & 15;
    at.skip(2);
    out.root = at.u32();
    out.information = at.u16();
    out.backup = at.u16();
  }
  CHECK_OK(at.status("the FAT boot sector"));
  const auto front = reserved + copies * table + (roots * 32 + out.sector - 1) / std::max<std::uint64_t>(out.sector, 1);
  if (!std::has_single_bit(out.sector) || out.sector < 512 || out.sector > 4096 || a_cluster == 0 || copies == 0 || copies > 4 || sectors <= front)
    return base::fail(Trouble::malformed, "the FAT boot sector contradicts itself");
  out.cluster = a_cluster * out.sector;
  out.size = sectors * out.sector;
  out.clusters = (sectors - front) / a_cluster;
  out.bits = wide ? 32 : out.clusters < 4085 ? 12 : 16;
  out.table_size = table * out.sector;
  for (std::uint64_t i = 0; i < copies; ++i) out.tables.push_back(reserved * out.sector + i * out.table_size);
  out.table = out.tables[active < copies ? active : 0];
  if (!wide) out.fixed_root = {(reserved + copies * table) * out.sector, roots * 32};
  out.data = front * out.sector;
  return out;
}

}  // namespace

base::Result<Volume> Volume::open(base::Bytes bytes, bool ex) {
  auto out = TRY(ex ? open_exfat(bytes) : open_fat(bytes));
  // More clusters than the table has entries, or the image bytes, can't be named.
  out.clusters = std::min(out.clusters, out.table_size * 8 / out.bits < 2 ? 0 : out.table_size * 8 / out.bits - 2);
  return out;
}

std::uint32_t Volume::next(std::uint64_t number) const {
  const auto at = bits == 12 ? number + number / 2 : number * (bits / 8);
  base::Cursor in(base::slice(base::slice(bytes, table, table_size), at, 4));
  if (bits == 32) return ex ? in.u32() : in.u32() & 0x0FFFFFFF;
  const std::uint32_t value = in.u16();
  return bits == 16 ? value : number & 1 ? value >> 4 : value & 0xFFF;
}

bool Volume::is_free(std::uint64_t number) const {
  if (!holds(number)) return false;
  if (!ex) return next(number) == 0;
  const auto byte = base::slice(base::slice(bytes, bitmap.offset, bitmap.size), (number - 2) / 8, 1);
  return !byte.empty() && !(byte[0] >> (number - 2) % 8 & 1);
}

base::Result<std::vector<Extent>> Volume::chain(std::uint32_t first, std::uint64_t wanted, evidence::Sink& sink) const {
  std::vector<Extent> out;
  std::uint64_t count = 0;
  for (auto at = first; count < wanted; at = next(at)) {
    CHECK_OK(sink.spend(1));
    if (count > 0 && is_end(at)) break;
    if (!holds(at)) return base::fail(Trouble::malformed, "its chain leads to cluster {}", at);
    if (++count > clusters) return base::fail(Trouble::malformed, "its chain runs in a ring");
    append(out, {place(at).offset, cluster});
  }
  return out;
}

std::vector<Extent> Volume::row(std::uint32_t first, std::uint64_t count) const {
  if (count == 0 || !holds(first) || count > clusters + 2 - first) return {};
  return {{place(first).offset, count * cluster}};
}

bool Volume::is_free_row(std::uint32_t first, std::uint64_t count) const {
  if (row(first, count).empty()) return false;
  for (std::uint64_t i = 0; i < count; ++i)
    if (!is_free(first + i)) return false;
  return true;
}

}  // namespace unpack::fat_format
