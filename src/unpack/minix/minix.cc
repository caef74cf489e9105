// Minix file systems of versions 1, 2 and 3, little-endian, as small boot media and old firmware
// carry them. Layout: Linux, include/uapi/linux/minix_fs.h; Tanenbaum, Operating Systems: Design and
// Implementation, 5.6. Own bounded reader: files, folders, links, unnamed inodes, unused zones, slack.
#include <algorithm>
#include <array>
#include <bit>
#include <set>
#include <unordered_map>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/disk/shares.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using artifact::Nature, artifact::Origin;
using base::Trouble;
using evidence::Confidence;

struct Super {
  int version = 1;
  std::uint64_t inodes = 0, zones = 0, inode_map = 0, zone_map = 0, first_zone = 0, block = 1024, zone = 1024, name = 14;
  std::uint64_t inode_size() const { return version == 1 ? 32 : 64; }
  std::uint64_t entry() const { return name + (version == 3 ? 4 : 2); }
  std::uint64_t table() const { return (2 + inode_map + zone_map) * block; }
};

base::Result<Super> read_super(base::Bytes bytes) {
  base::Cursor at(base::slice(bytes, 1024, 1024));
  const auto u16 = [&](std::uint64_t offset) {
    at.seek(offset);
    return at.u16();
  };
  const auto u32 = [&](std::uint64_t offset) {
    at.seek(offset);
    return at.u32();
  };
  Super s;
  const auto magic = u16(16);
  const bool third = u16(24) == 0x4D5A && magic != 0x137F && magic != 0x138F && magic != 0x2468 && magic != 0x2478;
  if (third) {
    s.version = 3;
    s.name = 60;
    s.inodes = u32(0);
    s.zones = u32(20);
    s.block = u16(28);
  } else {
    if (magic != 0x137F && magic != 0x138F && magic != 0x2468 && magic != 0x2478) return base::fail(Trouble::malformed, "no Minix superblock stands here");
    s.version = magic < 0x2000 ? 1 : 2;
    s.name = magic == 0x137F || magic == 0x2468 ? 14 : 30;
    s.inodes = u16(0);
    s.zones = s.version == 1 ? u16(2) : u32(20);
  }
  const std::uint64_t maps = third ? 6 : 4;
  s.inode_map = u16(maps);
  s.zone_map = u16(maps + 2);
  s.first_zone = u16(maps + 4);
  const auto log = u16(maps + 6);
  CHECK_OK(at.status("the Minix superblock"));
  if (!std::has_single_bit(s.block) || s.block < 1024 || s.block > 32768 || log > 8 || s.inodes == 0) return base::fail(Trouble::malformed, "the Minix superblock contradicts itself");
  s.zone = s.block << log;
  return s;
}

struct Inode {
  base::Range place;
  std::uint16_t mode = 0;
  std::uint64_t links = 0, uid = 0, gid = 0, size = 0;
  std::vector<std::uint32_t> zones;
  unsigned format() const { return mode >> 12; }
};

struct Map {
  std::vector<Extent> extents;
  std::vector<base::Range> structure;
};

class MinixWalk {
 public:
  MinixWalk(const evidence::View& view, evidence::Sink& sink, Super super) : view_(view), sink_(sink), s_(super), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    const auto size = s_.zones * s_.zone;
    if (size > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the file system has {} bytes, the image {}", size, view_.bytes.size()));
    ledger_.structure({1024, 32}, "Minix superblock");
    ledger_.structure({2 * s_.block, (s_.inodes + 8) / 8}, "Minix inode bitmap");
    if (s_.zones > s_.first_zone) ledger_.structure({(2 + s_.inode_map) * s_.block, (s_.zones - s_.first_zone + 8) / 8}, "Minix zone bitmap");
    const auto root = inode(1);
    if (!root || root->format() != 4) return base::fail(Trouble::malformed, "the Minix root is no directory");
    reached_.insert(1);
    CHECK_OK(directory(*root, "", 0));
    CHECK_OK(unreached());
    CHECK_OK(ledger_.close(0, size, "unallocated"));
    return size < view_.bytes.size() ? hand_on_rest(view_, sink_, size, Confidence::low) : base::Result<>{};
  }

 private:
  std::optional<Inode> inode(std::uint64_t number) const {
    if (number == 0 || number > s_.inodes) return std::nullopt;
    Inode out;
    out.place = {s_.table() + (number - 1) * s_.inode_size(), s_.inode_size()};
    if (!base::fits(out.place.offset, out.place.size, view_.bytes.size())) return std::nullopt;
    base::Cursor at(base::slice(view_.bytes, out.place.offset, out.place.size));
    out.mode = at.u16();
    if (s_.version == 1) {
      out.uid = at.u16();
      out.size = at.u32();
      at.skip(4);
      out.gid = at.u8();
      out.links = at.u8();
      for (int i = 0; i < 9; ++i) out.zones.push_back(at.u16());
    } else {
      out.links = at.u16();
      out.uid = at.u16();
      out.gid = at.u16();
      out.size = at.u32();
      at.skip(12);
      for (int i = 0; i < 10; ++i) out.zones.push_back(at.u32());
    }
    return out;
  }

  base::Result<Map> map(const Inode& node) {
    Map out;
    auto wanted = (node.size + s_.zone - 1) / s_.zone;
    for (std::size_t i = 0; i < 7 && wanted; ++i, --wanted) put(node.zones[i], out);
    for (std::size_t i = 7; i < node.zones.size() && wanted; ++i) CHECK_OK(indirect(node.zones[i], static_cast<int>(i) - 6, wanted, out));
    append(out.extents, {0, wanted * s_.zone, true});
    return out;
  }
  void put(std::uint64_t zone, Map& out) { append(out.extents, {zone * s_.zone, s_.zone, zone == 0}); }

  base::Result<> indirect(std::uint64_t zone, int depth, std::uint64_t& wanted, Map& out) {
    const std::uint64_t width = s_.version == 1 ? 2 : 4, count = s_.block / width;
    CHECK_OK(sink_.spend(1));
    if (zone == 0) {
      std::uint64_t covers = 1;
      for (int i = 0; i < depth; ++i) covers *= count;
      const auto n = std::min(covers, wanted);
      append(out.extents, {0, n * s_.zone, true});
      wanted -= n;
      return {};
    }
    if (zone >= s_.zones) return base::fail(Trouble::malformed, "a zone of number {} holds its map", zone);
    CHECK_OK(sink_.spend(s_.block));
    out.structure.push_back({zone * s_.zone, s_.block});
    base::Cursor at(base::slice(view_.bytes, zone * s_.zone, s_.block));
    for (std::uint64_t i = 0; i < count && wanted; ++i) {
      const std::uint64_t next = width == 2 ? at.u16() : at.u32();
      if (depth > 1) CHECK_OK(indirect(next, depth - 1, wanted, out));
      else put(next, out), --wanted;
    }
    return {};
  }

  base::Result<> trouble(const std::string& name, const base::Error& error, base::Range where) {
    if (error.trouble == Trouble::limit) return std::unexpected(error);
    state_trouble(sink_, name_of(error.trouble), fmt::format("{}: {}", name.empty() ? "the root directory" : base::printable(name), error.what), where);
    return {};
  }

  base::Result<> directory(const Inode& node, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "Minix directories nest deeper than 200");
    ledger_.structure(node.place, "Minix inodes");
    const auto found = map(node);
    if (!found) return trouble(path, found.error(), node.place);
    if (shares_.taken(found->extents)) return trouble(path, {Trouble::malformed, "its zones belong to something else too", {}}, node.place);
    shares_.add(found->extents);
    for (const auto& range : found->structure) ledger_.structure(range, "Minix zone map");
    auto left = node.size;
    for (const auto& e : found->extents) {
      const auto part = base::slice(view_.bytes, e.offset, std::min(e.size, left));
      left -= std::min(e.size, left);
      if (e.hole) continue;
      CHECK_OK(sink_.spend(part.size()));
      ledger_.structure({e.offset, part.size()}, "Minix directory");
      for (std::uint64_t at = 0; at + s_.entry() <= part.size(); at += s_.entry()) {
        base::Cursor in(part.subspan(at, s_.entry()));
        const std::uint64_t number = s_.version == 3 ? in.u32() : in.u16();
        auto name = base::text_of(in.take(s_.name));
        name = name.substr(0, name.find('\0'));
        if (number == 0 || name.empty() || name == "." || name == "..") continue;
        CHECK_OK(sink_.spend(100));
        const auto whole = path.empty() ? std::string(name) : fmt::format("{}/{}", path, name);
        const auto child = inode(number);
        if (!child) CHECK_OK(trouble(whole, {Trouble::malformed, fmt::format("an inode of number {}", number), {}}, node.place));
        else CHECK_OK(give(*child, number, whole, depth));
      }
    }
    return {};
  }

  base::Result<> give(const Inode& node, std::uint64_t number, const std::string& name, int depth) {
    static constexpr std::array<Nature, 16> natures = {Nature::file, Nature::fifo, Nature::device, Nature::file, Nature::directory, Nature::file, Nature::device, Nature::file,
                                                       Nature::file, Nature::file, Nature::symlink, Nature::file, Nature::socket, Nature::file, Nature::file, Nature::file};
    artifact::Entry entry;
    entry.name = name;
    entry.mode = node.mode & 07777;
    entry.uid = node.uid;
    entry.gid = node.gid;
    entry.nature = natures[node.format()];
    const bool fresh = reached_.insert(number).second;
    ledger_.structure(node.place, "Minix inodes");
    if (!fresh && entry.nature == Nature::directory) return trouble(name, {Trouble::malformed, "the directory stands in two places", {}}, node.place);
    if (!fresh) {
      entry.nature = Nature::hardlink;
      entry.link = first_names_[number];
    } else if (entry.nature != Nature::directory && node.links > 1 && budget_.take(name.size())) {
      first_names_[number] = name;
    }
    if (entry.nature == Nature::symlink || entry.nature == Nature::file) {
      if (node.size > sink_.room()) return ledger_.give(entry, {}, node.size);
      const auto found = map(node);
      if (!found) return trouble(name, found.error(), node.place);
      for (const auto& range : found->structure) ledger_.structure(range, "Minix zone map");
      if (entry.nature == Nature::file) {
        names_.see(entry, node.place);
        if (shares_.taken(found->extents)) state_mismatch(sink_, fmt::format("zones of {} belong to another file too", base::printable(name)), "bytes with two owners", Confidence::medium, node.place);
        shares_.add(found->extents);
        return ledger_.give(entry, found->extents, node.size);
      }
      if (!found->extents.empty() && !found->extents[0].hole) {
        const auto text = base::slice(view_.bytes, found->extents[0].offset, std::min(node.size, s_.zone));
        ledger_.structure({found->extents[0].offset, text.size()}, "Minix link target");
        entry.link = base::text_of(text);
      }
    }
    names_.see(entry, node.place);
    CHECK_OK(sink_.child(entry, {}));
    return entry.nature == Nature::directory ? directory(node, name, depth + 1) : base::Result<>{};
  }

  // Inodes that no folder names, when nobody else has taken their zones.
  base::Result<> unreached() {
    for (std::uint64_t number = 2; number <= s_.inodes; ++number) {
      CHECK_OK(sink_.spend(s_.inode_size()));
      if (reached_.contains(number)) continue;
      const auto node = inode(number);
      if (!node) return {};
      if (node->format() != 8 || node->size == 0 || node->size > sink_.room()) continue;
      const auto found = map(*node);
      if (!found) {
        if (found.error().trouble == Trouble::limit) return std::unexpected(found.error());
        continue;
      }
      const bool whole = std::ranges::all_of(found->extents, [&](const Extent& e) { return e.hole || base::fits(e.offset, e.size, view_.bytes.size()); });
      const bool stored = std::ranges::any_of(found->extents, [](const Extent& e) { return !e.hole; });
      if (!whole || !stored || shares_.taken(found->extents)) continue;
      shares_.add(found->extents);
      ledger_.structure(node->place, "Minix inodes");
      for (const auto& range : found->structure) ledger_.structure(range, "Minix zone map");
      artifact::Entry entry;
      entry.name = fmt::format("unnamed-inode-{}", number);
      entry.origin = Origin::hidden;
      entry.mode = node->mode & 07777;
      CHECK_OK(ledger_.give(entry, found->extents, node->size));
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  const Super s_;
  Ledger ledger_;
  NameWatch names_;
  Shares shares_;
  NameBudget budget_;
  std::set<std::uint64_t> reached_;
  std::unordered_map<std::uint64_t, std::string> first_names_;
};

class Minix final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "minix",
        .finds = "Files of Minix file systems of versions 1, 2 and 3, unnamed inodes, unused zones and slack.",
        .kinds = {"minix"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Minix file systems of big-endian machines are not recognised."},
        .references = "Linux, include/uapi/linux/minix_fs.h",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return MinixWalk(view, sink, TRY(read_super(view.bytes))).run(); }
};

}  // namespace

const evidence::Reader& minix() {
  static const Minix reader;
  return reader;
}

}  // namespace unpack
