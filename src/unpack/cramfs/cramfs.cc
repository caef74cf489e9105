// cramfs images of both byte orders, old and new, with holes and extended block pointers.
// https://docs.kernel.org/filesystems/cramfs.html and the kernel's cramfs_fs.h for the layout.
// Pages are taken to be 4 KiB, as on all but a few machines.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/squashfs/codec.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;

constexpr std::uint64_t page = 4096;
constexpr std::uint32_t crc_is_there = 1, extended_pointers = 0x800;

struct CramfsInode {
  std::uint32_t mode = 0, uid = 0, gid = 0, size = 0;
  std::uint64_t name_size = 0, offset = 0;
};

class Cramfs {
 public:
  Cramfs(const evidence::View& view, evidence::Sink& sink)
      : view_(view), sink_(sink), ledger_(view, sink), names_(sink, std::nullopt), codec_(squashfs_format::Compressor::gzip) {}

  base::Result<> run() {
    CHECK_OK(superblock());
    const auto root = inode(start_ + 64);
    ledger_.structure({start_, 76}, "cramfs superblock");
    if ((root.mode & 0170000) != 0040000) {
      sink_.label({0, view_.bytes.size()}, Label::opaque, "damaged");
      return base::fail(Trouble::malformed, "the cramfs root is no directory");
    }
    CHECK_OK(directory(root, "", 0));
    CHECK_OK(ledger_.close(0, end_, "cramfs-unused"));
    return hand_on_rest(view_, sink_, end_, evidence::Confidence::low);
  }

 private:
  base::Result<> superblock() {
    for (const std::uint64_t at : {0u, 512u}) {
      base::Cursor in(base::slice(view_.bytes, at));
      const auto magic = in.u32();
      if (magic != 0x28cd3d45 && magic != 0x453dcd28) continue;
      order_ = magic == 0x28cd3d45 ? std::endian::little : std::endian::big;
      in.set_endian(order_);
      start_ = at;
      end_ = in.u32();
      flags_ = in.u32();
      in.skip(20);
      const auto crc = in.u32();
      in.skip(40);
      CHECK_OK(in.status("the cramfs superblock"));
      if (!(flags_ & crc_is_there)) end_ = view_.bytes.size();  // images of before 2.4 state no size
      if (end_ > view_.bytes.size()) {
        state_trouble(sink_, "truncated", fmt::format("the cramfs image ends early: {} of {} bytes", view_.bytes.size(), end_));
        end_ = view_.bytes.size();
      } else if (flags_ & crc_is_there) {
        CHECK_OK(sink_.spend(end_));
        if (sum() != crc) state_trouble(sink_, "malformed", "the sum of the cramfs image is wrong", {start_, 76});
      }
      return {};
    }
    return base::fail(Trouble::malformed, "no cramfs superblock");
  }

  // Over the whole image, its own four bytes taken as zeros.
  std::uint32_t sum() const {
    static constexpr std::array<std::uint8_t, 4> zeros{};
    const auto part = [](unsigned long sum, base::Bytes b) { return crc32(sum, b.data(), static_cast<uInt>(b.size())); };
    auto out = part(0, base::slice(view_.bytes, start_, 32));
    out = part(out, zeros);
    return static_cast<std::uint32_t>(part(out, base::slice(view_.bytes, start_ + 36, end_ - std::min(end_, start_ + 36))));
  }

  CramfsInode inode(std::uint64_t at) const {
    base::Cursor in(base::slice(view_.bytes, at, 12), order_);
    const auto a = in.u32(), b = in.u32(), c = in.u32();
    if (order_ == std::endian::little) return {a & 0xffff, a >> 16, b >> 24, b & 0xffffff, (c & 63) * 4ull, (c >> 6) * 4ull};
    return {a >> 16, a & 0xffff, b & 0xff, b >> 8, (c >> 26) * 4ull, (c & 0x3ffffff) * 4ull};
  }

  base::Result<> directory(const CramfsInode& node, const std::string& path, int depth) {
    if (depth > 100) return base::fail(Trouble::limit, "cramfs directories nest deeper than 100");
    if (node.size && !listed_.insert(node.offset).second) {
      state_trouble(sink_, "malformed", fmt::format("{}: a cramfs directory that stands elsewhere already", base::printable(path)));
      return {};
    }
    if (!ledger_.structure({node.offset, node.size}, "cramfs directory")) state_trouble(sink_, "truncated", fmt::format("{}: a cramfs directory leads outside the image", base::printable(path)));
    const auto end = std::min<std::uint64_t>(node.offset + node.size, view_.bytes.size());
    for (auto at = node.offset; at + 12 <= end;) {
      CHECK_OK(sink_.spend(100));
      const auto entry = inode(at);
      auto name = std::string(base::text_of(base::slice(view_.bytes, at + 12, entry.name_size)));
      name.erase(std::min(name.find('\0'), name.size()));
      at += 12 + entry.name_size;
      if (name.empty()) {
        state_trouble(sink_, "malformed", fmt::format("{}: a cramfs entry without a name", base::printable(path)));
        continue;
      }
      CHECK_OK(give(entry, path.empty() ? name : path + "/" + name, depth));
    }
    return {};
  }

  base::Result<> give(const CramfsInode& node, const std::string& name, int depth) {
    using artifact::Nature;
    artifact::Entry entry;
    entry.name = name;
    entry.mode = node.mode & 07777;
    entry.uid = node.uid;
    entry.gid = node.gid;
    const auto format = node.mode >> 12;
    entry.nature = format == 4 ? Nature::directory : format == 012 ? Nature::symlink : format == 010 ? Nature::file : format == 1 ? Nature::fifo : format == 014 ? Nature::socket : Nature::device;
    if (entry.nature == Nature::symlink) {
      auto done = content(node, [&](base::Bytes b) -> base::Result<> {
        entry.link += base::text_of(b);
        return {};
      });
      if (!done && done.error().trouble != Trouble::limit) state_trouble(sink_, name_of(done.error().trouble), fmt::format("{}: {}", base::printable(name), done.error().what));
      else CHECK_OK(done);
    }
    names_.see(entry, {});
    if (entry.nature != Nature::file) {
      CHECK_OK(sink_.child(entry, {}));
      return entry.nature == Nature::directory ? directory(node, name, depth + 1) : base::Result<>{};
    }
    if (node.size > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(name), node.size));
      return {};
    }
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    auto done = content(node, [&](base::Bytes b) { return child.give(b); });
    if (done || done.error().trouble == Trouble::limit) return done;
    state_trouble(sink_, name_of(done.error().trouble), fmt::format("{}: {}", base::printable(name), done.error().what));
    return {};
  }

  // Pointers to the end of each page's data, then the data. A page without data is a hole.
  template <class Take>
  base::Result<> content(const CramfsInode& node, Take take) {
    static constexpr std::array<std::uint8_t, page> zeros{};
    const auto pages = (node.size + page - 1) / page;
    if (pages && !ledger_.structure({node.offset, 4 * pages}, "cramfs block pointers")) return base::fail(Trouble::truncated, "its block pointers lie outside the image");
    base::Cursor pointers(base::slice(view_.bytes, node.offset, 4 * pages), order_);
    std::uint64_t at = node.offset + 4 * pages;
    for (std::uint64_t i = 0; i < pages; ++i) {
      CHECK_OK(sink_.spend(page));
      const auto want = std::min<std::uint64_t>(page, node.size - i * page);
      const auto pointer = pointers.u32();
      const bool extended = flags_ & extended_pointers;
      const bool plain = extended && pointer >> 31, direct = extended && (pointer >> 30 & 1);
      std::uint64_t end = extended ? pointer & 0x3fffffff : pointer;
      if (direct) {  // the pointer is a start, in words; a stored page is whole, a packed one begins with its size
        at = end * 4;
        end = plain ? at + want : at + 2 + base::Cursor(base::slice(view_.bytes, at, 2), order_).u16();
        if (!plain) at += 2;
      }
      if (end == at) {
        CHECK_OK(take(base::Bytes(zeros).first(want)));
        continue;
      }
      if (end < at || end - at > 2 * page || end > view_.bytes.size()) return base::fail(end > view_.bytes.size() ? Trouble::truncated : Trouble::malformed, "page {} has no sound place", i);
      const auto packed = base::slice(view_.bytes, at, end - at);
      ledger_.content({at, packed.size()}, "cramfs data");
      const auto bytes = plain ? packed : TRY(codec_.decode(packed, page, want, false));
      if (bytes.size() < want) return base::fail(Trouble::malformed, "page {} is shorter than the file", i);
      CHECK_OK(take(bytes.first(want)));
      at = end;
    }
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  squashfs_format::Codec codec_;
  std::endian order_ = std::endian::little;
  std::uint64_t start_ = 0, end_ = 0;
  std::uint32_t flags_ = 0;
  std::set<std::uint64_t> listed_;  ///< places of directories
};

class CramfsReader final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "cramfs",
        .finds = "Files of cramfs images of both byte orders, with owners, modes, links and devices, unused bytes, and bytes behind the image.",
        .kinds = {"cramfs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Images for machines with pages larger than 4 KiB are not read."},
        .references = "https://docs.kernel.org/filesystems/cramfs.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Cramfs(view, sink).run(); }
};

}  // namespace

const evidence::Reader& cramfs() {
  static const CramfsReader reader;
  return reader;
}

}  // namespace unpack
