// See metadata.h.
#include "unpack/libtsk/metadata.h"

#include <bit>

#include "base/cursor.h"
#include "unpack/member.h"

namespace unpack::libtsk_format {

std::uint64_t file_record_size(base::Bytes image) {
  base::Cursor at(image);
  at.seek(11);
  const std::uint64_t sector = at.u16(), cluster = at.u8();
  at.seek(64);
  const auto clusters = static_cast<std::int8_t>(at.u8());
  if (clusters < 0) return clusters > -20 ? 1ull << -clusters : 1024;
  return static_cast<std::uint64_t>(clusters) * cluster * sector;
}

base::Result<> claim_file_records(base::Bytes image, const std::vector<base::Range>& table, std::uint64_t record_size, Ledger& ledger, evidence::Sink& sink) {
  if (!std::has_single_bit(record_size) || record_size < 256 || record_size > 65536) return {};
  for (const auto& range : table) {
    for (auto at = range.offset; at < range.end() && at < image.size(); at += record_size) {
      CHECK_OK(sink.spend(record_size));
      const auto record = base::slice(image, at, record_size);
      base::Cursor in(record);
      if (in.u32() != 0x454C4946) {  // "FILE"
        if (base::starts_with(record, "BAAD")) ledger.structure({at, record.size()}, "NTFS file record");
        continue;
      }
      in.seek(24);
      const std::uint64_t used = in.u32();
      const bool clean = used <= record.size() && all_zero(base::slice(record, used, record.size() - used - 2));
      ledger.structure({at, clean ? record.size() : std::min<std::uint64_t>(used, record.size())}, "NTFS file record");
      // The last two bytes of each sector hold the update sequence number.
      for (std::uint64_t end = 512; end <= record.size() && !clean; end += 512) ledger.structure({at + end - 2, 2}, "NTFS file record");
    }
  }
  return {};
}

base::Result<> claim_objects(base::Bytes image, std::uint64_t block, Ledger& ledger, evidence::Sink& sink) {
  if (!std::has_single_bit(block) || block < 4096 || block > 65536) return {};
  for (std::uint64_t at = 0; at + block <= image.size(); at += block) {
    CHECK_OK(sink.spend(block));
    const auto object = base::slice(image, at, block);
    base::Cursor in(object);
    const auto stated = in.u64();
    if (stated == 0) continue;
    std::uint64_t low = 0, high = 0;
    while (in.left() >= 4) {
      low = (low + in.u32()) % 0xFFFFFFFF;
      high = (high + low) % 0xFFFFFFFF;
    }
    const auto first = 0xFFFFFFFF - (low + high) % 0xFFFFFFFF, second = 0xFFFFFFFF - (low + first) % 0xFFFFFFFF;
    if (stated == (second << 32 | first)) ledger.structure({at, block}, "APFS object");
  }
  return {};
}

}  // namespace unpack::libtsk_format
