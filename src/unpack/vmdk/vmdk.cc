// VMware's disk images: sparse extents (monolithicSparse), streams of packed grains with markers
// (streamOptimized), and descriptors that name other files. "Virtual Disk Format 5.0" (VMware).
// The older COWD and the newer SESparse extents are not read.
#include <algorithm>
#include <charconv>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"
#include "unpack/stream.h"
#include "unpack/virtual_disk.h"

namespace unpack {
namespace {

using base::Trouble;

constexpr std::uint64_t sector = 512;

struct Extent4 {
  std::uint32_t version = 0, flags = 0, entries = 0;  ///< entries of one grain table
  std::uint64_t capacity = 0, grain = 0, descriptor = 0, descriptor_size = 0, redundant = 0, directory = 0, overhead = 0;
  std::uint16_t compression = 0;
  bool markers() const { return flags & (1u << 17); }
  bool packed() const { return flags & (1u << 16); }
};

base::Result<Extent4> read_extent(base::Bytes bytes) {
  base::Cursor at(bytes);
  if (base::text_of(at.take(4)) != "KDMV") return base::fail(Trouble::malformed, "no sparse extent stands there");
  Extent4 h;
  h.version = at.u32();
  h.flags = at.u32();
  h.capacity = at.u64();
  h.grain = at.u64();
  h.descriptor = at.u64();
  h.descriptor_size = at.u64();
  h.entries = at.u32();
  h.redundant = at.u64();
  h.directory = at.u64();
  h.overhead = at.u64();
  at.skip(5);
  h.compression = at.u16();
  CHECK_OK(at.status("the header of the disk image"));
  if (h.grain == 0 || h.grain > 65536 || h.entries == 0 || h.entries > 65536 || h.capacity > (1ull << 50)) return base::fail(Trouble::malformed, "a disk image of {} sectors with grains of {}", h.capacity, h.grain);
  return h;
}

class VmdkRead {
 public:
  VmdkRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    if (!base::starts_with(view_.bytes, "KDMV")) return descriptor_file();
    head_ = TRY(read_extent(view_.bytes));
    ledger_.structure({0, sector}, "disk image header");
    if (head_.packed() && head_.compression > 1) {
      state_trouble(sink_, "unsupported", fmt::format("compression {} of a disk image", head_.compression));
      return ledger_.close("disk-image");
    }
    bool parent = false;
    if (const auto at = bytes_of(head_.descriptor); head_.descriptor && at < view_.bytes.size()) {
      const base::Range range{at, std::min<std::uint64_t>(bytes_of(head_.descriptor_size), view_.bytes.size() - at)};
      auto text = base::text_of(base::slice(view_.bytes, range.offset, range.size));
      text = text.substr(0, text.find('\0'));
      parent = descriptor(text, false);
      artifact::Entry entry;
      entry.name = "descriptor.vmdk.txt";
      entry.origin = artifact::Origin::embedded;
      entry.kind = "text";
      const Extent whole{range.offset, text.size()};
      CHECK_OK(ledger_.give(entry, {&whole, 1}, text.size()));
    }
    VirtualDisk disk(view_, sink_, ledger_, [this](base::Bytes stored, const DiskRun& run) { return open(stored, run); });
    if (head_.markers()) CHECK_OK(markers(disk));
    else CHECK_OK(tables(disk));
    artifact::Entry entry;
    entry.name = "disk";
    entry.origin = artifact::Origin::layer;
    const auto size = bytes_of(head_.capacity);
    if (parent) CHECK_OK(disk.give_runs(entry, size));
    else CHECK_OK(disk.give(entry, size));
    return ledger_.close("unused-grain");
  }

 private:
  // An offset in sectors; one that overflows lies behind any end.
  static std::uint64_t bytes_of(std::uint64_t sectors) { return base::checked_mul(sectors, sector).value_or(UINT64_MAX); }

  base::Result<base::Buffer> open(base::Bytes stored, const DiskRun& run) {
    base::Buffer out;
    const auto done = stream::zlib(stored, [&](base::Bytes b) -> base::Result<> {
      CHECK_OK(sink_.spend(b.size() + 1));
      if (b.size() > run.size - out.size()) return base::fail(Trouble::malformed, "a packed grain is too large");
      out.insert(out.end(), b.begin(), b.end());
      return {};
    });
    if (!done.end) return std::unexpected(done.end.error());
    return out;
  }

  // A grain with its head: a sector number, a size, packed bytes.
  base::Result<> packed_grain(VirtualDisk& disk, std::uint64_t at, std::uint64_t where) {
    base::Cursor in(base::slice(view_.bytes, at));
    in.skip(8);
    const std::uint64_t size = in.u32();
    ledger_.structure({at, 12}, "grain marker");
    return disk.add({where, bytes_of(head_.grain), at + 12, size, true});
  }

  base::Result<> markers(VirtualDisk& disk) {
    for (auto at = bytes_of(head_.overhead); at < view_.bytes.size();) {
      CHECK_OK(sink_.spend(16));
      base::Cursor in(base::slice(view_.bytes, at));
      const auto value = in.u64();
      const std::uint64_t size = in.u32(), type = in.u32();
      if (!in.ok()) break;
      if (size) {
        if (value >= head_.capacity || size > in.left() + 4) {
          state_trouble(sink_, "malformed", fmt::format("a grain at 0x{:x} lies outside the disk or the file", at));
          return {};
        }
        CHECK_OK(packed_grain(disk, at, value * sector));
        at = (at + 12 + size + sector - 1) / sector * sector;
        continue;
      }
      ledger_.structure({at, sector}, "marker");
      if (type == 0) return {};
      if (type > 3 || value > (1u << 20)) {
        state_trouble(sink_, "malformed", fmt::format("a marker of type {} at 0x{:x}", type, at));
        return {};
      }
      ledger_.structure({at + sector, value * sector}, type == 3 ? "disk image header" : "grain table");
      at += sector + value * sector;
    }
    state_trouble(sink_, "truncated", "the stream of grains has no end mark");
    return {};
  }

  base::Result<> tables(VirtualDisk& disk) {
    const auto span = base::checked_mul(head_.grain, head_.entries).value_or(UINT64_MAX);
    const auto count = head_.capacity / span + (head_.capacity % span ? 1 : 0);
    const auto directory = bytes_of(head_.directory);
    if (!base::fits(directory, count * 4, view_.bytes.size())) return base::fail(Trouble::truncated, "the directory of the disk image lies outside it");
    CHECK_OK(directory_structure(bytes_of(head_.redundant), count));
    ledger_.structure({directory, count * 4}, "grain directory");
    base::Cursor at(base::slice(view_.bytes, directory, count * 4));
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto table = bytes_of(at.u32());
      CHECK_OK(sink_.spend(1));
      if (table == 0) continue;
      CHECK_OK(sink_.spend(head_.entries));
      if (!ledger_.structure({table, 4ull * head_.entries}, "grain table")) state_trouble(sink_, "truncated", fmt::format("a grain table at 0x{:x} lies outside the image", table));
      base::Cursor grains(base::slice(view_.bytes, table, 4ull * head_.entries));
      for (std::uint64_t g = 0; grains.left() >= 4; ++g) {
        const auto place = grains.u32();
        if (place == 0 || (place == 1 && (head_.flags & 4))) continue;
        const auto where = bytes_of((i * head_.entries + g) * head_.grain), at_byte = bytes_of(place);
        if (where >= bytes_of(head_.capacity)) break;
        const auto size = std::min(bytes_of(head_.grain), bytes_of(head_.capacity) - where);
        if (head_.packed()) CHECK_OK(packed_grain(disk, at_byte, where));
        else CHECK_OK(disk.add({where, size, at_byte, size}));
      }
    }
    return {};
  }

  // The second copy of directory and tables.
  base::Result<> directory_structure(std::uint64_t directory, std::uint64_t count) {
    if (directory == 0 || !(head_.flags & 2) || !ledger_.structure({directory, count * 4}, "grain directory")) return {};
    base::Cursor at(base::slice(view_.bytes, directory, count * 4));
    while (at.left() >= 4) {
      CHECK_OK(sink_.spend(1));
      const auto table = bytes_of(at.u32());
      if (table) ledger_.structure({table, 4ull * head_.entries}, "grain table");
    }
    return {};
  }

  // States what the lines name. True if the disk builds on another one.
  bool descriptor(std::string_view text, bool alone) {
    bool parent = false;
    std::uint64_t from = 0;
    for (unsigned line_number = 0; from < text.size() && line_number < 10'000; ++line_number) {
      const auto end = std::min(text.find('\n', from), text.size());
      const auto line = text.substr(from, end - from);
      const auto quote = line.find('"'), last = line.rfind('"');
      const auto name = quote != line.npos && last > quote ? line.substr(quote + 1, last - quote - 1) : std::string_view{};
      const bool extent = line.starts_with("RW ") || line.starts_with("RDONLY ") || line.starts_with("NOACCESS ");
      if (alone && !line.starts_with('#') && (extent || line.find('=') != line.npos)) ledger_.structure({from, std::min(end + 1, text.size()) - from}, "disk descriptor");
      if (extent && alone && !name.empty()) state_other_file(sink_, "the disk's content is kept in the file", std::string(name));
      if (line.starts_with("parentFileNameHint")) {
        parent = true;
        state_other_file(sink_, "the disk builds on the file", std::string(name));
      }
      from = end + 1;
    }
    return parent;
  }

  base::Result<> descriptor_file() {
    CHECK_OK(sink_.spend(view_.bytes.size()));
    descriptor(base::text_of(view_.bytes), true);
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  Extent4 head_;
};

class Vmdk final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "vmdk",
        .finds = "The disk in a VMware sparse or stream-optimised disk image, grains that no table uses, and the files that a descriptor names.",
        .kinds = {"vmdk"},
        .states = {evidence::Facet::trouble, evidence::Facet::property, evidence::Facet::reference},
        .blind_spots = {"Disks split over several files are not joined; the files are named.", "The forms COWD and SESparse are not read."},
        .references = "Virtual Disk Format 5.0, VMware",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return VmdkRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& vmdk() {
  static const Vmdk reader;
  return reader;
}

}  // namespace unpack
