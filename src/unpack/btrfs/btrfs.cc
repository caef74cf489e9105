// Btrfs file systems on one device. https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html.
// Own bounded reader: files of every subvolume and snapshot, plain, inline or compressed (zlib, LZO,
// zstd); subvolumes that no folder names; old tree blocks and free space as leftovers.
#include <algorithm>
#include <unordered_map>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/btrfs/tree.h"
#include "unpack/decode/lzo.h"
#include "unpack/disk/shares.h"
#include "unpack/member.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

using artifact::Nature, artifact::Origin;
using base::Trouble;
using evidence::Confidence;
using namespace btrfs_format;

constexpr std::uint64_t most_packed = 1u << 20, lzo_page = 4096;
constexpr std::uint64_t own_root = 1, log_tree = UINT64_MAX - 5, first_free = 256, fs_tree = 5;

struct Piece {
  std::uint64_t at = 0;  ///< in the file
  base::Bytes item;
  std::uint64_t place = 0;
};
struct Node {
  base::Bytes item;
  std::vector<Piece> pieces;
};
struct Name {
  std::string name;
  Key target;
};
struct Tree {
  std::unordered_map<std::uint64_t, Node> nodes;
  std::unordered_map<std::uint64_t, std::vector<Name>> names;  ///< by directory
};

struct Piecewise {
  std::uint64_t unpacked = 0, logical = 0, stored = 0, offset = 0, size = 0;
  std::uint8_t compression = 0, type = 0;
  bool readable = false;
};

class BtrfsWalk {
 public:
  BtrfsWalk(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(4096));
    const auto volume = TRY(Volume::open(view_.bytes, ledger_, sink_));
    volume_ = &volume;
    if (volume.size() > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the file system has {} bytes, the image {}", volume.size(), view_.bytes.size()));
    CHECK_OK(roots(volume.root_tree()));
    if (!roots_.contains(fs_tree)) return base::fail(Trouble::malformed, "the Btrfs file tree is missing");
    CHECK_OK(subvolume(fs_tree, "", Origin::member, 0));
    for (const auto& [number, root] : std::map(roots_.begin(), roots_.end())) {
      if (read_.contains(number)) continue;
      if (number >= first_free && number < UINT64_MAX - 256) CHECK_OK(subvolume(number, fmt::format("subvolume-{}/", number), Origin::hidden, 0));
      else if (number != own_root) CHECK_OK(volume.walk(root, [](const Item&) -> base::Result<> { return {}; }, ledger_, sink_));
    }
    if (volume.log_tree()) CHECK_OK(roots(volume.log_tree(), true));
    const auto end = std::min<std::uint64_t>(volume.size(), view_.bytes.size());
    CHECK_OK(ledger_.close(0, end, "unallocated"));
    return end < view_.bytes.size() ? hand_on_rest(view_, sink_, end, Confidence::low) : base::Result<>{};
  }

 private:
  // The tree of trees, which also holds the files of the older free space cache.
  base::Result<> roots(std::uint64_t root, bool log = false) {
    std::vector<std::uint64_t> logs;
    const auto see = [&](const Item& item) -> base::Result<> {
      base::Cursor at(item.bytes);
      at.seek(176);
      if (item.key.type == root_item && at.ok()) {
        const auto where = at.u64();
        if (log) logs.push_back(where);
        else if (at.ok() && item.key.object != log_tree) roots_[item.key.object] = where;
      }
      const auto e = piecewise(item.bytes);
      if (item.key.type == extent_data && e.readable && e.type == 1)
        if (const auto place = volume_->find(e.logical, e.stored)) ledger_.structure({*place, e.stored}, "Btrfs free space cache");
      return {};
    };
    CHECK_OK(volume_->walk(root, see, ledger_, sink_));
    for (const auto where : logs) CHECK_OK(volume_->walk(where, [](const Item&) -> base::Result<> { return {}; }, ledger_, sink_));
    return {};
  }

  static Piecewise piecewise(base::Bytes item) {
    Piecewise out;
    base::Cursor at(item);
    at.skip(8);
    out.unpacked = at.u64();
    out.compression = at.u8();
    const auto encryption = at.u8();
    at.skip(2);
    out.type = at.u8();
    out.readable = at.ok() && encryption == 0 && out.type <= 2;
    if (out.type == 0) {
      out.size = out.unpacked;
      return out;
    }
    out.logical = at.u64();
    out.stored = at.u64();
    out.offset = at.u64();
    out.size = at.u64();
    out.readable = out.readable && at.ok();
    return out;
  }

  base::Result<> subvolume(std::uint64_t number, const std::string& path, Origin origin, int depth) {
    if (!read_.insert(number).second) return {};
    Tree tree;
    const auto see = [&](const Item& item) -> base::Result<> {
      CHECK_OK(sink_.spend(200));
      if (item.key.type == inode_item) tree.nodes[item.key.object].item = item.bytes;
      else if (item.key.type == extent_data) tree.nodes[item.key.object].pieces.push_back({item.key.offset, item.bytes, item.place});
      else if (item.key.type == dir_index) name_item(item, tree);
      return {};
    };
    CHECK_OK(volume_->walk(roots_.at(number), see, ledger_, sink_));
    std::unordered_map<std::uint64_t, std::string> reached;
    CHECK_OK(directory(tree, first_free, path, origin, depth, reached));
    for (const auto& [inode, node] : tree.nodes) {
      CHECK_OK(sink_.spend(10));
      if (inode < first_free || reached.contains(inode) || node.item.empty() || node.pieces.empty() || mode_of(node) >> 12 != 8) continue;
      CHECK_OK(give(node, path + fmt::format("unnamed-inode-{}", inode), Origin::hidden));
    }
    return {};
  }

  static void name_item(const Item& item, Tree& tree) {
    base::Cursor at(item.bytes);
    Name out;
    out.target.object = at.u64();
    out.target.type = at.u8();
    out.target.offset = at.u64();
    at.skip(10);
    const auto size = at.u16();
    at.skip(1);
    out.name = base::text_of(at.take(size));
    if (at.ok() && !out.name.empty()) tree.names[item.key.object].push_back(std::move(out));
  }

  static std::uint32_t mode_of(const Node& node) {
    base::Cursor at(node.item);
    at.seek(52);
    return at.u32();
  }

  base::Result<> directory(const Tree& tree, std::uint64_t inode, const std::string& path, Origin origin, int depth, std::unordered_map<std::uint64_t, std::string>& reached) {
    if (depth > 200) return base::fail(Trouble::limit, "Btrfs directories nest deeper than 200");
    reached.emplace(inode, std::string());
    const auto listed = tree.names.find(inode);
    if (listed == tree.names.end()) return {};
    for (const auto& name : listed->second) {
      CHECK_OK(sink_.spend(200));
      const auto whole = path + name.name;
      artifact::Entry entry;
      entry.name = whole;
      entry.origin = origin;
      if (name.target.type == root_item) {
        entry.nature = Nature::directory;
        CHECK_OK(sink_.child(entry, {}));
        if (roots_.contains(name.target.object)) CHECK_OK(subvolume(name.target.object, whole + "/", origin, depth + 1));
        continue;
      }
      const auto node = tree.nodes.find(name.target.object);
      if (node == tree.nodes.end() || node->second.item.size() < 64) {
        state_trouble(sink_, "malformed", fmt::format("{} has no inode", base::printable(whole)));
        continue;
      }
      fill(node->second, entry);
      const auto [first, fresh] = reached.emplace(name.target.object, budget_.take(whole.size()) ? whole : std::string());
      if (!fresh && entry.nature == Nature::directory) {
        state_trouble(sink_, "malformed", fmt::format("the directory {} stands in two places", base::printable(whole)));
        continue;
      }
      if (!fresh) {
        entry.nature = Nature::hardlink;
        entry.link = first->second;
      }
      if (entry.nature == Nature::symlink && !node->second.pieces.empty()) entry.link = base::text_of(base::slice(node->second.pieces[0].item, 21));
      if (entry.nature == Nature::file) {
        CHECK_OK(give(node->second, whole, origin));
        continue;
      }
      names_.see(entry, {});
      CHECK_OK(sink_.child(entry, {}));
      if (entry.nature == Nature::directory) {
        reached.erase(name.target.object);
        CHECK_OK(directory(tree, name.target.object, whole + "/", origin, depth + 1, reached));
      }
    }
    return {};
  }

  static void fill(const Node& node, artifact::Entry& entry) {
    base::Cursor at(node.item);
    at.seek(44);
    entry.uid = at.u32();
    entry.gid = at.u32();
    const auto mode = at.u32();
    entry.mode = mode & 07777;
    switch (mode >> 12) {
      case 1: entry.nature = Nature::fifo; break;
      case 2: case 6: entry.nature = Nature::device; break;
      case 4: entry.nature = Nature::directory; break;
      case 10: entry.nature = Nature::symlink; break;
      case 12: entry.nature = Nature::socket; break;
      default: break;
    }
  }

  base::Result<> give(const Node& node, const std::string& name, Origin origin) {
    artifact::Entry entry;
    fill(node, entry);
    entry.name = name;
    entry.origin = origin;
    names_.see(entry, {});
    base::Cursor at(node.item);
    at.seek(16);
    const auto size = at.u64();
    const bool packed = std::ranges::any_of(node.pieces, [](const Piece& p) { return piecewise(p.item).compression != 0; });
    if (size > sink_.room()) return ledger_.give(entry, {}, size);
    auto done = packed ? unpacked(node, entry, size) : plain(node, entry, size);
    if (done || done.error().trouble == Trouble::limit) return done;
    state_trouble(sink_, name_of(done.error().trouble), fmt::format("{}: {}", base::printable(name), done.error().what));
    return {};
  }

  base::Result<> plain(const Node& node, const artifact::Entry& entry, std::uint64_t size) {
    std::vector<Extent> extents;
    std::uint64_t made = 0;
    for (const auto& p : node.pieces) {
      const auto e = TRY(sound(p, made));
      if (p.at > made) append(extents, {0, p.at - made, true});
      const auto place = e.type == 0 ? std::optional(p.place + 21) : e.logical == 0 || e.type == 2 ? std::nullopt : volume_->find(e.logical + e.offset, e.size);
      if (e.type == 1 && e.logical != 0 && !place) return base::fail(Trouble::malformed, "an extent lies outside the image");
      const auto n = e.type == 0 ? std::min<std::uint64_t>(e.size, p.item.size() - 21) : e.size;
      append(extents, place ? Extent{*place, n} : Extent{0, n, true});
      made = p.at + n;
    }
    if (made < size) append(extents, {0, size - made, true});
    return ledger_.give(entry, extents, size);
  }

  base::Result<Piecewise> sound(const Piece& p, std::uint64_t made) const {
    const auto e = piecewise(p.item);
    if (!e.readable || p.at < made || e.size > 1ull << 50) return base::fail(Trouble::malformed, "its extents contradict each other");
    return e;
  }

  base::Result<> unpacked(const Node& node, const artifact::Entry& entry, std::uint64_t size) {
    static const base::Buffer zeros(1 << 16, 0);
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    std::uint64_t made = 0;
    const auto take = [&](base::Bytes bytes) -> base::Result<> {
      const auto n = std::min<std::uint64_t>(bytes.size(), size - made);
      made += n;
      return child.give(bytes.first(n));
    };
    const auto hole = [&](std::uint64_t to) -> base::Result<> {
      to = std::min(to, size);
      while (made < to) CHECK_OK(take(base::Bytes(zeros).first(std::min<std::uint64_t>(zeros.size(), to - made))));
      return {};
    };
    for (const auto& p : node.pieces) {
      if (made >= size) break;
      const auto e = TRY(sound(p, made));
      CHECK_OK(hole(p.at));
      if (e.type == 0) {
        const auto raw = base::slice(p.item, 21);
        if (e.compression == 0) CHECK_OK(take(raw));
        else CHECK_OK(take(TRY(decompress(raw, e.compression, e.unpacked))));
      } else if (e.logical == 0 || e.type == 2) {
        CHECK_OK(hole(p.at + e.size));
      } else {
        const auto stored = e.compression ? e.stored : e.size, from = e.compression ? e.logical : e.logical + e.offset;
        const auto place = volume_->find(from, stored);
        if (!place || (e.compression && stored > most_packed)) return base::fail(Trouble::malformed, "an extent lies outside the image");
        ledger_.content({*place, stored}, "file content");
        const auto raw = base::slice(view_.bytes, *place, stored);
        if (e.compression == 0) {
          CHECK_OK(take(raw));
        } else {
          const auto whole = TRY(decompress(raw, e.compression, e.unpacked));
          CHECK_OK(take(base::slice(whole, e.offset, e.size)));
        }
      }
    }
    return hole(size);
  }

  base::Result<base::Buffer> decompress(base::Bytes raw, unsigned method, std::uint64_t most) {
    if (most > most_packed) return base::fail(Trouble::malformed, "a packed extent of {} bytes", most);
    CHECK_OK(sink_.spend(most));
    if (method == 2) return lzo(raw, most);
    base::Buffer out;
    const stream::Take take = [&](base::Bytes b) -> base::Result<> {
      const auto n = std::min<std::uint64_t>(b.size(), most - out.size());
      out.insert(out.end(), b.begin(), b.begin() + static_cast<std::ptrdiff_t>(n));
      return {};
    };
    if (method != 1 && method != 3) return base::fail(Trouble::unsupported, "compression {} is unknown", method);
    const auto done = method == 1 ? stream::zlib(raw, take) : stream::zstd_frame(raw, take);
    if (!done.end && out.size() < most) return std::unexpected(done.end.error());
    return out;
  }

  // A length of all, then segments of at most a page each with their lengths; a length never
  // stands across the end of a page.
  static base::Result<base::Buffer> lzo(base::Bytes raw, std::uint64_t most) {
    base::Buffer out;
    base::Cursor head(raw);
    const auto all = raw.first(std::min<std::uint64_t>(head.u32(), raw.size()));
    base::Cursor at(all);
    at.skip(4);
    while (out.size() < most && at.left() > 4) {
      if (const auto rest = lzo_page - at.position() % lzo_page; rest < 4) at.skip(rest);
      const std::uint64_t size = at.u32();
      const auto packed = at.take(size);
      if (!at.ok() || size == 0) return base::fail(Trouble::malformed, "an LZO segment is damaged");
      const auto part = TRY(stream::lzo1x(packed, lzo_page));
      out.insert(out.end(), part.begin(), part.end());
    }
    out.resize(std::min<std::uint64_t>(out.size(), most));
    return out;
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  const Volume* volume_ = nullptr;
  std::unordered_map<std::uint64_t, std::uint64_t> roots_;  ///< of each tree, logical
  NameBudget budget_;
  std::set<std::uint64_t> read_;
};

class Btrfs final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "btrfs",
        .finds = "Files of Btrfs file systems with all subvolumes and snapshots, unnamed inodes, old tree blocks and free space.",
        .kinds = {"btrfs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"File systems over several devices are read only where one device holds a copy.", "The log tree is not replayed.", "Extended attributes are passed over as structure.",
                        "Checksums of file content are not compared."},
        .references = "https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return BtrfsWalk(view, sink).run(); }
};

}  // namespace

const evidence::Reader& btrfs() {
  static const Btrfs reader;
  return reader;
}

}  // namespace unpack
