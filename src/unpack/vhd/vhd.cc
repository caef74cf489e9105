// Virtual hard disks of the first form: fixed, dynamic and differencing. "Virtual Hard Disk Image
// Format Specification" (Microsoft, 2006). Parents of differencing disks are named.
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"
#include "unpack/virtual_disk.h"

namespace unpack {
namespace {

using base::Trouble;

constexpr std::uint64_t sector = 512;

struct Footer {
  std::uint64_t at = 0, header = 0, size = 0;
  std::uint32_t type = 0;
  bool checksum_holds = false;
};

// The sum of all bytes but those of the sum itself, inverted.
std::uint32_t inverted_sum(base::Bytes bytes, std::size_t sum_at) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (i < sum_at || i >= sum_at + 4) sum += bytes[i];
  return ~sum;
}

std::optional<Footer> read_footer(base::Bytes bytes, std::uint64_t offset) {
  const auto whole = base::slice(bytes, offset, sector);
  base::Cursor at(whole, std::endian::big);
  if (base::text_of(at.take(8)) != "conectix") return std::nullopt;
  at.skip(8);
  Footer out;
  out.at = offset;
  out.header = at.u64();
  at.skip(24);
  out.size = at.u64();
  at.skip(4);
  out.type = at.u32();
  const auto sum = at.u32();
  out.checksum_holds = whole.size() == sector && inverted_sum(whole, 64) == sum;
  return out;
}

std::string utf16_big(base::Bytes bytes) {
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size() && (bytes[i] || bytes[i + 1]); i += 2) out += bytes[i] ? '?' : static_cast<char>(bytes[i + 1]);
  return out;
}

class VhdRead {
 public:
  VhdRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    const std::uint64_t size = view_.bytes.size();
    auto footer = size >= sector ? read_footer(view_.bytes, size - sector) : std::nullopt;
    // The copy at the start of a dynamic disk stands in for a lost footer.
    const auto copy = read_footer(view_.bytes, 0);
    if (!footer) {
      if (!copy) return base::fail(Trouble::malformed, "the virtual hard disk has no footer");
      state_trouble(sink_, "truncated", "the virtual hard disk lacks its footer; the copy is used");
      footer = copy;
    }
    if (copy) ledger_.structure({0, sector}, "disk image footer");
    ledger_.structure({footer->at, sector}, "disk image footer");
    if (!footer->checksum_holds) state_trouble(sink_, "malformed", "the checksum of the virtual hard disk's footer does not hold", {footer->at, std::min(sector, size - footer->at)});
    artifact::Entry entry;
    entry.name = "disk";
    entry.origin = artifact::Origin::layer;
    if (footer->type == 2) {
      const Extent whole{0, std::min(footer->size, footer->at)};
      if (whole.size < footer->size) state_trouble(sink_, "truncated", fmt::format("{} of {} bytes of the disk are there", whole.size, footer->size));
      CHECK_OK(ledger_.give(entry, {&whole, 1}, whole.size));
    } else if (footer->type == 3 || footer->type == 4) {
      CHECK_OK(dynamic(*footer, entry));
    } else {
      state_trouble(sink_, "unsupported", fmt::format("a virtual hard disk of type {}", footer->type));
    }
    return ledger_.close("unused-block");
  }

 private:
  base::Result<> dynamic(const Footer& footer, const artifact::Entry& entry) {
    const auto whole = base::slice(view_.bytes, footer.header, 1024);
    base::Cursor at(whole, std::endian::big);
    const auto magic = base::text_of(at.take(8));
    at.skip(8);
    const auto table = at.u64();
    at.skip(4);
    const std::uint64_t entries = at.u32(), block = at.u32();
    const auto sum = at.u32();
    at.seek(64);
    const auto parent = utf16_big(at.take(512));
    if (magic != "cxsparse" || whole.size() < 1024) return base::fail(Trouble::malformed, "the header of the dynamic disk is missing");
    if (block < sector || block % sector || block > (1u << 30)) return base::fail(Trouble::malformed, "a virtual hard disk with blocks of {} bytes", block);
    if (inverted_sum(whole, 36) != sum) state_trouble(sink_, "malformed", "the checksum of the dynamic disk's header does not hold", {footer.header, 1024});
    ledger_.structure({footer.header, 1024}, "disk image header");
    const bool differencing = footer.type == 4;
    if (differencing) {
      state_other_file(sink_, "the disk builds on the file", parent);
      locators(whole);
    }
    VirtualDisk disk(view_, sink_, ledger_);
    base::Cursor map(base::slice(view_.bytes, table, entries * 4), std::endian::big);
    if (map.size() < entries * 4) state_trouble(sink_, "truncated", "the table of blocks lies outside the image");
    ledger_.structure({table, (entries * 4 + sector - 1) / sector * sector}, "block table");
    const auto bitmap = (block / sector / 8 + sector - 1) / sector * sector;
    for (std::uint64_t i = 0; map.left() >= 4; ++i) {
      CHECK_OK(sink_.spend(1));
      const std::uint64_t place = map.u32();
      if (place == 0xFFFFFFFF || i * block >= footer.size) continue;
      const auto from = place * sector;
      if (!ledger_.structure({from, bitmap}, "sector bitmap")) state_trouble(sink_, "truncated", fmt::format("block {} lies outside the image", i));
      const auto size = std::min(block, footer.size - i * block);
      if (differencing) CHECK_OK(own_sectors(disk, from, from + bitmap, i * block, size));
      else CHECK_OK(disk.add({i * block, size, from + bitmap, size}));
    }
    return differencing ? disk.give_runs(entry, footer.size) : disk.give(entry, footer.size);
  }

  // Of a differencing disk only the sectors that its bitmap names are its own.
  base::Result<> own_sectors(VirtualDisk& disk, std::uint64_t bitmap, std::uint64_t data, std::uint64_t where, std::uint64_t size) {
    const auto bits = base::slice(view_.bytes, bitmap, size / sector / 8 + 1);
    CHECK_OK(sink_.spend(size / sector));
    for (std::uint64_t s = 0; s < size / sector && s / 8 < bits.size(); ++s)
      if (bits[s / 8] >> (7 - s % 8) & 1) CHECK_OK(disk.add({where + s * sector, sector, data + s * sector, sector}));
    return {};
  }

  // Where the parent may be found, in several platforms' words.
  void locators(base::Bytes header) {
    for (std::uint64_t i = 0; i < 8; ++i) {
      base::Cursor at(base::slice(header, 576 + 24 * i, 24), std::endian::big);
      at.skip(8);
      const std::uint64_t length = at.u32();
      at.skip(4);
      const auto offset = at.u64();
      if (length && length <= 4096 && offset) ledger_.structure({offset, length}, "parent locator");
    }
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
};

class Vhd final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "vhd",
        .finds = "The disk in a virtual hard disk (VHD): fixed, dynamic, or the own sectors of a differencing one.",
        .kinds = {"vhd"},
        .states = {evidence::Facet::trouble, evidence::Facet::property, evidence::Facet::reference},
        .blind_spots = {"The parent of a differencing disk is named, and its content is not part of the disk."},
        .references = "Virtual Hard Disk Image Format Specification, Microsoft",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return VhdRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& vhd() {
  static const Vhd reader;
  return reader;
}

}  // namespace unpack
