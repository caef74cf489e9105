// UBI images and flash dumps: erase blocks, headers with their sums, the volume table, each volume
// put together in the order of its logical erase blocks (LEBs). What a volume holds is for other
// readers. http://www.linux-mtd.infradead.org/doc/ubi.html; layout: the kernel's ubi-media.h.
#include <algorithm>
#include <array>
#include <map>

#include "base/cursor.h"
#include "unpack/decode/flash_sum.h"
#include "unpack/ledger.h"
#include "unpack/member.h"

namespace unpack {
namespace {

using base::Trouble;
using evidence::Label;

constexpr std::uint64_t header_size = 64;
constexpr std::uint32_t layout_volume = 0x7fffefff, most_lebs = 1u << 20;

struct EraseHeader {
  std::uint32_t vid_offset = 0, data_offset = 0;
};

struct Leb {
  std::uint64_t peb = 0;  ///< offset of its erase block
  std::uint64_t sequence = 0;
  std::uint32_t data_size = 0, used = 0, pad = 0, crc = 0;
  bool is_static = false, copy = false;
};

struct Volume {
  std::string name;
  std::uint32_t reserved = 0;
  bool in_update = false;
  std::map<std::uint32_t, Leb> lebs;
};

bool sealed(base::Bytes header) { return header.size() == header_size && flash_crc(header.first(60), 0xFFFFFFFF) == base::Cursor(header.subspan(60), std::endian::big).u32(); }
bool all_ff(base::Bytes bytes) { return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0xff; }); }

std::optional<EraseHeader> erase_header(base::Bytes bytes, std::uint64_t at) {
  const auto raw = base::slice(bytes, at, header_size);
  if (!base::starts_with(raw, "UBI#") || !sealed(raw)) return std::nullopt;
  base::Cursor in(raw, std::endian::big);
  in.skip(16);
  return EraseHeader{in.u32(), in.u32()};
}

// The image doesn't state how large its erase blocks are: the size is right at which headers stand
// where blocks begin. Half of it finds as many, but as often none.
std::uint64_t block_size(base::Bytes bytes) {
  std::uint64_t best = bytes.size();
  std::int64_t best_score = 1;
  for (std::uint64_t size = 512; size <= (16u << 20) && size < bytes.size(); size *= 2) {
    std::int64_t score = 0;
    for (std::uint64_t at = 0; at < bytes.size(); at += size) {
      const auto head = base::slice(bytes, at, header_size);
      if (erase_header(bytes, at)) ++score;
      else if (!all_ff(head)) --score;
    }
    if (score >= best_score && score > 1) best = size, best_score = score;
  }
  return best;
}

class Ubi {
 public:
  Ubi(const evidence::View& view, evidence::Sink& sink) : view_(view), sink_(sink), ledger_(view, sink) {}

  base::Result<> run() {
    CHECK_OK(sink_.spend(view_.bytes.size() / 32));
    block_ = block_size(view_.bytes);
    for (std::uint64_t at = 0; at < view_.bytes.size(); at += block_) CHECK_OK(erase_block(at));
    if (data_offset_ == 0) {
      sink_.label({0, view_.bytes.size()}, Label::opaque, "damaged");
      return base::fail(Trouble::malformed, "no UBI erase block has a sound header");
    }
    if (torn_ > 16) state_trouble(sink_, "malformed", fmt::format("{} UBI erase blocks are torn in all", torn_));
    volume_table();
    for (auto& [id, volume] : volumes_)
      if (id < layout_volume) CHECK_OK(give(id, volume));
    for (const auto& [number, leb] : volumes_[layout_volume].lebs) ledger_.structure({leb.peb + data_offset_, block_ - data_offset_}, "UBI volume table");
    for (const auto& [id, volume] : volumes_)
      if (id > layout_volume)
        for (const auto& [number, leb] : volume.lebs) ledger_.structure({leb.peb + data_offset_, block_ - data_offset_}, "UBI fastmap");
    return ledger_.close("ubi-unused");
  }

 private:
  base::Result<> erase_block(std::uint64_t at) {
    CHECK_OK(sink_.spend(200));
    const auto head = erase_header(view_.bytes, at);
    if (!head) {
      if (!all_ff(base::slice(view_.bytes, at, header_size))) torn(at, "has no sound header");
      return {};
    }
    ledger_.structure({at, header_size}, "UBI erase counter header");
    const auto vid = base::slice(view_.bytes, at + head->vid_offset, header_size);
    if (head->data_offset >= block_ || head->vid_offset > block_ - header_size) {
      torn(at, "places its data outside itself");
      return {};
    }
    if (data_offset_ == 0) data_offset_ = head->data_offset;
    if (all_ff(vid)) return {};  // free
    if (!base::starts_with(vid, "UBI!") || !sealed(vid) || head->data_offset != data_offset_) {
      torn(at, "has a torn volume header");
      return {};
    }
    ledger_.structure({at + head->vid_offset, header_size}, "UBI volume header");
    base::Cursor in(vid, std::endian::big);
    in.skip(5);
    Leb leb;
    leb.peb = at;
    leb.is_static = in.u8() == 2;
    leb.copy = in.u8() != 0;
    in.skip(1);
    const auto volume = in.u32(), number = in.u32();
    in.skip(4);
    leb.data_size = in.u32();
    leb.used = in.u32();
    leb.pad = in.u32();
    leb.crc = in.u32();
    in.skip(4);
    leb.sequence = in.u64();
    if (number >= most_lebs) {
      torn(at, fmt::format("is number {} of its volume", number));
      return {};
    }
    const auto [place, fresh] = volumes_[volume].lebs.try_emplace(number, leb);
    if (!fresh && newer(leb, place->second)) place->second = leb;
    return {};
  }

  // Names the first ones; a worn or foreign flash has thousands.
  void torn(std::uint64_t at, std::string_view what) {
    if (torn_++ < 16) state_trouble(sink_, "malformed", fmt::format("UBI erase block {} {}", at / block_, what), {at, 0});
  }

  // Two blocks say that they are the same LEB: the later one counts, unless it is a copy that was
  // not finished. The other one stays unclaimed and is handed on as hidden.
  bool newer(const Leb& a, const Leb& b) const {
    const auto& later = a.sequence >= b.sequence ? a : b;
    const bool finished = !later.copy || flash_crc(content(later).first(std::min<std::uint64_t>(later.data_size, content(later).size())), 0xFFFFFFFF) == later.crc;
    return (a.sequence >= b.sequence) == finished;
  }
  base::Bytes content(const Leb& leb) const {
    const auto size = block_ - data_offset_;
    return base::slice(view_.bytes, leb.peb + data_offset_, size - std::min<std::uint64_t>(size, leb.pad));
  }

  // Records of 172 bytes with sums of their own; two copies, of which one is enough.
  void volume_table() {
    for (const auto& [number, leb] : volumes_[layout_volume].lebs) {
      const auto table = content(leb);
      for (std::uint32_t id = 0; id < 128; ++id) {
        const auto record = base::slice(table, id * 172ull, 172);
        base::Cursor in(record, std::endian::big);
        Volume row;
        row.reserved = in.u32();
        in.skip(9);
        row.in_update = in.u8() != 0;
        const auto size = in.u16();
        row.name = base::text_of(in.take(128)).substr(0, std::min<std::size_t>(size, 127));
        in.skip(24);
        if (in.u32() != flash_crc(base::slice(record, 0, 168), 0xFFFFFFFF) || !in.ok() || row.reserved == 0) continue;
        auto& volume = volumes_[id];
        row.lebs = std::move(volume.lebs);
        volume = std::move(row);
      }
    }
  }

  base::Result<> give(std::uint32_t id, const Volume& volume) {
    artifact::Entry entry;
    entry.name = volume.name.empty() ? fmt::format("volume-{}", id) : volume.name;
    if (volume.in_update) state_trouble(sink_, "malformed", fmt::format("UBI volume {} was left in the middle of an update", base::printable(entry.name)));
    const bool is_static = !volume.lebs.empty() && volume.lebs.begin()->second.is_static;
    const std::uint64_t last = volume.lebs.empty() ? 0 : std::uint64_t{volume.lebs.rbegin()->first} + 1;
    const auto used = is_static ? volume.lebs.begin()->second.used : last;
    if (is_static && volume.lebs.size() < used) state_trouble(sink_, "truncated", fmt::format("UBI volume {} lacks {} of its {} erase blocks", base::printable(entry.name), used - volume.lebs.size(), used));
    if (last * (block_ - data_offset_) > sink_.room()) {
      state_trouble(sink_, "limit", fmt::format("UBI volume {} says it holds {} erase blocks", base::printable(entry.name), last));
      return {};
    }
    Child child(sink_, entry);
    CHECK_OK(child.begun());
    std::uint32_t next = 0;
    for (const auto& [number, leb] : volume.lebs) {
      for (; next < number; ++next) CHECK_OK(unmapped(child, block_ - data_offset_ - std::min<std::uint64_t>(block_ - data_offset_, leb.pad)));
      auto bytes = content(leb);
      const auto whole = block_ - data_offset_ - std::min<std::uint64_t>(block_ - data_offset_, leb.pad);
      if (is_static) {
        const auto data = base::slice(bytes, 0, leb.data_size);
        if (flash_crc(data, 0xFFFFFFFF) != leb.crc) state_trouble(sink_, "malformed", fmt::format("UBI volume {}: the sum of erase block {} is wrong", base::printable(entry.name), number), {leb.peb, 0});
        bytes = data;
      }
      CHECK_OK(child.give(bytes));
      ledger_.content({leb.peb + data_offset_, bytes.size()}, "UBI volume");
      if (!is_static && bytes.size() < whole) CHECK_OK(unmapped(child, whole - bytes.size()));
      ++next;
    }
    return {};
  }

  // An LEB without an erase block reads as erased flash.
  static base::Result<> unmapped(Child& child, std::uint64_t size) {
    static const std::vector<std::uint8_t> erased(1 << 16, 0xff);
    for (; size; size -= std::min<std::uint64_t>(size, erased.size())) CHECK_OK(child.give(base::Bytes(erased).first(std::min<std::uint64_t>(size, erased.size()))));
    return {};
  }

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger ledger_;
  std::uint64_t block_ = 0, data_offset_ = 0, torn_ = 0;
  std::map<std::uint32_t, Volume> volumes_;
};

class UbiReader final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card = {
        .name = "ubi",
        .finds = "Volumes of UBI images and flash dumps, older copies of their erase blocks, and erase blocks that are torn.",
        .kinds = {"ubi"},
        .states = {evidence::Facet::trouble},
        .blind_spots = {"Erase blocks whose size is no power of two are found only when there is a single one.",
                        "Dumps with the out-of-band areas of their pages are not read."},
        .references = "http://www.linux-mtd.infradead.org/doc/ubi.html",
    };
    return card;
  }
  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override { return Ubi(view, sink).run(); }
};

}  // namespace

const evidence::Reader& ubi() {
  static const UbiReader reader;
  return reader;
}

}  // namespace unpack
