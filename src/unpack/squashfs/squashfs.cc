// SquashFS 4.0 file systems (also those inside AppImages and snaps), own bounded reader.
// https://dr-emann.github.io/squashfs/squashfs.html. Reads gzip, lzma, xz, lz4 and zstd images;
// LZO images and versions 1 to 3 are unsupported. Extended attributes are not read.
#include <algorithm>
#include <array>
#include <set>

#include "base/checked.h"
#include "unpack/member.h"
#include "unpack/squashfs/image.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;
using namespace squashfs_format;

class SquashfsWalk {
 public:
  SquashfsWalk(const evidence::View& view, evidence::Sink& sink, Image image) : view_(view), sink_(sink), image_(std::move(image)), names_(sink) {}

  base::Result<> run() {
    sink_.label({0, image_.super().used}, Label::structure, "SquashFS tables");
    const auto root = TRY(image_.inode(image_.super().root));
    if (root.type != 1) return base::fail(Trouble::malformed, "the SquashFS root is no directory");
    CHECK_OK(directory(root, "", 0));
    return hand_on_rest(view_, sink_, image_.super().used, evidence::Confidence::low);
  }

 private:
  base::Result<> directory(const Inode& node, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "SquashFS directories nest deeper than 200");
    if (!open_.insert(node.number).second) return base::fail(Trouble::malformed, "a SquashFS directory holds itself");
    for (const auto& listed : TRY(image_.list(node))) {
      CHECK_OK(sink_.spend(100));
      auto inode = image_.inode(listed.inode);
      const auto name = path.empty() ? listed.name : path + "/" + listed.name;
      if (!inode) {
        if (inode.error().trouble == Trouble::limit) return std::unexpected(inode.error());
        state_trouble(sink_, "malformed", fmt::format("{}: {}", base::printable(name), inode.error().what));
        continue;
      }
      CHECK_OK(give(*inode, name, depth));
    }
    open_.erase(node.number);
    return {};
  }

  base::Result<> give(const Inode& inode, const std::string& name, int depth) {
    using artifact::Nature::file, artifact::Nature::symlink, artifact::Nature::device, artifact::Nature::fifo, artifact::Nature::socket, artifact::Nature::hardlink;
    static constexpr std::array<artifact::Nature, 8> natures = {file, artifact::Nature::directory, file, symlink, device, device, fifo, socket};
    artifact::Entry entry;
    entry.name = name;
    entry.mode = inode.mode & 07777;
    entry.uid = image_.id(inode.uid).value_or(0);
    entry.gid = image_.id(inode.gid).value_or(0);
    entry.nature = natures[inode.type];
    entry.link = inode.target;
    if (inode.type == 2) {
      if (const auto [first, fresh] = files_.emplace(inode.number, name); !fresh) {
        entry.nature = hardlink;
        entry.link = first->second;
      }
    }
    names_.see(entry, {});
    if (entry.nature != file) CHECK_OK(sink_.child(entry, {}));
    else CHECK_OK(content(inode, entry));
    return inode.type == 1 ? directory(inode, name, depth + 1) : base::Result<>{};
  }

  base::Result<> content(const Inode& inode, const artifact::Entry& entry) {
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    auto done = blocks(inode, child);
    if (done) done = tail(inode, child);
    if (done) return {};
    if (done.error().trouble == Trouble::limit) return done;
    state_trouble(sink_, name_of(done.error().trouble), fmt::format("{}: {}", base::printable(entry.name), done.error().what));
    return {};
  }

  base::Result<> blocks(const Inode& inode, Child& child) {
    static constexpr std::array<std::uint8_t, 65536> zeros{};
    std::uint64_t at = inode.blocks_start, left = inode.size;
    for (const auto size : inode.block_sizes) {
      auto want = std::min<std::uint64_t>(left, image_.super().block_size);
      left -= want;
      if (Image::stored(size) == 0) {  // a hole
        for (; want; want -= std::min<std::uint64_t>(want, zeros.size())) CHECK_OK(child.give(base::Bytes(zeros).first(std::min<std::uint64_t>(want, zeros.size()))));
        continue;
      }
      const auto block = TRY(image_.block(at, size));
      sink_.label({at, Image::stored(size)}, Label::handed_on, "SquashFS data");
      if (block.size() < want) return base::fail(Trouble::malformed, "a block is shorter than the file");
      CHECK_OK(child.give(base::slice(block, 0, want)));
      at += Image::stored(size);
    }
    return {};
  }

  base::Result<> tail(const Inode& inode, Child& child) {
    const auto want = inode.size % image_.super().block_size;
    if (inode.fragment == UINT32_MAX || want == 0) return {};
    if (fragment_number_ != inode.fragment) {
      const auto f = TRY(image_.fragment(inode.fragment));
      fragment_ = TRY(image_.block(f.range.offset, f.size));
      fragment_number_ = inode.fragment;
      sink_.label(f.range, Label::handed_on, "SquashFS data");
    }
    if (!base::fits(inode.fragment_offset, want, fragment_.size())) return base::fail(Trouble::malformed, "a tail lies outside its fragment");
    return child.give(base::slice(fragment_, inode.fragment_offset, want));
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Image image_;
  NameWatch names_;
  std::set<std::uint32_t> open_;               ///< inodes of the directories being listed
  std::map<std::uint32_t, std::string> files_;  ///< first name of each file's inode
  std::uint32_t fragment_number_ = UINT32_MAX;
  base::Buffer fragment_;
};

class Squashfs final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "squashfs",
        .finds = "Files of SquashFS images, with owners, modes, links and devices, and bytes behind the image.",
        .kinds = {"squashfs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Images compressed with LZO, of versions 1 to 3 or of big-endian makers are not read.", "Extended attributes are not read.",
                        "Blocks that no inode names are taken as structure without a look."},
        .references = "https://dr-emann.github.io/squashfs/squashfs.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    auto image = Image::open(view.bytes);
    if (!image) {
      if (image.error().trouble == Trouble::unsupported) sink.label({0, view.bytes.size()}, Label::opaque, "unsupported");
      return std::unexpected(image.error());
    }
    return SquashfsWalk(view, sink, std::move(*image)).run();
  }
};

}  // namespace

const evidence::Reader& squashfs() {
  static const Squashfs reader;
  return reader;
}

}  // namespace unpack
