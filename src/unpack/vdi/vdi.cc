// VirtualBox disk images, version 1.1: dynamic, fixed and differencing ones. The layout is that of
// the header VDICore.h of VirtualBox as QEMU's documentation of the format tells it.
#include <algorithm>

#include "base/cursor.h"
#include "unpack/member.h"
#include "unpack/virtual_disk.h"

namespace unpack {
namespace {

using base::Trouble;

class VdiRead {
 public:
  VdiRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    base::Cursor at(view_.bytes);
    at.seek(0x44);
    const auto version = at.u32();
    const std::uint64_t header = at.u32();
    const auto type = at.u32();
    at.seek(0x154);
    const std::uint64_t map_at = at.u32(), data = at.u32();
    at.seek(0x170);
    const auto size = at.u64();
    const std::uint64_t block = at.u32(), extra = at.u32(), blocks = at.u32();
    at.seek(0x1A8);
    const auto link = at.take(16), parent = at.take(16);
    CHECK_OK(at.status("the header of the disk image"));
    if (version != 0x00010001) {
      sink_.label({0, view_.bytes.size()}, evidence::Label::opaque, "unsupported");
      return base::fail(Trouble::unsupported, "a VirtualBox disk image of version 0x{:x}", version);
    }
    if (block < 512 || block > (1u << 28) || extra > (1u << 20) || size > (1ull << 56)) return base::fail(Trouble::malformed, "a VirtualBox disk image with blocks of {} bytes", block);
    ledger_.structure({0, std::max<std::uint64_t>(0x48 + header, 0x1C8)}, "disk image header");
    const bool differencing = type == 4 || !all_zero(link) || !all_zero(parent);
    if (differencing) state_other_file(sink_, "the disk builds on the image", base::to_hex(link));
    if (!ledger_.structure({map_at, blocks * 4}, "block table")) state_trouble(sink_, "truncated", "the table of blocks lies outside the image");
    VirtualDisk disk(view_, sink_, ledger_);
    base::Cursor map(base::slice(view_.bytes, map_at, blocks * 4));
    for (std::uint64_t i = 0; map.left() >= 4; ++i) {
      CHECK_OK(sink_.spend(1));
      const std::uint64_t place = map.u32();
      if (place >= 0xFFFFFFFE || i * block >= size) continue;
      const auto from = data + place * (block + extra);
      ledger_.structure({from, extra}, "block header");
      const auto want = std::min(block, size - i * block);
      CHECK_OK(disk.add({i * block, want, from + extra, want}));
    }
    artifact::Entry entry;
    entry.name = "disk";
    entry.origin = artifact::Origin::layer;
    if (differencing) CHECK_OK(disk.give_runs(entry, size));
    else CHECK_OK(disk.give(entry, size));
    return ledger_.close("unused-block");
  }

 private:
  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
};

class Vdi final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "vdi",
        .finds = "The disk in a VirtualBox disk image, and blocks that its table does not use.",
        .kinds = {"vdi"},
        .states = {evidence::Facet::trouble, evidence::Facet::property, evidence::Facet::reference},
        .blind_spots = {"The parent of a differencing image is named by its number, and its content is not part of the disk.", "Images of versions before 1.1 are not read."},
        .references = "VirtualBox, VDICore.h (layout)",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return VdiRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& vdi() {
  static const Vdi reader;
  return reader;
}

}  // namespace unpack
