// Android's super partition: the logical partitions of its first sound slot of metadata.
// https://source.android.com/docs/core/ota/dynamic_partitions/implement; AOSP fs_mgr/liblp,
// metadata_format.h.
#include <array>
#include <optional>

#include "base/checked.h"
#include "base/cursor.h"
#include "base/digest.h"
#include "parse/firmware/layout.h"
#include "unpack/firmware.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;

constexpr std::uint64_t reserved = 4096, geometry_size = 4096, sector = 512;
constexpr std::uint32_t header_magic = 0x414C5030;

struct Geometry {
  std::uint64_t metadata = 0, slots = 0;
  std::uint64_t first_slot() const { return reserved + 2 * geometry_size; }
  std::uint64_t end() const { return first_slot() + 2 * metadata * slots; }
};

struct Table {
  std::uint64_t offset = 0, count = 0, entry = 0;
};

bool sum_is_right(base::Bytes bytes, std::uint64_t at) {
  base::Buffer copy(bytes.begin(), bytes.end());
  if (!base::fits(at, 32, copy.size())) return false;
  std::fill_n(copy.begin() + static_cast<std::ptrdiff_t>(at), 32, 0);
  const auto digest = base::sha256(copy);
  return std::ranges::equal(digest.bytes, bytes.subspan(at, 32));
}

class Super {
 public:
  Super(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink), names_(sink) {}

  base::Result<> run() {
    auto geometry = find_geometry(reserved);
    if (!geometry) geometry = find_geometry(reserved + geometry_size);
    if (!geometry) return base::fail(Trouble::malformed, "no sound geometry of logical partitions");
    ledger_.structure({reserved, 2 * geometry_size}, "geometry of logical partitions");
    ledger_.structure({geometry->first_slot(), 2 * geometry->metadata * geometry->slots}, "metadata of logical partitions");
    for (std::uint64_t i = 0; i < 2 * geometry->slots; ++i) {
      CHECK_OK(sink_.spend(geometry->metadata));
      if (slot(base::slice(view_.bytes, geometry->first_slot() + i * geometry->metadata, geometry->metadata))) {
        CHECK_OK(partitions());
        return ledger_.close("unused");
      }
    }
    return base::fail(Trouble::malformed, "no slot of the logical partitions' metadata is sound");
  }

 private:
  std::optional<Geometry> find_geometry(std::uint64_t offset) const {
    base::Cursor at(base::slice(view_.bytes, offset, geometry_size));
    if (at.u32() != 0x616C4467) return std::nullopt;
    const auto size = at.u32();
    at.skip(32);
    const Geometry out{at.u32(), at.u32()};
    if (!at.ok() || size < 52 || size > geometry_size || out.metadata == 0 || out.metadata > (16u << 20) || out.slots == 0 || out.slots > 64) return std::nullopt;
    if (!sum_is_right(base::slice(view_.bytes, offset, size), 8)) return std::nullopt;
    return out;
  }

  bool slot(base::Bytes bytes) {
    base::Cursor at(bytes);
    if (at.u32() != header_magic) return false;
    at.skip(4);
    const std::uint64_t header = at.u32();
    at.skip(32);
    const std::uint64_t tables = at.u32();
    const auto tables_sum = at.take(32);
    for (auto& t : tables_) t = {at.u32(), at.u32(), at.u32()};
    if (!at.ok() || header < at.position() || !base::fits(header, tables, bytes.size())) return false;
    const auto body = bytes.subspan(header, tables);
    if (!sum_is_right(bytes.first(header), 12) || !std::ranges::equal(base::sha256(body).bytes, tables_sum)) return false;
    for (const auto& t : tables_)
      if (t.entry > 4096 || !base::fits(t.offset, t.entry * t.count, body.size())) return false;
    body_ = body;
    return tables_[0].entry >= 52 && tables_[1].entry >= 24;
  }

  base::Cursor entry(const Table& table, std::uint64_t i) const { return base::Cursor(base::slice(body_, table.offset + i * table.entry, table.entry)); }

  base::Result<> partitions() {
    state_format(sink_, "Android logical partitions", {{"count", fmt::format("{}", tables_[0].count)}});
    for (std::uint64_t i = 0; i < tables_[0].count; ++i) {
      CHECK_OK(sink_.spend(64));
      auto at = entry(tables_[0], i);
      const auto name = at.take(36);
      at.skip(4);
      const std::uint64_t first = at.u32(), count = at.u32();
      artifact::Entry out;
      out.name = base::text_of(name).substr(0, base::text_of(name).find('\0'));
      if (!base::fits(first, count, tables_[1].count)) {
        state_trouble(sink_, "malformed", fmt::format("{} has extents outside the table", base::printable(out.name)));
        continue;
      }
      if (count == 0) continue;
      names_.see(out, {});
      CHECK_OK(partition(out, first, count));
    }
    return {};
  }

  base::Result<> partition(const artifact::Entry& out, std::uint64_t first, std::uint64_t count) {
    std::vector<Extent> extents;
    std::uint64_t total = 0;
    for (auto i = first; i < first + count; ++i) {
      CHECK_OK(sink_.spend(16));
      auto at = entry(tables_[1], i);
      const auto sectors = at.u64();
      const auto type = at.u32();
      const auto start = at.u64();
      const auto device = at.u32();
      const auto size = base::checked_mul(sectors, sector), offset = base::checked_mul(start, sector);
      const auto sum = size ? base::checked_add(total, *size) : std::nullopt;
      if (!sum || !offset) {
        state_trouble(sink_, "malformed", fmt::format("{} has an extent of {} sectors", base::printable(out.name), sectors));
        return {};
      }
      if (type == 0 && device != 0) {
        state_trouble(sink_, "unsupported", fmt::format("{} lies on another device", base::printable(out.name)));
        return {};
      }
      total = *sum;
      extents.push_back({*offset, *size, type != 0});
    }
    return ledger_.give(out, extents, total);
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  NameWatch names_;
  std::array<Table, 4> tables_;  ///< partitions, extents, groups, devices
  base::Bytes body_;
};

class AndroidSuper final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "android_super",
        .finds = "The logical partitions of an Android super partition, and what no partition uses.",
        .kinds = {"android-super"},
        .states = {evidence::Facet::concealment, evidence::Facet::property, evidence::Facet::trouble},
        .blind_spots = {"Only the first sound slot of metadata is read; other slots may cut the space in another way.", "Partitions on further devices are not read."},
        .references = "AOSP fs_mgr/liblp/include/liblp/metadata_format.h",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Super(view, sink).run(); }
};

}  // namespace

const evidence::Reader& android_super() {
  static const AndroidSuper reader;
  return reader;
}

}  // namespace unpack
