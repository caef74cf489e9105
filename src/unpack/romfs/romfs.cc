// romfs images. https://docs.kernel.org/filesystems/romfs.html.
#include <algorithm>
#include <array>
#include <set>

#include "base/cursor.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;

// Numbers are big-endian; a sound header's words add up to zero.
std::uint32_t word_sum(base::Bytes bytes) {
  base::Cursor at(bytes, std::endian::big);
  std::uint32_t sum = 0;
  while (at.left() >= 4) sum += at.u32();
  return sum;
}

struct RomfsHeader {
  std::uint32_t next = 0, type = 0, info = 0, size = 0;
  bool executable = false, sound = false;
  std::string name;
  std::uint64_t content = 0;  ///< where it begins
};

class Romfs {
 public:
  Romfs(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink, std::nullopt) {}

  base::Result<> run() {
    base::Cursor in(view_.bytes, std::endian::big);
    in.skip(8);
    const std::uint64_t stated = in.u32();
    in.skip(4);
    const auto volume = in.c_string(1024);
    CHECK_OK(in.status("the romfs header"));
    if (stated > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the romfs image ends early: {} of {} bytes", view_.bytes.size(), stated));
    end_ = std::min<std::uint64_t>(stated, view_.bytes.size());
    if (word_sum(base::slice(view_.bytes, 0, std::min<std::uint64_t>(512, stated))) != 0) state_trouble(sink_, "malformed", "the sum of the romfs header is wrong", {0, 16});
    const auto first = (16 + volume.size() + 1 + 15) & ~15ull;
    ledger_.structure({0, first}, "romfs header");
    CHECK_OK(directory(first, "", 0));
    CHECK_OK(ledger_.close(0, end_, "romfs-unused"));
    return hand_on_rest(view_, sink_, end_, evidence::Confidence::low);
  }

 private:
  base::Result<RomfsHeader> header(std::uint64_t at) const {
    base::Cursor in(base::slice(view_.bytes, at), std::endian::big);
    RomfsHeader out;
    const auto next = in.u32();
    out.next = next & ~15u;
    out.type = next & 7;
    out.executable = next & 8;
    out.info = in.u32();
    out.size = in.u32();
    in.skip(4);
    out.name = in.c_string(1024);
    in.align(16);
    CHECK_OK(in.status("a romfs file header"));
    out.content = at + in.position();
    out.sound = word_sum(base::slice(view_.bytes, at, in.position())) == 0;
    return out;
  }

  base::Result<> directory(std::uint64_t at, const std::string& path, int depth) {
    if (depth > 100) return base::fail(Trouble::limit, "romfs directories nest deeper than 100");
    while (at != 0) {
      CHECK_OK(sink_.spend(100));
      if (!seen_.insert(at).second) return {};  // ".." and hostile rings
      const auto head = header(at);
      if (!head) {
        state_trouble(sink_, name_of(head.error().trouble), fmt::format("{}: {}", base::printable(path), head.error().what));
        return {};
      }
      const bool claimed = ledger_.structure({at, head->content - at}, "romfs file header");
      if (!head->sound) state_trouble(sink_, "malformed", fmt::format("{}: the sum of a romfs header is wrong", base::printable(head->name)), claimed ? base::Range{at, 16} : base::Range{});
      if (head->name != "." && head->name != "..") CHECK_OK(give(*head, path.empty() ? head->name : path + "/" + head->name, depth));
      at = head->next;
    }
    return {};
  }

  base::Result<> give(const RomfsHeader& head, const std::string& name, int depth) {
    using artifact::Nature;
    static constexpr std::array<Nature, 8> natures = {Nature::hardlink, Nature::directory, Nature::file, Nature::symlink, Nature::device, Nature::device, Nature::socket, Nature::fifo};
    artifact::Entry entry;
    entry.name = name;
    entry.nature = natures.at(head.type);
    entry.mode = head.executable ? 0755 : 0644;  // what the kernel shows; the image has no modes
    if (entry.nature == Nature::hardlink)
      if (const auto target = header(head.info)) entry.link = target->name;
    if (entry.nature == Nature::symlink) {
      entry.link = base::text_of(base::slice(view_.bytes, head.content, std::min<std::uint32_t>(head.size, 65536)));
      ledger_.structure({head.content, head.size}, "romfs link");
    }
    names_.see(entry, {});
    if (entry.nature == Nature::file) {
      const std::array<Extent, 1> extents = {{{head.content, head.size}}};
      return ledger_.give(entry, extents, head.size);
    }
    CHECK_OK(sink_.child(entry, {}));
    return entry.nature == Nature::directory ? directory(head.info & ~15u, name, depth + 1) : base::Result<>{};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  std::uint64_t end_ = 0;
  std::set<std::uint64_t> seen_;  ///< headers read
};

class RomfsReader final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "romfs",
        .finds = "Files of romfs images, with links and devices, unused bytes, and bytes behind the image.",
        .kinds = {"romfs"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"A hard link names its target without the folder."},
        .references = "https://docs.kernel.org/filesystems/romfs.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Romfs(view, sink).run(); }
};

}  // namespace

const evidence::Reader& romfs() {
  static const RomfsReader reader;
  return reader;
}

}  // namespace unpack
