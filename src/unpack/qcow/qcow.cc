// QEMU's disk images, versions 1 to 3. https://gitlab.com/qemu-project/qemu, docs/interop/qcow2.txt.
// The disk is one child; each snapshot's disk is a hidden one. Backing files and data files are
// named, encrypted clusters are opaque.
#include <algorithm>
#include <set>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"
#include "unpack/stream.h"
#include "unpack/virtual_disk.h"

namespace unpack {
namespace {

using base::Trouble;

struct QcowHead {
  std::uint32_t version = 0, cluster_bits = 0, l2_bits = 0, crypt = 0, snapshots = 0, refcount_clusters = 0, backing_size = 0, header = 0;
  std::uint64_t backing = 0, size = 0, l1 = 0, l1_entries = 0, refcounts = 0, snapshots_at = 0, incompatible = 0;
  bool zstd = false;
  std::uint64_t cluster() const { return 1ull << cluster_bits; }
  bool extended() const { return incompatible & 16; }
};

base::Result<QcowHead> read_head(base::Bytes bytes) {
  base::Cursor at(bytes, std::endian::big);
  at.skip(4);
  QcowHead h;
  h.version = at.u32();
  h.backing = at.u64();
  h.backing_size = at.u32();
  if (h.version == 1) {
    at.skip(4);
    h.size = at.u64();
    h.cluster_bits = at.u8();
    h.l2_bits = at.u8();
    at.skip(2);
    h.crypt = at.u32();
    h.l1 = at.u64();
    h.header = 48;
    if (h.l2_bits < 6 || h.l2_bits > 13 || h.cluster_bits > 16) return base::fail(Trouble::malformed, "a disk image with tables of 2^{} entries", h.l2_bits);
    const auto span = 1ull << (h.cluster_bits + h.l2_bits);
    h.l1_entries = h.size / span + (h.size % span ? 1 : 0);
  } else {
    h.cluster_bits = at.u32();
    h.size = at.u64();
    h.crypt = at.u32();
    h.l1_entries = at.u32();
    h.l1 = at.u64();
    h.refcounts = at.u64();
    h.refcount_clusters = at.u32();
    h.snapshots = at.u32();
    h.snapshots_at = at.u64();
    h.header = 72;
    if (h.version >= 3) {
      h.incompatible = at.u64();
      at.skip(20);
      h.header = at.u32();
      if (h.header > 104) h.zstd = at.u8() == 1;
    }
    h.l2_bits = h.cluster_bits - (h.extended() ? 4 : 3);
  }
  CHECK_OK(at.status("the header of the disk image"));
  if (h.version > 3) return base::fail(Trouble::unsupported, "a QEMU disk image of version {}", h.version);
  if (h.cluster_bits < 9 || h.cluster_bits > 21) return base::fail(Trouble::malformed, "a disk image with clusters of 2^{} bytes", h.cluster_bits);
  if (h.size > (1ull << 60)) return base::fail(Trouble::malformed, "a disk of {} bytes", h.size);
  if (!base::fits(h.l1, 8 * std::min<std::uint64_t>(h.l1_entries, 1ull << 40), bytes.size())) return base::fail(Trouble::truncated, "the first table of the disk image lies outside it");
  return h;
}

class QcowRead {
 public:
  QcowRead(const evidence::View& view, evidence::Sink& sink, const QcowHead& head) : view_(view), sink_(sink), ledger_(view, sink), head_(head) {}

  base::Result<> run() {
    ledger_.structure({0, head_.header}, "disk image header");
    extensions();
    if (head_.incompatible & ~std::uint64_t{0x1F}) state_trouble(sink_, "unsupported", fmt::format("unknown features 0x{:x} of a disk image", head_.incompatible));
    std::string backing;
    if (head_.backing && head_.backing_size && head_.backing_size <= 1023) {
      ledger_.structure({head_.backing, head_.backing_size}, "name of the backing file");
      backing = base::text_of(base::slice(view_.bytes, head_.backing, head_.backing_size));
      state_other_file(sink_, "the disk builds on the file", backing);
    }
    CHECK_OK(disk(head_.l1, head_.l1_entries, head_.size, "disk", artifact::Origin::layer, !backing.empty()));
    CHECK_OK(snapshots(!backing.empty()));
    CHECK_OK(refcounts());
    return ledger_.close("unused-cluster");
  }

 private:
  void extensions() {
    if (head_.version == 1) return;
    base::Cursor at(view_.bytes, std::endian::big);
    at.seek(head_.header);
    while (at.left() >= 8 && at.position() < head_.cluster()) {
      const auto type = at.u32(), size = at.u32();
      if (type == 0) {
        ledger_.structure({at.position() - 8, 8}, "disk image header");
        return;
      }
      const auto from = at.position();
      const auto body = at.take(size);
      if (!at.ok()) return;
      if (type == 0x44415441) state_other_file(sink_, "the disk's content is kept in the file", std::string(base::text_of(body)));
      if (type == 0xE2792ACA || type == 0x6803F857 || type == 0x44415441 || type == 0x23852875 || type == 0x0537BE77) ledger_.structure({from - 8, 8 + std::uint64_t{size}}, "disk image header");
      at.align(8);
    }
  }

  VirtualDisk::Open opener() {
    return [this](base::Bytes stored, const DiskRun& run) -> base::Result<base::Buffer> {
      base::Buffer out;
      bool full = false;
      const stream::Take take = [&](base::Bytes b) -> base::Result<> {
        CHECK_OK(sink_.spend(b.size() + 1));
        const auto room = run.size - out.size();
        out.insert(out.end(), b.begin(), b.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(room, b.size())));
        full = b.size() > room;
        return full ? base::fail(Trouble::malformed, "a packed cluster is too large") : base::Result<>{};
      };
      auto done = head_.zstd ? stream::zstd_frame(stored, take) : stream::deflate(stored, take);
      // The stored size is only known to the sector: what matters is that the cluster is full.
      if (done.end || out.size() == run.size) return out;
      return std::unexpected(done.end.error());
    };
  }

  base::Result<> disk(std::uint64_t l1, std::uint64_t entries, std::uint64_t size, std::string name, artifact::Origin origin, bool partial) {
    ledger_.structure({l1, entries * 8}, "cluster table");
    VirtualDisk disk(view_, sink_, ledger_, opener()), state(view_, sink_, ledger_, opener());
    base::Cursor first(base::slice(view_.bytes, l1, entries * 8), std::endian::big);
    const auto span = head_.cluster() << head_.l2_bits;
    for (std::uint64_t i = 0; first.left() >= 8; ++i) {
      CHECK_OK(sink_.spend(1));
      const auto entry = first.u64();
      const auto at = head_.version == 1 ? entry : entry & 0x00FFFFFFFFFFFE00;
      if (at == 0) continue;
      if (i > (1ull << 60) / span) break;
      CHECK_OK(second(at, i * span, size, disk, state));
    }
    artifact::Entry entry;
    entry.name = name;
    entry.origin = origin;
    if (head_.crypt) {
      disk.label(evidence::Label::opaque, "encrypted");
      state.label(evidence::Label::opaque, "encrypted");
      state_trouble(sink_, "encrypted", fmt::format("the content of {}", name));
      return {};
    }
    if (partial) CHECK_OK(disk.give_runs(entry, size));
    else CHECK_OK(disk.give(entry, size));
    entry.name += ".machine-state";
    entry.origin = artifact::Origin::hidden;
    return state.give_runs(entry, UINT64_MAX);  // a saved machine's memory stands behind the disk
  }

  base::Result<> second(std::uint64_t table, std::uint64_t from, std::uint64_t size, VirtualDisk& disk, VirtualDisk& state) {
    const auto entries = 1ull << head_.l2_bits;
    if (!ledger_.structure({table, entries * (head_.extended() ? 16 : 8)}, "cluster table"))
      state_trouble(sink_, "truncated", fmt::format("a table of clusters at 0x{:x} lies outside the image", table));
    base::Cursor at(base::slice(view_.bytes, table, entries * (head_.extended() ? 16 : 8)), std::endian::big);
    CHECK_OK(sink_.spend(entries));
    const std::uint64_t cluster = head_.cluster();
    for (std::uint64_t i = 0; at.left() >= (head_.extended() ? 16u : 8u); ++i) {
      const auto entry = at.u64();
      const auto bitmap = head_.extended() ? at.u64() : 0;
      if (entry == 0) continue;
      const auto where = from + i * cluster;
      auto& to = where >= size ? state : disk;
      const auto most = where < size ? std::min(cluster, size - where) : cluster;
      if (head_.version == 1 ? entry >> 63 : entry >> 62 & 1) {
        CHECK_OK(to.add(packed(entry, where)));
        continue;
      }
      const auto offset = head_.version == 1 ? entry : entry & 0x00FFFFFFFFFFFE00;
      if (offset == 0 || (head_.incompatible & 4)) continue;
      if (head_.extended()) {
        const auto sub = cluster / 32;
        for (unsigned s = 0; s < 32; ++s)
          if ((bitmap >> s & 1) && s * sub < most) CHECK_OK(to.add({where + s * sub, std::min(sub, most - s * sub), offset + s * sub, std::min(sub, most - s * sub)}));
      } else if (head_.version == 1 || !(entry & 1)) {
        CHECK_OK(to.add({where, most, offset, most}));
      }
      // A cluster that reads as zeros but is kept, and the end of the last one, are left to close().
    }
    return {};
  }

  DiskRun packed(std::uint64_t entry, std::uint64_t where) const {
    const std::uint64_t cluster = head_.cluster();
    if (head_.version == 1) {
      const auto shift = 63 - head_.cluster_bits;
      return {where, cluster, entry & ((1ull << shift) - 1), entry >> shift & (cluster - 1), true};
    }
    const auto shift = 62 - (head_.cluster_bits - 8);
    const auto offset = entry & ((1ull << shift) - 1);
    const auto sectors = (entry & 0x3FFFFFFFFFFFFFFF) >> shift;
    return {where, cluster, offset, (sectors + 1) * 512 - (offset & 511), true};
  }

  base::Result<> snapshots(bool partial) {
    base::Cursor at(view_.bytes, std::endian::big);
    at.seek(head_.snapshots_at);
    for (std::uint32_t i = 0; i < head_.snapshots; ++i) {
      CHECK_OK(sink_.spend(64));
      if (i >= 1024) return base::fail(Trouble::limit, "a disk image of {} snapshots", head_.snapshots);
      const auto from = at.position();
      const auto l1 = at.u64();
      const std::uint64_t entries = at.u32();
      const std::uint64_t id = at.u16(), name = at.u16();
      at.skip(20);
      const auto extra = at.u32();
      base::Cursor more(at.take(extra), std::endian::big);
      more.skip(8);
      const auto size = more.u64();
      const auto id_text = base::text_of(at.take(id)), name_text = base::text_of(at.take(name));
      if (!at.ok()) {
        state_trouble(sink_, "malformed", fmt::format("snapshot {} of the disk image is damaged", i));
        return {};
      }
      ledger_.structure({from, at.position() - from}, "snapshot table");
      at.align(8);
      if (!base::fits(l1, entries * 8, view_.bytes.size())) {
        state_trouble(sink_, "malformed", fmt::format("the table of snapshot {} lies outside the image", i));
        continue;
      }
      auto label = fmt::format("snapshot-{}-{}", id_text, name_text);
      std::ranges::replace(label, '/', '_');
      CHECK_OK(disk(l1, entries, more.ok() ? size : head_.size, label, artifact::Origin::hidden, partial));
    }
    return {};
  }

  base::Result<> refcounts() {
    if (head_.version == 1) return {};
    const auto size = std::uint64_t{head_.refcount_clusters} << head_.cluster_bits;
    ledger_.structure({head_.refcounts, size}, "reference counts");
    base::Cursor at(base::slice(view_.bytes, head_.refcounts, size), std::endian::big);
    while (at.left() >= 8) {
      CHECK_OK(sink_.spend(1));
      const auto block = at.u64() & ~std::uint64_t{511};
      if (block) ledger_.structure({block, head_.cluster()}, "reference counts");
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  QcowHead head_;
};

class Qcow final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "qcow",
        .finds = "The disk in a QEMU disk image (versions 1 to 3), the disks and machine states of its snapshots, and clusters that no table uses.",
        .kinds = {"qcow", "qcow2"},
        .states = {evidence::Facet::trouble, evidence::Facet::property, evidence::Facet::reference},
        .blind_spots = {"A backing file or data file is named, and its content is not part of the disk.", "Encrypted disks are not opened.", "Dirty bitmaps are handed on as bytes."},
        .references = "QEMU, docs/interop/qcow2.txt",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto head = read_head(view.bytes);
    if (!head) {
      if (head.error().trouble == Trouble::unsupported) sink.label({0, view.bytes.size()}, evidence::Label::opaque, "unsupported");
      return std::unexpected(head.error());
    }
    return QcowRead(view, sink, *head).run();
  }
};

}  // namespace

const evidence::Reader& qcow() {
  static const Qcow reader;
  return reader;
}

}  // namespace unpack
