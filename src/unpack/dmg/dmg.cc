// Apple's disk images (UDIF): a trailer "koly", a property list (or a resource fork) with the tables
// "mish" of each partition, chunks that are packed or not. There is no published specification; the
// layout is that of images. Each partition is one child. Encrypted images are opaque.
#include <zlib.h>

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "parse/xml/xml.h"
#include "unpack/dmg/lzfse.h"
#include "unpack/member.h"
#include "unpack/stream.h"
#include "unpack/virtual_disk.h"

namespace unpack {
namespace {

using base::Trouble;
using parse::xml::base64_of;
using parse::xml::Element;

constexpr std::uint64_t sector = 512;

struct Trailer {
  std::uint64_t at = 0, data = 0, data_size = 0, resources = 0, resources_size = 0, list = 0, list_size = 0;
  std::uint32_t segments = 0, sum_type = 0, sum = 0;
};

base::Result<Trailer> read_trailer(base::Bytes bytes) {
  if (bytes.size() < sector) return base::fail(Trouble::truncated, "the disk image has no trailer");
  Trailer t;
  t.at = bytes.size() - sector;
  base::Cursor at(base::slice(bytes, t.at), std::endian::big);
  if (base::text_of(at.take(4)) != "koly") {
    // Images of the oldest kind keep the trailer in front.
    t.at = 0;
    at = base::Cursor(bytes, std::endian::big);
    if (base::text_of(at.take(4)) != "koly") return base::fail(Trouble::malformed, "the disk image has no trailer");
  }
  at.skip(20);
  t.data = at.u64();
  t.data_size = at.u64();
  t.resources = at.u64();
  t.resources_size = at.u64();
  at.skip(4);
  t.segments = at.u32();
  at.skip(16);
  t.sum_type = at.u32();
  at.skip(4);
  t.sum = at.u32();
  at.skip(124);
  t.list = at.u64();
  t.list_size = at.u64();
  CHECK_OK(at.status("the trailer of the disk image"));
  return t;
}

struct Table {
  std::string name;
  base::Buffer bytes;
};

class DmgRead {
 public:
  DmgRead(const evidence::View& view, evidence::Sink& sink, const Trailer& trailer) : view_(view), sink_(sink), ledger_(view, sink), trailer_(trailer) {}

  base::Result<> run() {
    ledger_.structure({trailer_.at, sector}, "disk image trailer");
    if (trailer_.segments > 1) state_trouble(sink_, "unsupported", fmt::format("one of {} segments of a disk image", trailer_.segments));
    auto tables = trailer_.list_size ? from_list() : from_resources();
    if (!tables) return std::unexpected(tables.error());
    check_sum();
    for (const auto& t : *tables) CHECK_OK(partition(t));
    return ledger_.close("disk-image-slack");
  }

 private:
  base::Result<std::vector<Table>> from_list() {
    const auto text = base::slice(view_.bytes, trailer_.list, trailer_.list_size);
    if (text.size() < trailer_.list_size || text.size() > (64u << 20)) return base::fail(Trouble::malformed, "the property list of the disk image lies outside it");
    CHECK_OK(sink_.spend(2 * text.size()));
    artifact::Entry entry;
    entry.name = "resources.plist";
    entry.origin = artifact::Origin::embedded;
    const Extent whole{trailer_.list, trailer_.list_size};
    CHECK_OK(ledger_.give(entry, {&whole, 1}, trailer_.list_size));
    const auto root = TRY(parse::xml::read(base::text_of(text)));
    std::vector<Table> out;
    const auto* dict = root.child("dict");
    const auto* fork = dict ? value(*dict, "resource-fork") : nullptr;
    const auto* list = fork ? value(*fork, "blkx") : nullptr;
    if (!list) return base::fail(Trouble::malformed, "the property list of the disk image names no partitions");
    for (const auto& item : list->children) {
      const auto* data = value(item, "Data");
      const auto* name = value(item, "Name");
      if (!data) continue;
      out.push_back({name ? name->text : "", base64_of(data->text)});
    }
    return out;
  }

  // In a dictionary keys and values take turns.
  static const Element* value(const Element& dict, std::string_view key) {
    for (std::size_t i = 0; i + 1 < dict.children.size(); ++i)
      if (dict.children[i].name == "key" && dict.children[i].text == key) return &dict.children[i + 1];
    return nullptr;
  }

  // "Inside Macintosh: More Macintosh Toolbox", resource forks.
  base::Result<std::vector<Table>> from_resources() {
    const auto fork = base::slice(view_.bytes, trailer_.resources, trailer_.resources_size);
    base::Cursor head(fork, std::endian::big);
    const std::uint64_t data = head.u32(), map = head.u32();
    base::Cursor at(base::slice(fork, map), std::endian::big);
    at.seek(24);
    const std::uint64_t types = at.u16(), names = at.u16();
    at.seek(types);
    const unsigned count = at.u16() + 1u;
    CHECK_OK(at.status("the resource fork of the disk image"));
    ledger_.structure({trailer_.resources, fork.size()}, "resource fork");
    std::vector<Table> out;
    for (unsigned i = 0; i < (count & 0xFFFF); ++i) {
      const auto type = base::text_of(at.take(4));
      const unsigned items = at.u16() + 1u;
      const std::uint64_t list = at.u16();
      if (!at.ok()) break;
      if (type != "blkx") continue;
      base::Cursor item(base::slice(fork, map + types + list), std::endian::big);
      for (unsigned k = 0; k < items && item.left() >= 12; ++k) {
        CHECK_OK(sink_.spend(64));
        item.skip(2);
        const std::uint64_t name = item.u16(), offset = item.u32() & 0xFFFFFF;
        item.skip(4);
        base::Cursor content(base::slice(fork, data + offset), std::endian::big);
        const auto size = content.u32();
        const auto bytes = content.take(size);
        base::Cursor text(base::slice(fork, map + names + name), std::endian::big);
        const auto length = text.u8();
        out.push_back({name == 0xFFFF ? "" : std::string(base::text_of(text.take(length))), base::Buffer(bytes.begin(), bytes.end())});
      }
    }
    return out;
  }

  // The sum of everything that is stored (type 2: CRC-32).
  void check_sum() {
    const auto stored = base::slice(view_.bytes, trailer_.data, trailer_.data_size);
    if (trailer_.sum_type != 2 || stored.size() < trailer_.data_size || !sink_.spend(stored.size())) return;
    if (static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), stored.data(), stored.size())) != trailer_.sum) state_trouble(sink_, "malformed", "the checksum of the disk image's data does not hold");
  }

  base::Result<base::Buffer> open(base::Bytes stored, const DiskRun& run) {
    CHECK_OK(sink_.spend(stored.size() + run.size));
    if (run.size > std::min<std::uint64_t>(sink_.room(), 256u << 20)) return base::fail(Trouble::malformed, "a chunk of {} bytes", run.size);
    if (run.form == 0x80000004) return dmg_format::adc(stored, run.size);
    if (run.form == 0x80000007) return dmg_format::lzfse(stored, run.size);
    base::Buffer out;
    const stream::Take take = [&](base::Bytes b) -> base::Result<> {
      if (b.size() > run.size - out.size()) return base::fail(Trouble::malformed, "a packed chunk is too large");
      out.insert(out.end(), b.begin(), b.end());
      return {};
    };
    const auto done = run.form == 0x80000005 ? stream::zlib(stored, take) : run.form == 0x80000006 ? stream::bzip2(stored, take) : stream::xz(stored, take);
    if (!done.end) return std::unexpected(done.end.error());
    return out;
  }

  base::Result<> partition(const Table& table) {
    base::Cursor at(table.bytes, std::endian::big);
    const auto magic = base::text_of(at.take(4));
    at.skip(12);
    const auto sectors = at.u64(), base_offset = at.u64();
    at.seek(200);
    const std::uint64_t count = at.u32();
    if (magic != "mish" || !at.ok() || count * 40 > at.left() || sectors > (1ull << 50)) {
      state_trouble(sink_, "malformed", fmt::format("the table of the partition {} is damaged", base::printable(table.name)));
      return {};
    }
    VirtualDisk disk(view_, sink_, ledger_, [this](base::Bytes stored, const DiskRun& run) { return open(stored, run); });
    for (std::uint64_t i = 0; i < count; ++i) {
      CHECK_OK(sink_.spend(16));
      const auto type = at.u32();
      at.skip(4);
      const auto first = at.u64(), length = at.u64(), offset = at.u64(), stored = at.u64();
      if (type == 0xFFFFFFFF) break;
      if (type == 0 || type == 2 || type == 0x7FFFFFFE || length == 0) continue;
      const auto from = base::checked_add(base::checked_add(trailer_.data, base_offset).value_or(UINT64_MAX), offset);
      if (first > sectors || length > sectors - first || !from) {
        state_trouble(sink_, "malformed", fmt::format("a chunk of {} lies outside it", base::printable(table.name)));
        continue;
      }
      if (type == 1) {
        CHECK_OK(disk.add({first * sector, std::min(length * sector, stored), *from, std::min(length * sector, stored)}));
      } else if (type >= 0x80000004 && type <= 0x80000008) {
        CHECK_OK(disk.add({first * sector, length * sector, *from, stored, true, type}));
      } else {
        ledger_.opaque({*from, stored}, "unsupported");
        state_trouble(sink_, "unsupported", fmt::format("a chunk of the form 0x{:x} in {}", type, base::printable(table.name)));
      }
    }
    if (disk.empty()) return {};  // nothing but zeros
    artifact::Entry entry;
    entry.name = table.name.empty() ? "partition" : table.name;
    std::ranges::replace(entry.name, '/', '_');
    return disk.give(entry, sectors * sector);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  Trailer trailer_;
};

class Dmg final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "dmg",
        .finds = "The partitions of an Apple disk image (raw, zlib, bzip2, LZFSE, xz, ADC), its property list, and bytes that no partition uses.",
        .kinds = {"dmg"},
        .states = {evidence::Facet::trouble, evidence::Facet::property},
        .blind_spots = {"Encrypted images are opaque.", "Images of several segments are not joined.", "The sums of single partitions are not compared.", "Signatures are not checked."},
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (base::starts_with(view.bytes, "encrcdsa")) {
      sink.label({0, view.bytes.size()}, evidence::Label::opaque, "encrypted");
      state_trouble(sink, "encrypted", "the disk image", {0, 8});
      return {};
    }
    const auto trailer = TRY(read_trailer(view.bytes));
    return DmgRead(view, sink, trailer).run();
  }
};

}  // namespace

const evidence::Reader& dmg() {
  static const Dmg reader;
  return reader;
}

}  // namespace unpack
