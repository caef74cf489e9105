// Microsoft cabinets: stored, MSZIP and LZX folders, by own bounded reader. MS-CAB.
// Sets of several cabinets are not joined: their split members are named as truncated.
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/cab/folder.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/solid.h"

namespace unpack {
namespace {

using base::Trouble;
using cab_format::Block, cab_format::Folder;

class CabRead {
 public:
  CabRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    CHECK_OK(header());
    CHECK_OK(files());
    for (std::size_t i = 0; i < folders_.size(); ++i) CHECK_OK(folder(i));
    const auto end = std::min<std::uint64_t>(size_, bytes_.size());
    if (size_ > bytes_.size()) state_trouble(sink_, "truncated", fmt::format("the cabinet says it has {} bytes", size_));
    for (const auto& extra : extras_) CHECK_OK(hand_on(extra, fmt::format("behind-block@0x{:x}", extra.offset)));
    CHECK_OK(ledger_.close(0, end, "unused"));
    if (signature_.size && signature_.offset == end && base::fits(signature_.offset, signature_.size, bytes_.size())) {
      CHECK_OK(hand_on(signature_, "signature"));
      return hand_on_rest(view_, sink_, signature_.end(), evidence::Confidence::low);
    }
    return hand_on_rest(view_, sink_, end, evidence::Confidence::low);
  }

 private:
  base::Result<> header() {
    base::Cursor at(bytes_);
    at.skip(8);
    size_ = at.u32();
    at.skip(4);
    files_at_ = at.u32();
    at.skip(6);
    const auto folders = at.u16();
    file_count_ = at.u16();
    const auto flags = at.u16();
    at.skip(4);
    unsigned folder_reserve = 0;
    if (flags & 4) {
      const auto reserve = at.u16();
      folder_reserve = at.u8();
      block_reserve_ = at.u8();
      base::Cursor own(at.take(reserve));
      // What signing tools leave here: where the signature stands.
      if (own.u32() == 0x00100000) {
        const auto offset = own.u32(), size = own.u32();
        if (own.ok()) signature_ = {offset, size};
      }
    }
    if (flags & 1) previous_ = at.c_string(256), (void)at.c_string(256);
    if (flags & 2) next_ = at.c_string(256), (void)at.c_string(256);
    CHECK_OK(at.status("the cabinet's header"));
    if (!previous_.empty() || !next_.empty())
      state_trouble(sink_, "truncated", fmt::format("one cabinet of a set{}{}{}{}", previous_.empty() ? "" : ", goes on from ", base::printable(previous_), next_.empty() ? "" : ", goes on in ", base::printable(next_)));
    for (unsigned i = 0; i < folders && at.ok(); ++i) {
      Folder f;
      f.start = at.u32();
      f.blocks = at.u16();
      f.method = at.u16();
      at.skip(folder_reserve);
      if (at.ok()) folders_.push_back(std::move(f));
    }
    ledger_.structure({0, at.position()}, "cabinet header");
    CHECK_OK(at.status("the cabinet's header"));
    for (auto& f : folders_) {
      cab_format::find_blocks(bytes_, f, block_reserve_);
      for (const auto& b : f.chain) {
        CHECK_OK(sink_.spend(b.header + b.data.size));
        ledger_.structure({b.offset, b.header}, "cabinet block");
        if (!b.sound) state_trouble(sink_, "malformed", "a block's checksum is wrong", b.data);
      }
    }
    members_.resize(folders_.size());
    return {};
  }

  base::Result<> files() {
    base::Cursor at(bytes_);
    at.seek(files_at_);
    for (unsigned i = 0; i < file_count_; ++i) {
      CHECK_OK(sink_.spend(32));
      const auto start = at.position();
      SolidMember m;
      m.size = at.u32();
      m.offset = at.u32();
      auto folder = at.u16();
      at.skip(4);
      const auto attributes = at.u16();
      m.entry.name = at.c_string(4096);
      if (!at.ok()) {
        state_trouble(sink_, "truncated", fmt::format("the list of files ends after {} of {}", i, file_count_));
        break;
      }
      ledger_.structure({start, at.position() - start}, "cabinet file");
      std::ranges::replace(m.entry.name, '\\', '/');
      if (attributes & 0x40) m.entry.mode = 0755;
      names_.see(m.entry, {start, at.position() - start});
      if (folder == 0xFFFE) folder = static_cast<std::uint16_t>(folders_.size() - 1);
      if (folder == 0xFFFD || folder == 0xFFFF) {
        state_trouble(sink_, "truncated", fmt::format("{} begins in the cabinet {}", base::printable(m.entry.name), base::printable(previous_)), {start, 16});
        continue;
      }
      if (folder >= folders_.size()) {
        state_trouble(sink_, "malformed", fmt::format("{} lies in a folder that is not there", base::printable(m.entry.name)), {start, 16});
        continue;
      }
      members_[folder].push_back(std::move(m));
    }
    return {};
  }

  base::Result<> folder(std::size_t index) {
    const auto& f = folders_[index];
    if (!f.readable()) {
      for (const auto& b : f.chain) ledger_.opaque(b.data, "unsupported");
      state_trouble(sink_, "unsupported", fmt::format("a folder of {} files is compressed by {}", members_[index].size(), (f.method & 15) == 2 ? "Quantum" : "an unknown method"));
      return {};
    }
    std::size_t decoded = 0;  // blocks; a second pass over the folder adds nothing new
    const auto done = [&](const Block& block, std::uint64_t used) {
      const auto number = static_cast<std::size_t>(&block - f.chain.data());
      if (number < decoded) return;
      decoded = number + 1;
      ledger_.content({block.data.offset, used}, "cabinet data");
      if (used < block.data.size && extras_.size() < 64) extras_.push_back({block.data.offset + used, block.data.size - used});
    };
    CHECK_OK(split_solid(sink_, std::move(members_[index]), fmt::format("folder-{}-unnamed", index), [&](const stream::Take& take) { return cab_format::decode(bytes_, f, take, done); }));
    for (auto i = decoded; i < f.chain.size(); ++i) ledger_.opaque(f.chain[i].data, f.chain[i].plain ? "damaged" : "unsupported: goes on in the next cabinet");
    return {};
  }

  base::Result<> hand_on(base::Range range, std::string name) {
    ledger_.content(range, "bytes outside the members");
    artifact::Entry entry;
    entry.name = std::move(name);
    entry.origin = artifact::Origin::embedded;
    return sink_.child(entry, base::slice(bytes_, range.offset, range.size));
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  Ledger ledger_;
  NameWatch names_;
  std::uint64_t size_ = 0, files_at_ = 0;
  unsigned file_count_ = 0, block_reserve_ = 0;
  std::string_view previous_, next_;
  base::Range signature_;
  std::vector<Folder> folders_;
  std::vector<std::vector<SolidMember>> members_;  ///< by folder
  std::vector<base::Range> extras_;
};

class Cab final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "cab",
        .finds = "Files of Microsoft cabinets, their signature, and bytes that no file owns.",
        .kinds = {"cab"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Folders compressed by Quantum are not read.", "Cabinets of a set are not joined; a file that spans two is cut."},
        .references = "MS-CAB; MS-MCI; Microsoft LZX Data Compression Format",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return CabRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& cab() {
  static const Cab reader;
  return reader;
}

}  // namespace unpack
