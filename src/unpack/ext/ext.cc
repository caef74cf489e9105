// ext2, ext3 and ext4 file systems. https://docs.kernel.org/filesystems/ext4/. Own bounded reader:
// every file, folder and link; deleted files whose blocks are still there; inodes that no folder
// names; what stands in unused blocks, behind the ends of files and in the slack of directories.
// Attributes, quotas and checksums are passed over as structure; the journal is searched, not replayed.
#include <array>
#include <set>
#include <unordered_map>

#include "base/checked.h"
#include "unpack/disk/shares.h"
#include "unpack/ext/directory.h"
#include "unpack/ext/layout.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using artifact::Nature, artifact::Origin;
using base::Trouble;
using evidence::Confidence;
using namespace ext_format;

class ExtWalk {
 public:
  ExtWalk(const evidence::View& view, evidence::Sink& sink, Image image) : view_(view), sink_(sink), image_(std::move(image)), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    const auto size = image_.super().blocks * image_.super().block_size;
    if (size > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the file system has {} bytes, the image {}", size, view_.bytes.size()));
    in_use_ = TRY(claim_layout(image_, ledger_, sink_));
    const auto root = image_.inode(2);
    if (!root || !root->is_directory()) return base::fail(Trouble::malformed, "the ext root is no directory");
    reached_.insert(2);
    CHECK_OK(directory(*root, "", 0));
    CHECK_OK(internal_files());
    CHECK_OK(unreached());
    if (encrypted_) state_trouble(sink_, "encrypted", fmt::format("the content of {} encrypted files is not read", encrypted_));
    CHECK_OK(ledger_.close(0, size, "unallocated"));
    return size < view_.bytes.size() ? hand_on_rest(view_, sink_, size, Confidence::low) : base::Result<>{};
  }

 private:
  base::Result<> directory(const Inode& node, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "ext directories nest deeper than 200");
    std::vector<Listed> live;
    auto done = entries(node, path, live);
    if (!done) {
      if (done.error().trouble == Trouble::limit) return done;
      state_trouble(sink_, name_of(done.error().trouble), fmt::format("the directory {}: {}", base::printable(path), done.error().what), node.place);
    }
    for (const auto& listed : live) {
      CHECK_OK(sink_.spend(100));
      if (listed.name == "." || listed.name == "..") continue;
      const auto name = path.empty() ? listed.name : path + "/" + listed.name;
      const auto inode = image_.inode(listed.inode);
      if (!inode) state_trouble(sink_, name_of(inode.error().trouble), fmt::format("{}: {}", base::printable(name), inode.error().what));
      else CHECK_OK(give(*inode, name, depth));
    }
    return {};
  }

  base::Result<> entries(const Inode& node, const std::string& path, std::vector<Listed>& live) {
    const DirectoryForm form{image_.super().inodes, bool(image_.super().incompatible & file_types)};
    if (node.flags & inlined) {
      for (const auto& part : {base::Range{node.map.offset + 4, 56}, node.more}) note(read_directory_block(base::slice(view_.bytes, part.offset, part.size), form, false), part.offset, path, live);
      return {};
    }
    const auto map = TRY(image_.map(node, sink_));
    claim(map.structure, "ext block map");
    const auto block_size = image_.super().block_size;
    for (const auto& extent : map.extents) {
      if (extent.hole) continue;
      if (shares_.taken({extent.offset, extent.size})) return base::fail(Trouble::malformed, "its blocks belong to something else too");
      shares_.add({extent.offset, extent.size});
      for (auto at = extent.offset; at < extent.offset + extent.size; at += block_size) {
        CHECK_OK(sink_.spend(block_size));
        const auto block = base::slice(view_.bytes, at, block_size);
        if (block.size() < block_size) return base::fail(Trouble::truncated, "it ends behind the image");
        const auto read = read_directory_block(block, form, node.flags & indexed);
        auto kept = at;
        for (const auto& s : read.strange) {
          ledger_.structure({kept, at + s.offset - kept}, "ext directory");
          kept = at + s.end();
        }
        ledger_.structure({kept, at + block_size - kept}, "ext directory");
        note(read, at, path, live);
      }
    }
    return {};
  }

  void note(const DirectoryBlock& read, std::uint64_t at, const std::string& path, std::vector<Listed>& live) {
    if (!read.sound) state_trouble(sink_, "malformed", fmt::format("a block of the directory {} is damaged", base::printable(path)), {at, 1});
    live.insert(live.end(), read.live.begin(), read.live.end());
    for (const auto& d : read.deleted)
      if (budget_.take(path.size() + d.name.size())) deleted_names_.try_emplace(d.inode, path.empty() ? d.name : path + "/" + d.name);
  }

  base::Result<> give(const Inode& inode, const std::string& name, int depth) {
    static constexpr std::array<Nature, 16> natures = {Nature::file, Nature::fifo, Nature::device, Nature::file, Nature::directory, Nature::file, Nature::device, Nature::file,
                                                       Nature::file, Nature::file, Nature::symlink, Nature::file, Nature::socket, Nature::file, Nature::file, Nature::file};
    artifact::Entry entry;
    entry.name = name;
    entry.mode = inode.mode & 07777;
    entry.uid = inode.uid;
    entry.gid = inode.gid;
    entry.nature = natures[inode.format()];
    const bool fresh = reached_.insert(inode.number).second;
    if (entry.nature == Nature::directory && !fresh) {
      state_trouble(sink_, "malformed", fmt::format("the directory {} stands in two places", base::printable(name)));
      return {};
    }
    if (!fresh) {
      entry.nature = Nature::hardlink;
      entry.link = first_names_[inode.number];
    } else if (entry.nature != Nature::directory && inode.links > 1 && budget_.take(name.size())) {
      first_names_[inode.number] = name;
    }
    if (fresh && inode.attributes) claim_attributes(inode);
    if (entry.nature == Nature::symlink) entry.link = TRY(target(inode));
    names_.see(entry, inode.place);
    if (entry.nature != Nature::file) CHECK_OK(sink_.child(entry, {}));
    else CHECK_OK(content(inode, entry));
    return entry.nature == Nature::directory ? directory(inode, name, depth + 1) : base::Result<>{};
  }

  base::Result<std::string> target(const Inode& inode) {
    if (inode.size < 60 && !(inode.flags & extents)) return std::string(base::text_of(base::slice(view_.bytes, inode.map.offset, inode.size)));
    const auto map = image_.map(inode, sink_);
    if (!map || map->extents.empty() || map->extents[0].hole || inode.size > 65536) return std::string();
    claim(map->structure, "ext block map");
    const auto& first = map->extents[0];
    const auto text = base::slice(view_.bytes, first.offset, std::min(first.size, inode.size));
    ledger_.structure({first.offset, text.size()}, "ext link target");
    return std::string(base::text_of(text));
  }

  base::Result<> content(const Inode& inode, const artifact::Entry& entry) {
    if (inode.size > sink_.room()) return ledger_.give(entry, {}, inode.size);
    const auto map = image_.map(inode, sink_);
    if (!map) {
      if (map.error().trouble == Trouble::limit) return std::unexpected(map.error());
      state_trouble(sink_, name_of(map.error().trouble), fmt::format("{}: {}", base::printable(entry.name), map.error().what), inode.place);
      return {};
    }
    claim(map->structure, "ext block map");
    if (inode.flags & verity) claim(map->behind, "fs-verity hash tree");
    if (inode.flags & (encrypted | compressed)) {
      ++(inode.flags & encrypted ? encrypted_ : compressed_);
      for (const auto& e : map->extents)
        if (!e.hole) ledger_.opaque({e.offset, e.size}, inode.flags & encrypted ? "encrypted" : "unsupported");
      if (inode.flags & compressed) state_trouble(sink_, "unsupported", fmt::format("{} is compressed by the e2compr extension", base::printable(entry.name)));
      return {};
    }
    const bool shared = !(inode.flags & inlined) && !(image_.super().read_only & 0x4000) && shares_.taken(map->extents);
    if (shared) state_mismatch(sink_, fmt::format("blocks of {} belong to another file too", base::printable(entry.name)), "bytes with two owners", Confidence::medium, inode.place);
    shares_.add(map->extents);
    return ledger_.give(entry, map->extents, inode.size);
  }

  // Journal, quotas and the list of orphans are files without names.
  base::Result<> internal_files() {
    const auto& s = image_.super();
    for (const auto number : {std::uint32_t{1}, s.journal, s.orphans, s.quotas[0], s.quotas[1], s.quotas[2], std::uint32_t{7}}) {
      if (number == 0 || !reached_.insert(number).second) continue;
      const auto inode = image_.inode(number);
      if (!inode || inode->mode == 0) continue;
      const auto map = image_.map(*inode, sink_);
      if (!map) {
        if (map.error().trouble == Trouble::limit) return std::unexpected(map.error());
        continue;
      }
      if (number == 7) claim(map->structure, "ext reserved descriptors");
      if (number == 1 || number == 7) continue;
      claim(map->structure, "ext block map");
      if (number == s.journal) CHECK_OK(claim_journal(image_, map->extents, ledger_, sink_));
      else
        for (const auto& e : map->extents)
          if (!e.hole) ledger_.structure({e.offset, e.size}, "ext quota");
      shares_.add(map->extents);
    }
    return {};
  }

  // Inodes in use that no folder names, and deleted ones whose blocks nobody else has taken.
  base::Result<> unreached() {
    for (const auto number : in_use_) {
      CHECK_OK(sink_.spend(100));
      if (reached_.contains(number)) continue;
      const auto inode = image_.inode(number);
      if (!inode || !inode->is_file()) continue;
      const bool live = image_.in_use(number) && inode->links != 0;
      const auto map = image_.map(*inode, sink_);
      if (!map && map.error().trouble == Trouble::limit) return std::unexpected(map.error());
      if (!map || inode->size == 0 || inode->size > sink_.room()) continue;
      const bool stored = std::ranges::any_of(map->extents, [](const Extent& e) { return !e.hole; });
      if (!stored || shares_.taken(map->extents)) continue;
      if (std::ranges::any_of(map->extents, [&](const Extent& e) { return !e.hole && !base::fits(e.offset, e.size, view_.bytes.size()); })) continue;
      claim(map->structure, "ext block map");
      shares_.add(map->extents);
      artifact::Entry entry;
      const auto named = deleted_names_.find(number);
      entry.name = named != deleted_names_.end() ? named->second : fmt::format("{}-inode-{}", live ? "unnamed" : "deleted", number);
      entry.origin = live && inode->flags & attribute ? Origin::embedded : Origin::hidden;
      entry.mode = inode->mode & 07777;
      entry.uid = inode->uid;
      entry.gid = inode->gid;
      CHECK_OK(ledger_.give(entry, map->extents, inode->size));
    }
    return {};
  }

  void claim_attributes(const Inode& inode) {
    const auto block = image_.block_bytes(inode.attributes);
    if (base::starts_with(block, std::string_view("\0\0\2\xEA", 4))) ledger_.structure(image_.block(inode.attributes), "ext attributes");
  }
  void claim(const std::vector<base::Range>& ranges, std::string_view why) {
    for (const auto& range : ranges) ledger_.structure(range, why);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Image image_;
  Ledger ledger_;
  NameWatch names_;
  Shares shares_;
  NameBudget budget_;
  std::vector<std::uint32_t> in_use_;  ///< inodes that hold something
  std::set<std::uint32_t> reached_;
  std::unordered_map<std::uint32_t, std::string> first_names_, deleted_names_;
  std::uint64_t encrypted_ = 0, compressed_ = 0;
};

class Ext final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "ext",
        .finds = "Files of ext2, ext3 and ext4 file systems, deleted files whose blocks are still there, unnamed inodes, unused blocks and slack.",
        .kinds = {"ext"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Extended attributes are passed over as structure.", "The journal is searched, not replayed: what only it holds is not shown as files.",
                        "Encrypted files are named but not read.", "Deleted files of ext3 and ext4 have lost their block maps; their bytes are examined as unallocated pieces without a name."},
        .references = "https://docs.kernel.org/filesystems/ext4/",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return ExtWalk(view, sink, TRY(Image::open(view.bytes))).run(); }
};

}  // namespace

const evidence::Reader& ext() {
  static const Ext reader;
  return reader;
}

}  // namespace unpack
