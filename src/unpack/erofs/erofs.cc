// EROFS images, as Android and container images carry them. https://docs.kernel.org/filesystems/erofs.html.
// Own bounded reader: plain, inline and chunked files, files compressed with LZ4, deflate or zstd.
// Not read: LZMA, content shared in the packed inode, images over several devices.
#include <array>
#include <bit>
#include <set>
#include <unordered_map>

#include "base/cursor.h"
#include "unpack/disk/shares.h"
#include "unpack/erofs/image.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using artifact::Nature;
using base::Trouble;
using evidence::Confidence;
using namespace erofs_format;

class ErofsWalk {
 public:
  ErofsWalk(const evidence::View& view, evidence::Sink& sink, const Image& image) : view_(view), sink_(sink), image_(image), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    if (image_.size() > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the file system has {} bytes, the image {}", image_.size(), view_.bytes.size()));
    claim_super();
    const auto root = TRY(image_.inode(image_.root()));
    if (root.format() != 4) return base::fail(Trouble::malformed, "the EROFS root is no directory");
    reached_.insert(root.nid);
    CHECK_OK(directory(root, "", 0));
    CHECK_OK(ledger_.close(0, image_.size(), "unallocated"));
    return image_.size() < view_.bytes.size() ? hand_on_rest(view_, sink_, image_.size(), Confidence::low) : base::Result<>{};
  }

 private:
  // Behind the superblock a size and that many bytes stand for each method of compression.
  void claim_super() {
    base::Cursor at(base::slice(view_.bytes, 1024, image_.block()));
    at.seek(13);
    std::uint64_t size = 128 + std::uint64_t{at.u8()} * 16;
    at.seek(80);
    const auto features = at.u32();
    const auto methods = at.u16();
    if (features & 2)
      for (int i = 0; i < std::popcount(methods); ++i) {
        at.seek(size);
        size += 2 + std::uint64_t{at.u16()};
      }
    ledger_.structure({1024, std::min(size, image_.block())}, "EROFS superblock");
  }

  base::Result<> trouble(const std::string& name, const base::Error& error, base::Range where) {
    if (error.trouble == Trouble::limit) return std::unexpected(error);
    state_trouble(sink_, name_of(error.trouble), fmt::format("{}: {}", name.empty() ? "the root directory" : base::printable(name), error.what), where);
    return {};
  }

  base::Result<> directory(const Inode& node, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "EROFS directories nest deeper than 200");
    ledger_.structure(node.place, "EROFS inodes");
    const auto map = image_.map(node, sink_);
    if (!map) return trouble(path, map.error(), node.place);
    if (!map->clusters.empty()) return trouble(path, {Trouble::unsupported, "a compressed directory is not read", {}}, node.place);
    std::vector<Listed> listed;
    for (const auto& e : map->extents) {
      if (e.hole) continue;
      for (std::uint64_t at = 0; at < e.size; at += image_.block()) {
        CHECK_OK(sink_.spend(image_.block()));
        const auto block = base::slice(view_.bytes, e.offset + at, std::min(image_.block(), e.size - at));
        if (block.empty()) return trouble(path, {Trouble::truncated, "it ends behind the image", {}}, node.place);
        ledger_.structure({e.offset + at, block.size()}, "EROFS directory");
        auto more = Image::list(block);
        listed.insert(listed.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
      }
    }
    for (const auto& one : listed) {
      CHECK_OK(sink_.spend(100));
      if (one.name == "." || one.name == "..") continue;
      const auto whole = path.empty() ? one.name : path + "/" + one.name;
      const auto child = image_.inode(one.nid);
      if (!child) CHECK_OK(trouble(whole, child.error(), node.place));
      else CHECK_OK(give(*child, whole, depth));
    }
    return {};
  }

  base::Result<> give(const Inode& node, const std::string& name, int depth) {
    static constexpr std::array<Nature, 16> natures = {Nature::file, Nature::fifo, Nature::device, Nature::file, Nature::directory, Nature::file, Nature::device, Nature::file,
                                                       Nature::file, Nature::file, Nature::symlink, Nature::file, Nature::socket, Nature::file, Nature::file, Nature::file};
    artifact::Entry entry;
    entry.name = name;
    entry.mode = node.mode & 07777;
    entry.uid = node.uid;
    entry.gid = node.gid;
    entry.nature = natures[node.format()];
    const bool fresh = reached_.insert(node.nid).second;
    ledger_.structure(node.place, "EROFS inodes");
    if (!fresh && entry.nature == Nature::directory) return trouble(name, {Trouble::malformed, "the directory stands in two places", {}}, node.place);
    if (!fresh) {
      entry.nature = Nature::hardlink;
      entry.link = first_names_[node.nid];
    } else if (entry.nature != Nature::directory && node.links > 1 && budget_.take(name.size())) {
      first_names_[node.nid] = name;
    }
    names_.see(entry, node.place);
    if (entry.nature == Nature::file) return content(node, entry);
    if (entry.nature == Nature::symlink)
      if (const auto map = image_.map(node, sink_); map && map->extents.size() == 1 && !map->extents[0].hole && node.size <= 65536) {
        entry.link = base::text_of(base::slice(view_.bytes, map->extents[0].offset, node.size));
        ledger_.structure({map->extents[0].offset, node.size}, "EROFS link target");
      }
    CHECK_OK(sink_.child(entry, {}));
    return entry.nature == Nature::directory ? directory(node, name, depth + 1) : base::Result<>{};
  }

  base::Result<> content(const Inode& node, const artifact::Entry& entry) {
    if (node.size > sink_.room()) return ledger_.give(entry, {}, node.size);
    const auto map = image_.map(node, sink_);
    if (!map) return trouble(entry.name, map.error(), node.place);
    for (const auto& range : map->structure) ledger_.structure(range, "EROFS index");
    // Content may be shared on purpose (chunks, deduplicated clusters), so that is not stated.
    if (map->clusters.empty()) return ledger_.give(entry, map->extents, node.size);
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    for (const auto& c : map->clusters) {
      CHECK_OK(sink_.spend(c.size));
      const auto bytes = image_.unpack(c);
      if (!bytes) {
        ledger_.opaque(c.packed, bytes.error().trouble == Trouble::unsupported ? "unsupported" : "damaged");
        return trouble(entry.name, bytes.error(), node.place);
      }
      ledger_.content(c.packed, "file content");
      CHECK_OK(child.give(*bytes));
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  const Image& image_;
  Ledger ledger_;
  NameWatch names_;
  NameBudget budget_;
  std::set<std::uint64_t> reached_;
  std::unordered_map<std::uint64_t, std::string> first_names_;
};

class Erofs final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "erofs",
        .finds = "Files of EROFS images, plain or compressed, and what stands in unused blocks and slack.",
        .kinds = {"erofs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Files compressed with LZMA, content shared in the packed inode and images over several devices are not read.", "Extended attributes are passed over as structure."},
        .references = "https://docs.kernel.org/filesystems/erofs.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    const auto image = Image::open(view.bytes);
    if (!image) {
      if (image.error().trouble == Trouble::unsupported) sink.label({0, view.bytes.size()}, evidence::Label::opaque, "unsupported");
      return std::unexpected(image.error());
    }
    return ErofsWalk(view, sink, *image).run();
  }
};

}  // namespace

const evidence::Reader& erofs() {
  static const Erofs reader;
  return reader;
}

}  // namespace unpack
