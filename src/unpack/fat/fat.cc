// FAT12, FAT16, FAT32 and exFAT volumes: files and folders with long names, deleted ones whose
// clusters are still free, free clusters and slack, copies of the table that differ.
// Microsoft, FAT: General Overview of On-Disk Format 1.03; exFAT file system specification 1.00.
#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/disk/shares.h"
#include "unpack/fat/volume.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using artifact::Nature, artifact::Origin;
using base::Trouble;
using evidence::Confidence;
using namespace fat_format;

constexpr std::uint64_t most_directory = 64u << 20;

class FatWalk {
 public:
  FatWalk(const evidence::View& view, evidence::Sink& sink, Volume volume) : view_(view), sink_(sink), volume_(std::move(volume)), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    if (volume_.size > view_.bytes.size()) state_trouble(sink_, "truncated", fmt::format("the volume has {} bytes, the image {}", volume_.size, view_.bytes.size()));
    claim_front();
    CHECK_OK(claim_tables());
    if (volume_.fixed_root.size) CHECK_OK(directory({{volume_.fixed_root.offset, volume_.fixed_root.size}}, "", 0, false));
    else CHECK_OK(directory(TRY(volume_.chain(volume_.root, UINT64_MAX, sink_)), "", 0, false));
    CHECK_OK(ledger_.close(0, volume_.size, "unallocated"));
    return volume_.size < view_.bytes.size() ? hand_on_rest(view_, sink_, volume_.size, Confidence::low) : base::Result<>{};
  }

 private:
  bool marked(std::uint64_t at, std::string_view mark) const { return base::starts_with(base::slice(view_.bytes, at), mark); }

  // Boot code is not claimed: what stands there is handed on.
  void claim_front() {
    const auto s = volume_.sector;
    if (volume_.ex) {
      for (const auto region : {std::uint64_t{0}, 12 * s}) {
        ledger_.structure({region, 120}, "exFAT boot sector");
        for (std::uint64_t i = 0; i < 9; ++i)
          if (marked(region + (i + 1) * s - 2, "\x55\xAA")) ledger_.structure({region + (i + 1) * s - 4, 4}, "exFAT boot sector");
        if (repeats(base::slice(view_.bytes, region + 11 * s, s))) ledger_.structure({region + 11 * s, s}, "exFAT boot checksum");
      }
      return;
    }
    const std::uint64_t fields = volume_.bits == 32 ? 90 : 62;
    ledger_.structure({0, fields}, "FAT boot sector");
    if (marked(510, "\x55\xAA")) ledger_.structure({510, 2}, "FAT boot sector");
    if (volume_.bits != 32) return;
    for (const auto at : {volume_.information, volume_.backup + volume_.information})
      if (marked(at * s, "RRaA") && marked(at * s + 484, "rrAa")) {
        ledger_.structure({at * s, 4}, "FAT information sector");
        ledger_.structure({at * s + 484, 28}, "FAT information sector");
      }
    for (const auto at : {2 * s, (volume_.backup + 2) * s})
      if (marked(at + 510, "\x55\xAA")) ledger_.structure({at + 510, 2}, "FAT boot sector");
    if (volume_.backup == 0 || volume_.backup == 0xFFFF) return;
    const auto first = base::slice(view_.bytes, 0, s), copy = base::slice(view_.bytes, volume_.backup * s, s);
    if (std::ranges::equal(first, copy)) ledger_.structure({volume_.backup * s, s}, "FAT backup boot sector");
    else state_mismatch(sink_, "the backup boot sector differs", "two boot sectors", Confidence::low, {volume_.backup * s, std::min<std::uint64_t>(s, copy.size())});
  }

  static bool repeats(base::Bytes sector) { return sector.size() > 4 && std::equal(sector.begin() + 4, sector.end(), sector.begin()); }

  base::Result<> claim_tables() {
    const auto used = std::min(volume_.table_size, ((volume_.clusters + 2) * volume_.bits + 7) / 8);
    const auto active = base::slice(view_.bytes, volume_.table, used);
    for (const auto at : volume_.tables) {
      CHECK_OK(sink_.spend(used));
      ledger_.structure({at, used}, "FAT");
      const auto copy = base::slice(view_.bytes, at, used);
      if (std::ranges::equal(active, copy)) continue;
      const auto first = static_cast<std::uint64_t>(std::ranges::mismatch(active, copy).in2 - copy.begin());
      state_mismatch(sink_, fmt::format("the copies of the file allocation table differ from byte {} on", first), "readers differ on which clusters a file has", Confidence::low,
                     base::fits(at + first, 1, view_.bytes.size()) ? base::Range{at + first, 1} : base::Range{});
    }
    return {};
  }

  void claim(const std::vector<Extent>& extents, std::uint64_t size, std::string_view why) {
    for (const auto& e : extents) {
      const auto n = std::min(e.size, size);
      ledger_.structure({e.offset, n}, why);
      size -= n;
    }
  }

  // `gone`: the directory itself was deleted, and all in it.
  base::Result<> directory(const std::vector<Extent>& extents, const std::string& path, int depth, bool gone) {
    if (depth > 200) return base::fail(Trouble::limit, "FAT directories nest deeper than 200");
    if (shares_.taken(extents)) return trouble("malformed", path, "its clusters belong to something else too");
    shares_.add(extents);
    base::Buffer joined;
    std::uint64_t whole = 0;
    for (const auto& e : extents) {
      whole += e.size;
      if (whole > most_directory) return trouble("limit", path, "a directory of more than 64 MiB");
      CHECK_OK(sink_.spend(e.size));
      const auto piece = base::slice(view_.bytes, e.offset, e.size);
      joined.insert(joined.end(), piece.begin(), piece.end());
      if (piece.size() < e.size) {
        CHECK_OK(trouble("truncated", path, "it ends behind the image"));
        break;
      }
    }
    const auto listing = volume_.ex ? list_exfat(joined) : list_fat(joined);
    const bool clean = all_zero(base::slice(joined, listing.end));
    claim(extents, clean ? joined.size() : listing.end, "FAT directory");
    joined = {};
    if (depth == 0)
      for (const auto& table : listing.tables) CHECK_OK(exfat_table(table, &table == listing.tables.data()));
    // Deleted ones last: what they left may be taken by others of this directory.
    for (const bool deleted : {false, true})
      for (const auto& file : listing.files)
        if (file.deleted == deleted) CHECK_OK(deleted || gone ? remember(file, path, depth) : give(file, path, depth));
    if (depth > 0 || gone) return {};
    for (std::size_t i = 0; i < deleted_.size(); ++i) {  // grows while deleted directories are read
      const auto d = deleted_[i];
      CHECK_OK(recover(d.file, d.path, d.depth));
    }
    return {};
  }

  base::Result<> exfat_table(const File& table, bool bitmap) {
    const auto wanted = (table.size + volume_.cluster - 1) / volume_.cluster;
    const auto chain = volume_.chain(table.first, wanted, sink_);
    if (!chain) return trouble("malformed", bitmap ? "the allocation bitmap" : "the up-case table", chain.error().what);
    claim(*chain, table.size, bitmap ? "exFAT allocation bitmap" : "exFAT up-case table");
    shares_.add(*chain);
    if (bitmap && chain->size() == 1) volume_.bitmap = {(*chain)[0].offset, std::min((*chain)[0].size, table.size)};
    return {};
  }

  base::Result<> trouble(std::string_view word, std::string_view what, std::string_view why) {
    state_trouble(sink_, word, fmt::format("{}: {}", what.empty() ? "the root directory" : base::printable(what), why));
    return {};
  }

  artifact::Entry entry_of(const File& file, const std::string& path) const {
    artifact::Entry entry;
    entry.name = path.empty() ? file.name : path + "/" + file.name;
    entry.nature = file.directory ? Nature::directory : Nature::file;
    return entry;
  }

  base::Result<> give(const File& file, const std::string& path, int depth) {
    CHECK_OK(sink_.spend(100));
    const auto entry = entry_of(file, path);
    names_.see(entry, {});
    if (!file.directory && file.size > sink_.room()) return ledger_.give(entry, {}, file.size);
    const auto wanted = file.directory && !file.size ? UINT64_MAX : (file.size + volume_.cluster - 1) / volume_.cluster;
    base::Result<std::vector<Extent>> extents;
    if (wanted != 0 && file.row) {
      extents = volume_.row(file.first, wanted);
      if (extents->empty()) extents = base::fail(Trouble::malformed, "its clusters lie outside the volume");
    } else if (wanted != 0) {
      extents = volume_.chain(file.first, wanted, sink_);
    }
    if (file.directory) CHECK_OK(sink_.child(entry, {}));
    if (!extents) {
      if (extents.error().trouble == Trouble::limit) return std::unexpected(extents.error());
      return trouble("malformed", entry.name, extents.error().what);
    }
    if (file.directory) return directory(*extents, entry.name, depth + 1, false);
    if (shares_.taken(*extents)) state_mismatch(sink_, fmt::format("clusters of {} belong to another file too", base::printable(entry.name)), "bytes with two owners", Confidence::medium);
    shares_.add(*extents);
    return ledger_.give(entry, written(std::move(*extents), file), file.size);
  }

  // exFAT: what stands behind the valid length was never written by this file.
  static std::vector<Extent> written(std::vector<Extent> extents, const File& file) {
    if (file.valid >= file.size) return extents;
    std::vector<Extent> out;
    auto left = file.valid;
    for (const auto& e : extents) {
      append(out, {e.offset, std::min(e.size, left)});
      left -= std::min(e.size, left);
    }
    append(out, {0, file.size - file.valid, true});
    return out;
  }

  base::Result<> remember(const File& file, const std::string& path, int depth) {
    if (budget_.take(path.size() + file.name.size() + 64)) deleted_.push_back({file, path, depth});
    return sink_.spend(100);
  }

  // A deleted file's chain is gone; its clusters most likely followed each other. They are taken for
  // its content only when all are free and no other file recovered so has them.
  base::Result<> recover(const File& file, const std::string& path, int depth) {
    auto count = (file.size + volume_.cluster - 1) / volume_.cluster;
    if (file.directory && count == 0) count = 1;
    CHECK_OK(sink_.spend(100 + std::min(count, volume_.clusters)));
    if (!volume_.is_free_row(file.first, count)) return {};
    const auto extents = volume_.row(file.first, count);
    if (shares_.taken(extents)) return {};
    auto entry = entry_of(file, path);
    entry.origin = Origin::hidden;
    if (!file.directory) {
      if (!base::fits(extents[0].offset, extents[0].size, view_.bytes.size())) return {};
      shares_.add(extents);
      return ledger_.give(entry, written(extents, file), file.size);
    }
    if (!volume_.ex && !marked(extents[0].offset, ".          ")) return {};
    CHECK_OK(sink_.child(entry, {}));
    return directory(extents, entry.name, depth + 1, true);
  }

  struct Deleted {
    File file;
    std::string path;
    int depth = 0;
  };

  const evidence::View& view_;
  evidence::Sink& sink_;
  Volume volume_;
  Ledger ledger_;
  NameWatch names_;
  Shares shares_;
  NameBudget budget_;
  std::vector<Deleted> deleted_;
};

class Fat final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "fat",
        .finds = "Files of FAT12, FAT16, FAT32 and exFAT volumes, deleted files, free clusters, slack and tables that differ.",
        .kinds = {"fat", "exfat"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"A deleted file is taken to have stood in clusters that follow each other; where they are in use again its bytes are examined without its name.",
                        "Short names are kept in the code page of their maker."},
        .references = "Microsoft FAT: General Overview of On-Disk Format 1.03; exFAT file system specification 1.00",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return FatWalk(view, sink, TRY(Volume::open(view.bytes, view.kind == "exfat"))).run(); }
};

}  // namespace

const evidence::Reader& fat() {
  static const Fat reader;
  return reader;
}

}  // namespace unpack
