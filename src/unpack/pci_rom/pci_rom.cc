// Expansion ROMs of PCI devices: a chain of images, each for another kind of machine. PCI Firmware
// Specification 3.3, chapter 5; UEFI 2.10, 14.4.2 (images for UEFI, which may be compressed).
#include <array>

#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/uefi/guid.h"
#include "unpack/uefi/tiano.h"

namespace unpack {
namespace {

using base::Trouble;

struct RomImage {
  base::Range range;       ///< with its head; cut to the file
  base::Range data;        ///< the structure "PCIR"
  std::uint8_t code = 0;   ///< for which machines
  bool last = false, whole = true;
  // of an image for UEFI
  bool uefi = false;
  std::uint16_t compression = 0;
  std::uint64_t program = 0;  ///< offset in the image
};

base::Result<RomImage> read_rom_image(base::Bytes bytes, std::uint64_t start) {
  const auto image = base::slice(bytes, start);
  base::Cursor at(image);
  if (at.u16() != 0xAA55) return base::fail(Trouble::malformed, "no expansion ROM image stands at 0x{:x}", start);
  RomImage out;
  at.seek(4);
  const bool signature = at.u32() == 0x0EF1;
  at.seek(12);
  out.compression = at.u16();
  at.seek(22);
  out.program = at.u16();
  const std::uint64_t data = at.u16();
  at.seek(data);
  if (base::text_of(at.take(4)) != "PCIR") return base::fail(Trouble::malformed, "the expansion ROM image at 0x{:x} lacks its structure", start);
  at.skip(6);
  const std::uint64_t length = at.u16();
  at.skip(4);
  const std::uint64_t blocks = at.u16();
  at.skip(2);
  out.code = at.u8();
  out.last = at.u8() & 0x80;
  CHECK_OK(at.status("an expansion ROM image"));
  if (blocks == 0) return base::fail(Trouble::malformed, "the expansion ROM image at 0x{:x} has no length", start);
  out.uefi = out.code == 3 && signature;
  out.whole = blocks * 512 <= image.size();
  out.range = {start, std::min<std::uint64_t>(blocks * 512, image.size())};
  out.data = {start + data, std::max<std::uint64_t>(length, 0x18)};
  return out;
}

class RomWalk {
 public:
  RomWalk(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    std::uint64_t at = 0;
    for (unsigned number = 0; at < view_.bytes.size(); ++number) {
      CHECK_OK(sink_.spend(64));
      const auto image = read_rom_image(view_.bytes, at);
      if (!image && number == 0) return std::unexpected(image.error());
      if (!image) {
        state_trouble(sink_, base::name_of(image.error().trouble), image.error().what);
        break;
      }
      if (!image->whole) state_trouble(sink_, "truncated", fmt::format("the expansion ROM image {} ends behind the file", number), {at, 2});
      CHECK_OK(one(*image, number));
      at = image->range.end();
      if (image->last) break;
    }
    CHECK_OK(ledger_.close(0, at, "rom-slack"));
    return hand_on_rest(view_, sink_, at, evidence::Confidence::low);
  }

 private:
  base::Result<> one(const RomImage& image, unsigned number) {
    static constexpr std::array<std::string_view, 4> names = {"x86", "open-firmware", "pa-risc", "uefi"};
    const auto& range = image.range;
    ledger_.structure({range.offset, 0x1A}, "expansion ROM header");
    ledger_.structure(image.data, "expansion ROM header");
    artifact::Entry entry;
    entry.name = fmt::format("image-{}-{}", number, image.code < names.size() ? names[image.code] : "other");
    if (image.uefi) return program(image, std::move(entry));
    // Code and data of other machines stand around the structures in no fixed way.
    const auto head = range.offset + 0x1A, data = std::max(head, image.data.offset), after = std::max(data, image.data.end());
    std::vector<Extent> extents;
    if (data > head) extents.push_back({head, data - head});
    if (range.end() > after) extents.push_back({after, range.end() - after});
    std::uint64_t size = 0;
    for (const auto& e : extents) size += e.size;
    entry.name += ".code";
    return ledger_.give(entry, extents, size);
  }

  // What follows the compressed program up to the next image is filling.
  base::Result<> program(const RomImage& image, artifact::Entry entry) {
    entry.name += ".efi";
    const auto from = image.range.offset + image.program;
    if (image.program < 0x1A || from >= image.range.end()) {
      state_trouble(sink_, "malformed", fmt::format("{} lies outside its image", entry.name));
      return {};
    }
    const base::Range body{from, image.range.end() - from};
    const auto bytes = base::slice(view_.bytes, body.offset, body.size);
    if (image.compression == 0) {
      const Extent whole{body.offset, body.size};
      return ledger_.give(entry, {&whole, 1}, body.size);
    }
    auto content = image.compression == 1 ? uefi_format::tiano_either(bytes, sink_, [](base::Bytes b) { return base::starts_with(b, "MZ") || base::starts_with(b, "VZ"); })
                                          : base::fail(Trouble::unsupported, "compression {} of an expansion ROM", image.compression);
    if (!content) {
      ledger_.opaque(body, content.error().trouble == Trouble::unsupported ? "unsupported" : content.error().trouble == Trouble::limit ? "limit" : "damaged");
      state_trouble(sink_, base::name_of(content.error().trouble), fmt::format("{}: {}", entry.name, content.error().what), body);
      return {};
    }
    ledger_.content({body.offset, 8 + std::uint64_t{uefi_format::tiano_head(bytes)->packed}}, "compressed program");
    return sink_.child(entry, *content);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
};

class PciRom final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "pci_rom",
        .finds = "Programs in the expansion ROMs of PCI devices, also compressed ones for UEFI.",
        .kinds = {"pci-rom"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Code for the x86 start-up mode and for Open Firmware is handed on as bytes."},
        .references = "PCI Firmware Specification 3.3, chapter 5; UEFI 2.10, 14.4.2",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return RomWalk(view, sink).run(); }
};

}  // namespace

const evidence::Reader& pci_rom() {
  static const PciRom reader;
  return reader;
}

}  // namespace unpack
