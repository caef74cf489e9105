// SquashFS file systems of versions 1 to 4 and both byte orders (also those inside AppImages, snaps
// and firmware), own bounded reader: gzip, LZMA with and without its header, LZO, xz, LZ4, zstd.
// https://dr-emann.github.io/squashfs/squashfs.html.
#include <algorithm>
#include <array>
#include <deque>
#include <unordered_map>

#include "base/checked.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/squashfs/account.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;
using namespace squashfs_format;

constexpr std::uint64_t most_listing = 32u << 20, most_path = 4096;

class SquashfsWalk {
 public:
  SquashfsWalk(const evidence::View& view, evidence::Sink& sink, Image image) : view_(view), sink_(sink), image_(std::move(image)), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    const auto& super = image_.super();
    if (super.used > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the SquashFS image ends early: {} of {} bytes", view_.bytes.size(), super.used));
    const auto root = image_.inode(super.root);
    if (!root || root->type != Type::directory) {
      sink_.label({0, view_.bytes.size()}, Label::opaque, "damaged");
      if (!root) return std::unexpected(root.error());
      return base::fail(Trouble::malformed, "the SquashFS root is no directory");
    }
    CHECK_OK(claim_tables(image_, view_.bytes, ledger_, sink_));
    seen_.emplace(super.root, "");
    const auto done = everything(*root);
    // Files mostly follow each other, so that all their data makes a few claims.
    std::ranges::sort(data_);
    for (const auto& r : data_) ledger_.content(r, "SquashFS data");
    CHECK_OK(done);
    const auto end = std::min<std::uint64_t>(super.used, view_.bytes.size());
    CHECK_OK(ledger_.close(0, end, "squashfs-unused"));
    return hand_on_rest(view_, sink_, end, evidence::Confidence::low);
  }

 private:
  base::Result<> everything(const Inode& root) {
    CHECK_OK(directory(root, "", 0));
    CHECK_OK(unlinked());
    return attributes();
  }

  void claim(base::Range range) {
    if (!data_.empty() && data_.back().end() == range.offset) data_.back().size += range.size;
    else if (range.size) data_.push_back(range);
  }

  base::Result<> directory(const Inode& node, const std::string& path, int depth) {
    if (depth > 200) return base::fail(Trouble::limit, "SquashFS directories nest deeper than 200");
    // Listings are compressed, so that a small image could fill the memory with nested ones.
    if (path.size() > most_path || node.size > most_listing - open_) {
      state_trouble(sink_, "limit", fmt::format("{}: a SquashFS directory of {} bytes below a path of {}", base::printable(path.substr(0, 256)), node.size, path.size()));
      return {};
    }
    open_ += node.size;
    std::vector<Listed> entries;
    if (const auto listed = image_.list(node, entries); !listed) state_trouble(sink_, name_of(listed.error().trouble), fmt::format("{}: {}", base::printable(path), listed.error().what));
    for (const auto& listed : entries) {
      CHECK_OK(sink_.spend(100));
      const auto name = path.empty() ? listed.name : path + "/" + listed.name;
      const auto inode = image_.inode(listed.inode);
      if (!inode) {
        state_trouble(sink_, name_of(inode.error().trouble), fmt::format("{}: {}", base::printable(name), inode.error().what));
        continue;
      }
      const auto [first, fresh] = seen_.emplace(listed.inode, name);
      if (!fresh && inode->type == Type::directory) {
        state_trouble(sink_, "malformed", fmt::format("{}: a SquashFS directory that stands elsewhere already", base::printable(name)));
        continue;
      }
      CHECK_OK(give(*inode, name, fresh ? std::string{} : first->second));
      if (inode->type == Type::directory) CHECK_OK(directory(*inode, name, depth + 1));
    }
    open_ -= node.size;
    return {};
  }

  base::Result<> give(const Inode& inode, const std::string& name, const std::string& first, artifact::Origin origin = artifact::Origin::member) {
    using artifact::Nature;
    static constexpr std::array<Nature, 8> natures = {Nature::file,   Nature::directory, Nature::file, Nature::symlink,
                                                      Nature::device, Nature::device,    Nature::fifo, Nature::socket};
    artifact::Entry entry;
    entry.name = name;
    entry.mode = inode.mode & 07777;
    entry.uid = inode.uid;
    entry.gid = inode.gid;
    entry.nature = natures[static_cast<unsigned>(inode.type)];
    entry.link = inode.target;
    entry.origin = origin;
    if (inode.type == Type::file && !first.empty()) {
      entry.nature = Nature::hardlink;
      entry.link = first;
    }
    names_.see(entry, {});
    return entry.nature == Nature::file ? content(inode, entry) : sink_.child(entry, {});
  }

  base::Result<> content(const Inode& inode, const artifact::Entry& entry) {
    if (inode.size > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(entry.name), inode.size));
      return {};
    }
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    auto done = blocks(inode, child);
    if (done) done = tail(inode, child);
    if (done || done.error().trouble == Trouble::limit) return done;
    state_trouble(sink_, name_of(done.error().trouble), fmt::format("{}: {}", base::printable(entry.name), done.error().what));
    return {};
  }

  base::Result<> blocks(const Inode& inode, Child& child) {
    static constexpr std::array<std::uint8_t, 65536> zeros{};
    std::uint64_t at = inode.blocks_start, left = inode.size;
    const auto claim_read = [&] { claim({inode.blocks_start, at - inode.blocks_start}); };
    for (const auto size : inode.block_sizes) {
      auto want = std::min<std::uint64_t>(left, image_.super().block_size);
      left -= want;
      if (Image::stored(size) == 0) {  // a hole
        for (; want; want -= std::min<std::uint64_t>(want, zeros.size())) CHECK_OK(child.give(base::Bytes(zeros).first(std::min<std::uint64_t>(want, zeros.size()))));
        continue;
      }
      const auto block = image_.block(at, size, want);
      if (!block || block->size() < want) {
        claim_read();
        if (!block) return std::unexpected(block.error());
        return base::fail(Trouble::malformed, "a block is shorter than the file");
      }
      CHECK_OK(child.give(block->first(want)));
      at += Image::stored(size);
    }
    claim_read();
    return {};
  }

  base::Result<> tail(const Inode& inode, Child& child) {
    const auto want = inode.size % image_.super().block_size;
    if (inode.fragment == UINT32_MAX || want == 0) return {};
    const auto* bytes = TRY(fragment(inode.fragment));
    if (!base::fits(inode.fragment_offset, want, bytes->size())) return base::fail(Trouble::malformed, "a tail lies outside its fragment");
    return child.give(base::slice(*bytes, inode.fragment_offset, want));
  }

  // Fragments hold the tails of many files, mostly neighbours: the last 32 MiB of them are kept.
  base::Result<const base::Buffer*> fragment(std::uint32_t index) {
    if (const auto found = fragments_.find(index); found != fragments_.end()) return &found->second;
    const auto f = TRY(image_.fragment(index));
    CHECK_OK(sink_.spend(image_.super().block_size));
    const auto bytes = TRY(image_.block(f.range.offset, f.size, std::nullopt));
    claim(f.range);
    if (fragments_.size() >= std::max<std::size_t>(8, (32u << 20) / image_.super().block_size)) {
      fragments_.erase(fragment_order_.front());
      fragment_order_.pop_front();
    }
    fragment_order_.push_back(index);
    return &(fragments_[index] = base::Buffer(bytes.begin(), bytes.end()));
  }

  // Files that stand in the inode table, but in no directory.
  base::Result<> unlinked() {
    const auto& super = image_.super();
    Position at{super.inode_table, 0};
    while (at.block < super.directory_table) {
      CHECK_OK(sink_.spend(50));
      if (!image_.settle(at) || at.block >= super.directory_table) break;
      const auto reference = (at.block - super.inode_table) << 16 | at.offset;
      const auto inode = image_.inode(at);
      if (!inode) break;
      if (inode->type == Type::file && !seen_.contains(reference)) CHECK_OK(give(*inode, fmt::format("unlinked-inode@0x{:x}", reference), {}, artifact::Origin::hidden));
    }
    return {};
  }

  base::Result<> attributes() {
    const auto all = extended_attributes(image_, view_.bytes, sink_);
    if (!all) {
      state_trouble(sink_, name_of(all.error().trouble), "extended attributes: " + all.error().what);
      return {};
    }
    if (all->empty()) return {};
    artifact::Entry entry;
    entry.name = "extended-attributes";
    entry.origin = artifact::Origin::embedded;
    return sink_.child(entry, *all);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Image image_;
  Ledger ledger_;
  NameWatch names_;
  std::vector<base::Range> data_;
  std::uint64_t open_ = 0;  ///< bytes of the listings that are being walked
  std::unordered_map<std::uint64_t, std::string> seen_;  ///< first name of each inode that a directory lists
  std::unordered_map<std::uint32_t, base::Buffer> fragments_;
  std::deque<std::uint32_t> fragment_order_;
};

class Squashfs final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "squashfs",
        .finds = "Files of SquashFS images of all versions, with owners, modes, links and devices, files that no directory lists, extended attributes, unused blocks, and bytes behind the image.",
        .kinds = {"squashfs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Extended attributes are handed on as one file, without saying which member they belong to.",
                        "Blocks that no inode names are handed on as they are stored, compressed.",
                        "Compressors other than the six of version 4 and forms of LZMA are not read."},
        .version = 2,
        .references = "https://dr-emann.github.io/squashfs/squashfs.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    auto image = Image::open(view.bytes);
    if (!image) {
      sink.label({0, view.bytes.size()}, Label::opaque, image.error().trouble == Trouble::unsupported ? "unsupported" : "damaged");
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
