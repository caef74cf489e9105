// ISO 9660 images with Rock Ridge, Joliet, El Torito and zisofs, by own bounded reader. Every tree is walked: a
// file that only one of them names is hidden from the readers of the other. What no tree names is handed on.
// Interleaved files are not put together; UDF structures on the same disc are handed on as they stand.
#include <algorithm>
#include <set>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/iso/volume.h"
#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/stream.h"

namespace unpack {
namespace {

using base::Trouble;
using iso_format::Record, iso_format::Volume;

class IsoRead {
 public:
  IsoRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), bytes_(view.bytes), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    auto image = TRY(iso_format::read_image(bytes_));
    for (const auto& d : image.descriptors) ledger_.structure(d, "volume descriptor");
    // The tree whose names most systems show comes first: Rock Ridge, Joliet, then the plain one.
    std::ranges::stable_sort(image.volumes, std::greater<>{}, [](const Volume& v) { return v.rock_ridge ? 2 : v.joliet ? 1 : 0; });
    std::uint64_t end = 0;
    bool first = true;
    for (const auto& v : image.volumes) {
      for (const auto& t : v.path_tables) ledger_.structure(t, "path table");
      end = std::max(end, v.blocks * v.block_size);
      CHECK_OK(tree(v, first));
      first = false;
    }
    if (image.boot_catalog) CHECK_OK(boot(*image.boot_catalog));
    CHECK_OK(system_area());
    if (end > bytes_.size()) state_trouble(sink_, "truncated", fmt::format("the volume says it has {} bytes", end));
    end = std::clamp<std::uint64_t>(end, std::min<std::uint64_t>(0x8800, bytes_.size()), bytes_.size());
    end = std::min<std::uint64_t>(std::max(end, furthest_), bytes_.size());
    CHECK_OK(ledger_.close(0, end, "unused"));
    return hand_on_rest(view_, sink_, end, evidence::Confidence::low);
  }

 private:
  struct Folder {
    std::uint64_t block, size;
    std::string path;
  };

  base::Result<> tree(const Volume& v, bool shown) {
    std::set<std::uint64_t> seen;
    std::vector<Folder> open = {{v.root_block, v.root_size, ""}};
    while (!open.empty()) {
      const auto folder = std::move(open.back());
      open.pop_back();
      if (!seen.insert(folder.block).second) {
        state_trouble(sink_, "malformed", fmt::format("the folder {} is inside itself or in two places", base::printable(folder.path)));
        continue;
      }
      const auto offset = folder.block * v.block_size;
      auto size = folder.size;
      if (size == 0) size = base::Cursor(base::slice(bytes_, offset + 10, 4)).u32();  // a moved folder says its own size
      if (size > (64u << 20)) state_trouble(sink_, "limit", fmt::format("the folder {} says it has {} bytes", base::printable(folder.path), size));
      size = std::min<std::uint64_t>(size, 64u << 20);
      const base::Range range{offset, (size + v.block_size - 1) / v.block_size * v.block_size};
      if (!ledger_.structure(range, "ISO directory")) state_trouble(sink_, "truncated", fmt::format("the folder {} leaves the image", base::printable(folder.path)));
      CHECK_OK(records(v, base::slice(bytes_, offset, size), folder, shown, open));
    }
    return {};
  }

  base::Result<> records(const Volume& v, base::Bytes directory, const Folder& folder, bool shown, std::vector<Folder>& open) {
    std::vector<Extent> extents;
    std::uint64_t whole = 0;
    for (std::uint64_t at = 0; auto r = iso_format::record(bytes_, directory, v, at);) {
      CHECK_OK(sink_.spend(128));
      for (const auto& c : r->continuations) ledger_.structure(c, "Rock Ridge continuation");
      if (r->endians_disagree && !r->self) state_mismatch(sink_, base::printable(r->entry.name), "its place differs between byte orders", evidence::Confidence::medium);
      if (r->self) continue;
      if (folder.path.size() > 4096) return base::fail(Trouble::limit, "folders nest too deep");
      r->entry.name = folder.path.empty() ? r->entry.name : folder.path + "/" + r->entry.name;
      if (r->entry.nature == artifact::Nature::directory) {
        open.push_back({r->block, r->size, r->entry.name});
        if (shown) CHECK_OK(sink_.child(r->entry, {}));
        continue;
      }
      extents.push_back({r->block * v.block_size, r->size});
      whole += r->size;
      if (r->goes_on) continue;
      CHECK_OK(file(*r, extents, whole, shown));
      extents.clear();
      whole = 0;
    }
    return {};
  }

  base::Result<> file(Record& r, const std::vector<Extent>& extents, std::uint64_t size, bool shown) {
    if (r.entry.nature != artifact::Nature::file || size == 0) {
      if (!shown) return {};
      names_.see(r.entry, {});
      return sink_.child(r.entry, {});
    }
    for (const auto& e : extents) furthest_ = std::max(furthest_, e.offset > bytes_.size() ? 0 : e.offset + e.size);
    const auto fresh = given_.emplace(std::pair{extents[0].offset, size}, r.entry.name);
    if (!fresh.second) {
      if (!shown) return {};
      r.entry.nature = artifact::Nature::hardlink;
      r.entry.link = fresh.first->second;
      return sink_.child(r.entry, {});
    }
    if (!shown) {
      r.entry.origin = artifact::Origin::hidden;
      state_mismatch(sink_, base::printable(r.entry.name), "a file that only one of the trees names", evidence::Confidence::medium);
    } else {
      names_.see(r.entry, {});
    }
    if (r.interleaved) {
      state_trouble(sink_, "unsupported", fmt::format("{} is interleaved", base::printable(r.entry.name)));
      for (const auto& e : extents) ledger_.opaque({e.offset, e.size}, "unsupported");
      return {};
    }
    if (r.plain) return compressed(r, extents[0]);
    return ledger_.give(r.entry, extents, size);
  }

  // zisofs: a table of places, then blocks by zlib; a block without bytes is all zeros.
  base::Result<> compressed(const Record& r, const Extent& extent) {
    static constexpr std::string_view magic("\x37\xE4\x53\x96\xC9\xDB\xD6\x07", 8);
    const auto bytes = base::slice(bytes_, extent.offset, extent.size);
    if (!base::starts_with(bytes, magic) || bytes.size() < 16) return ledger_.give(r.entry, {&extent, 1}, extent.size);
    base::Cursor at(bytes);
    at.skip(8);
    const std::uint64_t plain = at.u32(), header = at.u8() * 4u;
    const auto shift = at.u8();
    if (plain > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("{} says it holds {} bytes", base::printable(r.entry.name), plain));
      return {};
    }
    if (shift < 12 || shift > 20) return base::fail(Trouble::malformed, "a zisofs block of 2^{} bytes", shift);
    const base::Buffer zeros(std::size_t{1} << shift);
    ledger_.content({extent.offset, extent.size}, "zisofs file");
    Child child(sink_, r.entry);
    CHECK_OK(child.begun());
    at.seek(header);
    std::uint64_t from = at.u32();
    for (std::uint64_t made = 0; made < plain; made += zeros.size()) {
      const std::uint64_t to = at.u32();
      const auto want = std::min<std::uint64_t>(zeros.size(), plain - made);
      if (!at.ok() || to < from || to > bytes.size()) {
        state_trouble(sink_, "truncated", fmt::format("{}: a block leaves the file", base::printable(r.entry.name)));
        return {};
      }
      if (to == from) {
        CHECK_OK(child.give(base::slice(zeros, 0, want)));
        continue;
      }
      const auto done = stream::zlib(base::slice(bytes, from, to - from), [&](base::Bytes b) { return child.give(b); });
      if (!done.end) {
        if (done.end.error().trouble == Trouble::limit) return done.end;
        state_trouble(sink_, name_of(done.end.error().trouble), fmt::format("{}: {}", base::printable(r.entry.name), done.end.error().what));
        return {};
      }
      from = to;
    }
    return {};
  }

  // Boot images that no tree names are handed on; others were.
  base::Result<> boot(std::uint64_t catalog) {
    std::uint64_t size = 0;
    const auto entries = iso_format::boot_entries(bytes_, catalog, size);
    ledger_.structure({catalog, size}, "boot catalogue");
    unsigned number = 0;
    for (const auto& e : entries) {
      ++number;
      const auto offset = e.block * 2048;
      if (std::ranges::any_of(given_, [&](const auto& g) { return g.first.first == offset; })) continue;
      static constexpr std::array<std::uint64_t, 4> floppies = {0, 1200 * 1024, 1440 * 1024, 2880 * 1024};
      const auto image = std::max<std::uint64_t>(e.media < 4 && floppies[e.media] ? floppies[e.media] : e.sectors * 512, 512);
      if (e.block == 0 || offset >= bytes_.size()) continue;
      artifact::Entry entry;
      entry.name = fmt::format("boot-image-{}", number);
      entry.origin = artifact::Origin::embedded;
      const Extent piece{offset, std::min<std::uint64_t>(image, bytes_.size() - offset)};
      CHECK_OK(ledger_.give(entry, {&piece, 1}, piece.size));
    }
    return {};
  }

  // The first 32 KiB are for whoever boots from the disc: a hybrid image has a partition table there.
  base::Result<> system_area() {
    const auto area = base::slice(bytes_, 0, 0x8000);
    if (all_zero(area)) return {};
    artifact::Entry entry;
    entry.name = "system-area";
    entry.origin = artifact::Origin::embedded;
    entry.kind = "unknown";  // a partition table in it speaks of the whole disc
    const Extent piece{0, area.size()};
    return ledger_.give(entry, {&piece, 1}, piece.size);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  base::Bytes bytes_;
  Ledger ledger_;
  NameWatch names_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> given_;  ///< place and size, first name
  std::uint64_t furthest_ = 0;
};

class Iso final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "iso",
        .finds = "Files of ISO 9660 images in every tree, boot images, files that one tree hides, and blocks that no tree names.",
        .kinds = {"iso"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"Interleaved files are not put together.", "UDF structures beside the ISO 9660 tree are handed on, not followed.", "Of two names for one extent in different trees only the first tree's is shown."},
        .references = "ECMA-119; IEEE P1282; Joliet specification; El Torito 1.0",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return IsoRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& iso() {
  static const Iso reader;
  return reader;
}

}  // namespace unpack
