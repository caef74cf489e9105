// See regions.h.
#include "unpack/hex_records/regions.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/cursor.h"

namespace unpack::hex_format {

base::Result<> Regions::give(evidence::Sink& sink) {
  constexpr std::uint64_t widest_gap = 1024;
  std::ranges::stable_sort(pieces_, {}, &Piece::address);
  for (std::size_t i = 0; i < pieces_.size();) {
    const auto start = pieces_[i].address;
    base::Buffer region;
    for (; i < pieces_.size(); ++i) {
      CHECK_OK(sink.spend(pieces_[i].data.size() + 16));
      const auto at = pieces_[i].address - start;
      if (at > region.size() + widest_gap) break;
      if (at + pieces_[i].data.size() > region.size()) region.resize(at + pieces_[i].data.size(), 0xff);
      std::ranges::copy(pieces_[i].data, region.begin() + static_cast<std::ptrdiff_t>(at));
      if (region.size() > sink.room()) return base::fail(base::Trouble::limit, "the records describe more memory than may be handed on");
    }
    artifact::Entry entry;
    entry.name = fmt::format("0x{:08x}", start);
    CHECK_OK(sink.child(entry, region));
  }
  return {};
}

Uf2Block uf2(base::Bytes block) {
  base::Cursor at(block);
  Uf2Block out;
  const auto first = at.u32(), second = at.u32(), flags = at.u32();
  out.address = at.u32();
  const std::uint64_t size = at.u32();
  out.number = at.u32();
  out.count = at.u32();
  out.family = at.u32();
  const auto data = at.take(476);
  const auto last = at.u32();
  out.sound = at.ok() && first == 0x0A324655 && second == 0x9E5D5157 && last == 0x0AB16F30 && size <= 476;
  out.for_memory = out.sound && !(flags & 0x1001);
  if (out.sound) out.data = data.first(size);
  if (!(flags & 0x2000)) out.family = 0;
  return out;
}

}  // namespace unpack::hex_format
