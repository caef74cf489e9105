// Disk images with an MBR or a GUID partition table. Each partition is a member; boot code, gaps
// and what stands behind the last partition are looked at too. What two tables say differently
// (primary and backup GPT, hybrid MBR) is stated and handed on both ways.
// Does not read BSD disk labels, Apple partition maps, LVM or RAID members.
#include <algorithm>

#include "unpack/ledger.h"
#include "unpack/member.h"
#include "unpack/partitions/table.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Confidence;
using namespace partition_tables;

constexpr unsigned most_overlaps = 64;  // stated; a table of thousands would say it millions of times

class PartitionsRead {
 public:
  PartitionsRead(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(1 << 16));
    const auto mbr = read_mbr(view_.bytes);
    if (view_.kind == "gpt") CHECK_OK(guid_tables());
    else if (mbr.structure.empty()) return base::fail(Trouble::malformed, "no partition table stands here");
    CHECK_OK(take(mbr));
    if (view_.kind == "gpt" && std::ranges::any_of(mbr.partitions, [&](const Partition& p) { return !known(p.range); }))
      state_mismatch(sink_, "the MBR names partitions that the GPT does not", "readers differ on which partitions the disk has", Confidence::low, {446, 64});
    for (const auto& p : mbr.partitions) CHECK_OK(give(p, view_.kind == "gpt" ? "mbr-" : "", artifact::Origin::member));
    return ledger_.close("unpartitioned");
  }

 private:
  base::Result<> guid_tables() {
    for (const std::uint64_t sector : {512u, 4096u}) {
      auto primary = read_gpt(view_.bytes, sector, sector);
      if (!primary) continue;
      std::optional<Guid> backup;
      if (primary->header_sound) backup = read_gpt(view_.bytes, primary->other, sector);
      if (!backup && view_.bytes.size() >= sector) backup = read_gpt(view_.bytes, view_.bytes.size() / sector * sector - sector, sector);
      return compare(*primary, backup);
    }
    return base::fail(Trouble::malformed, "no GUID partition table stands here");
  }

  static bool sound(const Guid& g) { return g.header_sound && g.entries_sound; }

  base::Result<> compare(const Guid& primary, const std::optional<Guid>& backup) {
    if (!sound(primary)) state_mismatch(sink_, "the GPT's checksums do not hold", "a partition table that was changed", Confidence::medium, primary.header);
    if (!backup) state_trouble(sink_, "truncated", "the backup GPT is missing");
    else if (!sound(*backup)) state_mismatch(sink_, "the backup GPT's checksums do not hold", "a partition table that was changed", Confidence::low, backup->header);
    const bool take_backup = backup && sound(*backup) && !sound(primary);
    const auto& first = take_backup ? *backup : primary;
    CHECK_OK(take(first.table));
    for (const auto& p : first.table.partitions) CHECK_OK(give(p, "", artifact::Origin::member));
    if (!backup) return {};
    const auto& second = take_backup ? primary : *backup;
    CHECK_OK(take(second.table));
    bool differs = false;
    for (const auto& p : second.table.partitions) {
      if (std::ranges::find(first.table.partitions, p) != first.table.partitions.end()) continue;
      differs = true;
      CHECK_OK(give(p, take_backup ? "primary-" : "backup-", artifact::Origin::hidden));
    }
    differs = differs || first.table.partitions.size() != second.table.partitions.size();
    if (differs) state_mismatch(sink_, "primary and backup GPT name different partitions", "readers differ on which partitions the disk has", Confidence::medium, second.header);
    return {};
  }

  base::Result<> take(const Table& table) {
    for (const auto& range : table.structure)
      if (!ledger_.structure(range, "partition table")) state_trouble(sink_, "truncated", fmt::format("the partition table at byte {} ends behind the image", range.offset));
    for (const auto& trouble : table.troubles) state_trouble(sink_, "malformed", trouble);
    return sink_.spend(100 * (1 + table.partitions.size()));
  }

  bool known(base::Range range) const {
    return std::ranges::any_of(given_, [&](const Partition& p) { return p.range == range; });
  }

  base::Result<> give(const Partition& p, std::string_view prefix, artifact::Origin origin) {
    if (known(p.range)) return {};
    for (const auto& other : given_)
      if (p.range.offset < other.range.end() && other.range.offset < p.range.end() && ++overlaps_ <= most_overlaps)
        state_mismatch(sink_, fmt::format("partitions {} and {} overlap", other.number, p.number), "bytes with two meanings", Confidence::medium, p.entry);
    given_.push_back(p);
    artifact::Entry entry;
    entry.name = fmt::format("{}{}-{}", prefix, p.number, p.name);
    entry.origin = origin;
    names_.see(entry, p.entry);
    if (p.range.offset >= view_.bytes.size()) {
      state_trouble(sink_, "truncated", fmt::format("partition {} begins behind the image", p.number), p.entry);
      return {};
    }
    const Extent extent{p.range.offset, p.range.size};
    if (p.range.end() <= view_.bytes.size()) return ledger_.give(entry, std::span(&extent, 1), p.range.size);
    // Cut images are common: what is there is handed on.
    state_trouble(sink_, "truncated", fmt::format("partition {} ends behind the image", p.number), p.entry);
    return ledger_.give(entry, std::span(&extent, 1), view_.bytes.size() - p.range.offset);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  std::vector<Partition> given_;
  unsigned overlaps_ = 0;
};

class Partitions final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "partitions",
        .finds = "Partitions of disk images, boot code, gaps between partitions, and tables that contradict each other.",
        .kinds = {"mbr", "gpt"},
        .states = {evidence::Facet::concealment, evidence::Facet::trouble},
        .blind_spots = {"BSD disk labels, Apple partition maps, LVM and RAID members are not taken apart.", "An MBR's sectors are taken to have 512 bytes."},
        .references = "UEFI Specification 2.10, chapter 5",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return PartitionsRead(view, sink).run(); }
};

}  // namespace

const evidence::Reader& partitions() {
  static const Partitions reader;
  return reader;
}

}  // namespace unpack
