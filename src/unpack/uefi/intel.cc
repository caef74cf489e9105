// Flash images of Intel platforms: the descriptor's map of regions, and the partitions of the
// management engine's region. The descriptor's layout is that of the chipsets' datasheets (platform
// controller hub, "SPI flash descriptor"); the engine's table is known from images only.
#include <algorithm>
#include <array>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/uefi/firmware.h"

namespace unpack::uefi_format {
namespace {

using base::Trouble;

constexpr std::array<std::string_view, 16> region_names = {"descriptor", "bios", "management-engine", "gigabit-ethernet", "platform-data", "device-expansion", "bios-2", "microcode",
                                                            "embedded-controller", "device-expansion-2", "innovation-engine", "ethernet-10g-1", "ethernet-10g-2", "region-13", "region-14", "trace-hub"};

std::uint64_t descriptor_at(base::Bytes bytes) {
  base::Cursor at(bytes);
  return at.u32() == 0x0FF0A55A ? 0 : 0x10;
}

std::string name_field(base::Bytes field) {
  auto text = base::text_of(field);
  text = text.substr(0, text.find('\0'));
  std::string out(text);
  std::ranges::replace_if(out, [](char c) { return c < 0x21 || c > 0x7e || c == '/'; }, '_');
  return out.empty() ? "unnamed" : out;
}

}  // namespace

base::Result<> intel_flash(Walk& walk) {
  const auto start = descriptor_at(walk.bytes());
  base::Cursor at(walk.bytes());
  at.seek(start + 4);
  const auto map0 = at.u32(), map1 = at.u32();
  CHECK_OK(at.status("the flash descriptor"));
  const std::uint64_t components = (map0 & 0xFF) << 4, regions = (map0 >> 16 & 0xFF) << 4, masters = (map1 & 0xFF) << 4, straps = (map1 >> 16 & 0xFF) << 4;
  const std::uint64_t strap_count = map1 >> 24;
  walk.ledger.structure({0, start + 16}, "flash descriptor");
  walk.ledger.structure({components, 12}, "flash descriptor");
  walk.ledger.structure({masters, 20}, "flash descriptor");
  walk.ledger.structure({straps, 4 * strap_count}, "flash descriptor");
  at.seek(regions);
  unsigned count = 0;
  for (unsigned i = 0; i < region_names.size(); ++i, ++count) {
    const auto word = at.u32();
    if (!at.ok()) break;
    const std::uint64_t base = word & 0x7FFF, limit = word >> 16 & 0x7FFF;
    // Short maps end before the masters; what follows isn't a region.
    if (i > 4 && (regions + 4 * i >= masters && masters > regions)) break;
    if (i == 0 || limit < base || word == 0xFFFFFFFF || (base == 0 && limit == 0)) continue;
    const base::Range range{base << 12, ((limit - base) + 1) << 12};
    if (range.offset < 0x1000) continue;
    if (!base::fits(range.offset, range.size, walk.bytes().size()))
      walk.trouble("truncated", fmt::format("the region {} ends behind the image", region_names[i]), {regions + 4 * i, 4});
    CHECK_OK(walk.sink.spend(64));
    if (range.offset >= walk.bytes().size()) continue;
    const auto size = std::min<std::uint64_t>(range.size, walk.bytes().size() - range.offset);
    CHECK_OK(walk.sink.spend(size));
    const bool volumes_inside = i != 2 && holds_volume(walk.bytes(), range.offset, range.offset + size);
    CHECK_OK(walk.give({range.offset, size}, walk.name(std::string(region_names[i]), ".region"), artifact::Origin::member, volumes_inside ? "uefi-image" : ""));
  }
  walk.ledger.structure({regions, 4 * count}, "flash descriptor");
  return walk.ledger.close("flash-slack");
}

// The engine's table of partitions, "$FPT": 32 bytes of head, 32 a partition.
base::Result<> intel_engine(Walk& walk) {
  const std::uint64_t table = base::starts_with(walk.bytes(), "$FPT") ? 0 : 0x10;
  base::Cursor at(base::slice(walk.bytes(), table));
  at.skip(4);
  const auto entries = at.u32();
  at.skip(2);
  const auto head = at.u8();
  if (entries > 256) return base::fail(Trouble::malformed, "a management engine with {} partitions", entries);
  walk.ledger.structure({0, table + std::max<std::uint64_t>(head, 32)}, "partition table");
  at.seek(std::max<std::uint64_t>(head, 32));
  for (std::uint32_t i = 0; i < entries; ++i) {
    CHECK_OK(walk.sink.spend(64));
    const auto entry = at.position() + table;
    const auto name = name_field(at.take(4));
    at.skip(4);
    const std::uint64_t offset = at.u32(), size = at.u32();
    at.skip(16);
    CHECK_OK(at.status("the management engine's partition table"));
    walk.ledger.structure({entry, 32}, "partition table");
    if (size == 0 || size == 0xFFFFFFFF || offset == 0 || offset == 0xFFFFFFFF) continue;
    if (!base::fits(offset, size, walk.bytes().size())) {
      walk.trouble("truncated", fmt::format("the partition {} ends behind the region", name), {entry, 32});
      continue;
    }
    CHECK_OK(walk.give({offset, size}, walk.name(name, ".partition")));
  }
  return walk.ledger.close("region-slack");
}

}  // namespace unpack::uefi_format
