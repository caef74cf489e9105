// See volume.h.
#include "unpack/udf/volume.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/disk/shares.h"
#include "unpack/disk/utf16.h"
#include "unpack/member.h"

namespace unpack::udf_format {
namespace {

using base::Trouble;

enum Tag : std::uint16_t { anchor = 2, pointer = 3, partition = 5, logical = 6, unallocated = 7, terminator = 8, integrity = 9, file_set = 256, identifier = 257, more_extents = 258, entry = 261, extended_entry = 266 };

// The first 16 bytes of a descriptor sum up to the fifth of them (3/7.2).
std::uint16_t tag_of(base::Bytes raw) {
  if (raw.size() < 16) return 0;
  std::uint8_t sum = 0;
  for (std::size_t i = 0; i < 16; ++i) sum = static_cast<std::uint8_t>(sum + (i == 4 ? 0 : raw[i]));
  return sum == raw[4] ? static_cast<std::uint16_t>(raw[0] | raw[1] << 8) : 0;
}
std::uint64_t described_size(base::Bytes raw) { return 16ull + static_cast<std::uint64_t>(raw[10] | raw[11] << 8); }

Place long_place(base::Cursor& at) {
  Place out;
  out.size = at.u32() & 0x3FFFFFFF;
  out.block = at.u32();
  out.partition = at.u16();
  at.skip(6);
  return out;
}

// OSTA compressed Unicode: a byte that says how wide the units are, then the units.
std::string name_of(base::Bytes raw) {
  if (raw.empty()) return {};
  if (raw[0] == 16 || raw[0] == 255) return utf8_of_utf16(raw.subspan(1), false, std::endian::big);
  std::string out;
  for (const auto c : raw.subspan(1)) append_utf8(out, c);
  return out;
}

std::uint32_t mode_of(std::uint32_t permissions, std::uint16_t flags) {
  std::uint32_t mode = 0;
  for (int who = 0; who < 3; ++who) mode |= (permissions >> (5 * who) & 7) << (3 * who);
  return mode | (flags & 0x40 ? 04000u : 0) | (flags & 0x80 ? 02000u : 0) | (flags & 0x100 ? 01000u : 0);
}

}  // namespace

base::Result<Volume> Volume::open(base::Bytes bytes, Ledger& ledger, evidence::Sink& sink) {
  Volume out;
  out.bytes_ = bytes;
  for (const std::uint64_t sector : {2048u, 512u, 4096u, 1024u}) {
    const auto raw = base::slice(bytes, 256 * sector, 512);
    base::Cursor at(raw);
    if (tag_of(raw) != anchor) continue;
    at.seek(12);
    if (at.u32() != 256) continue;
    out.sector_ = out.block_ = sector;
    const std::uint64_t size = at.u32(), where = at.u32(), other_size = at.u32(), other = at.u32();
    for (auto& place : {std::uint64_t{256}, bytes.size() / sector - 257, bytes.size() / sector - 1})
      if (const auto copy = base::slice(bytes, place * sector, 512); tag_of(copy) == anchor) ledger.structure({place * sector, 512}, "UDF anchor"), out.end_ = std::max(out.end_, (place + 1) * sector);
    for (auto place = 32768ull; place < 32768 + 16 * 4096ull; place += std::max<std::uint64_t>(sector, 2048)) {
      const auto mark = base::text_of(base::slice(bytes, place + 1, 5));
      if (mark != "BEA01" && mark != "NSR02" && mark != "NSR03" && mark != "TEA01" && mark != "BOOT2") break;
      ledger.structure({place, 7}, "UDF recognition");
    }
    CHECK_OK(out.descriptors({where * sector, size}, ledger, sink));
    if (!out.described_) CHECK_OK(out.descriptors({other * sector, other_size}, ledger, sink));
    else {
      auto copy = out;
      copy.physical_.clear();
      (void)copy.descriptors({other * sector, other_size}, ledger, sink);
    }
    if (!out.described_ || out.logical_.empty()) return base::fail(Trouble::malformed, "no logical volume is described");
    const auto set_at = out.find(out.file_set_);
    const auto set = set_at ? base::slice(bytes, *set_at, 512) : base::Bytes{};
    if (tag_of(set) != file_set) {
      if (std::ranges::any_of(out.logical_, [](const Partition& p) { return !p.readable; })) return base::fail(Trouble::unsupported, "the partition that holds the UDF file set is not read");
      return base::fail(Trouble::malformed, "the UDF file set is missing");
    }
    ledger.structure({*set_at, 512}, "UDF file set");
    base::Cursor root(set);
    root.seek(400);
    out.root_ = long_place(root);
    root.seek(464);
    out.streams_ = long_place(root);
    return out;
  }
  return base::fail(Trouble::malformed, "no UDF anchor stands at sector 256");
}

base::Result<> Volume::descriptors(base::Range range, Ledger& ledger, evidence::Sink& sink) {
  const auto area = base::slice(bytes_, range.offset, std::min<std::uint64_t>(range.size, 1u << 20));
  base::Bytes volume;
  for (std::uint64_t at = 0; at + 512 <= area.size(); at += sector_) {
    CHECK_OK(sink.spend(512));
    const auto raw = base::slice(area, at, sector_);
    const auto tag = tag_of(raw);
    if (tag == 0 || tag > terminator) continue;
    ledger.structure({range.offset + at, std::min<std::uint64_t>(sector_, std::max<std::uint64_t>(described_size(raw), 32))}, "UDF volume descriptor");
    if (tag == terminator) break;
    base::Cursor in(raw);
    if (tag == partition && physical_.size() < 64) {
      Partition p;
      in.seek(22);
      p.number = in.u16();
      in.seek(56);
      for (int i = 0; i < 4; ++i) {  // tables and bitmaps of free and of freed space
        const std::uint64_t size = in.u32() & 0x3FFFFFFF, block = in.u32();
        base::Cursor place(raw.subspan(188));
        if (size) ledger.structure({(place.u32() + block) * sector_, size}, "UDF space bitmap");
      }
      in.seek(188);
      p.start = in.u32();
      p.blocks = in.u32();
      end_ = std::max(end_, (p.start + p.blocks) * sector_);
      physical_.push_back(p);
    }
    if (tag == logical) volume = raw;
  }
  if (!volume.empty() && !described_) return logical_volume(volume, ledger, sink);
  return {};
}

base::Result<> Volume::logical_volume(base::Bytes descriptor, Ledger& ledger, evidence::Sink& sink) {
  base::Cursor at(descriptor);
  at.seek(212);
  block_ = at.u32();
  if (!std::has_single_bit(block_) || block_ < 512 || block_ > 32768) return base::fail(Trouble::malformed, "UDF blocks of {} bytes", block_);
  at.seek(248);
  file_set_ = long_place(at);
  const std::uint64_t maps_size = at.u32(), maps = at.u32();
  at.seek(432);
  const std::uint64_t integrity_size = at.u32(), integrity_at = at.u32() * sector_;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(integrity_size, 65536); i += sector_)
    if (const auto raw = base::slice(bytes_, integrity_at + i, sector_); tag_of(raw) == integrity || tag_of(raw) == terminator)
      ledger.structure({integrity_at + i, std::min<std::uint64_t>(sector_, std::max<std::uint64_t>(32, described_size(raw)))}, "UDF integrity descriptor");
  base::Cursor map(base::slice(descriptor, 440, maps_size));
  described_ = true;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(maps, 64) && map.left() >= 6; ++i) {
    const auto type = map.u8(), size = map.u8();
    if (size < 6) break;
    const auto body = map.take(size - 2);
    base::Cursor in(body);
    in.seek(type == 1 ? 2 : 36);
    const auto number = in.u16();
    const auto found = std::ranges::find(physical_, number, &Partition::number);
    Partition p;
    if (found != physical_.end()) p = *found;
    else p.readable = false;
    const auto kind = type == 2 ? base::text_of(base::slice(body, 3, 23)) : std::string_view{};
    if (kind.starts_with("*UDF Metadata Partition") && p.readable) {
      const std::uint64_t file = in.u32();
      logical_.push_back(p);  // the file is found in the partition itself
      const auto node_ = node({file, static_cast<std::uint32_t>(block_), static_cast<std::uint16_t>(logical_.size() - 1)}, ledger, sink);
      logical_.pop_back();
      if (node_) p.metadata = node_->extents;
      p.readable = node_ && !p.metadata.empty();
    } else if (kind.starts_with("*UDF Virtual")) {
      p.readable = false;
      state_trouble(sink, "unsupported", "a virtual UDF partition is not read");
    }
    logical_.push_back(p);
  }
  return {};
}

std::optional<std::uint64_t> Volume::find(Place place) const {
  if (place.partition >= logical_.size() || !logical_[place.partition].readable) return std::nullopt;
  const auto& p = logical_[place.partition];
  if (p.metadata.empty()) {
    if (place.block >= p.blocks) return std::nullopt;
    return (p.start + place.block) * block_;
  }
  auto at = place.block * block_;
  for (const auto& e : p.metadata) {
    if (at < e.size) return e.hole ? std::nullopt : std::optional(e.offset + at);
    at -= e.size;
  }
  return std::nullopt;
}

base::Result<Node> Volume::node(Place place, Ledger& ledger, evidence::Sink& sink) const {
  CHECK_OK(sink.spend(block_));
  const auto where = find(place);
  if (!where) return base::fail(Trouble::malformed, "its file entry lies outside the partition");
  const auto raw = base::slice(bytes_, *where, block_);
  const auto tag = tag_of(raw);
  if (tag != entry && tag != extended_entry) return base::fail(Trouble::malformed, "no file entry stands at byte {}", *where);
  Node out;
  out.offset = *where;
  base::Cursor at(raw);
  at.seek(20);
  if (const auto strategy = at.u16(); strategy != 4) return base::fail(Trouble::unsupported, "file entries of strategy {} are not read", strategy);
  at.seek(27);
  out.type = at.u8();
  at.seek(34);
  const auto flags = at.u16();
  out.uid = at.u32();
  out.gid = at.u32();
  out.mode = mode_of(at.u32(), flags);
  out.links = at.u16();
  at.seek(56);
  out.size = at.u64();
  if (tag == extended_entry) {
    at.seek(152);
    out.streams = long_place(at);
  }
  at.seek(tag == entry ? 168 : 208);
  const std::uint64_t attributes = at.u32(), descriptors = at.u32(), front = at.position() + attributes;
  CHECK_OK(at.status("a UDF file entry"));
  if (!base::fits(front, descriptors, raw.size())) return base::fail(Trouble::malformed, "its file entry is larger than a block");
  const auto form = flags & 7u;
  ledger.structure({*where, form == 3 ? front : front + descriptors}, "UDF file entry");
  if (form == 3) out.extents.push_back({*where + front, descriptors});
  else CHECK_OK(allocation(raw.subspan(front, descriptors), form, place.partition, out, ledger, sink, 0));
  return out;
}

// Extents say in two bits of their size whether they are recorded; 3 leads to further ones (4/14.14).
base::Result<> Volume::allocation(base::Bytes descriptors, unsigned form, std::uint16_t own, Node& node, Ledger& ledger, evidence::Sink& sink, int depth) const {
  if (form > 1) return base::fail(Trouble::unsupported, "extended allocation descriptors are not read");
  if (depth > 2000) return base::fail(Trouble::malformed, "its allocation runs in a ring");
  base::Cursor at(descriptors);
  while (at.left() >= (form == 0 ? 8u : 16u)) {
    CHECK_OK(sink.spend(16));
    const auto stated = at.u32();
    Place place{at.u32(), stated & 0x3FFFFFFF, own};
    if (form == 1) {
      place.partition = at.u16();
      at.skip(6);
    }
    if (place.size == 0) return {};
    if (stated >> 30 == 1 || stated >> 30 == 2) {
      append(node.extents, {0, place.size, true});
      continue;
    }
    const auto where = find(place);
    if (!where) return base::fail(Trouble::malformed, "an extent lies outside its partition");
    if (stated >> 30 == 3) {
      const auto raw = base::slice(bytes_, *where, block_);
      if (tag_of(raw) != more_extents) return base::fail(Trouble::malformed, "its further extents are missing");
      base::Cursor head(raw);
      head.seek(20);
      const std::uint64_t size = head.u32();
      ledger.structure({*where, std::min<std::uint64_t>(24 + size, raw.size())}, "UDF allocation");
      return allocation(base::slice(raw, 24, size), form, place.partition, node, ledger, sink, depth + 1);
    }
    // A run in a metadata partition may stand in several pieces.
    for (std::uint64_t done = 0; done < place.size; done += block_) {
      const auto piece = find({place.block + done / block_, 0, place.partition});
      if (!piece) return base::fail(Trouble::malformed, "an extent lies outside its partition");
      if (logical_[place.partition].metadata.empty()) {
        append(node.extents, {*piece, place.size});
        break;
      }
      append(node.extents, {*piece, std::min<std::uint64_t>(block_, place.size - done)});
      CHECK_OK(sink.spend(1 + logical_[place.partition].metadata.size()));
    }
  }
  return {};
}

base::Buffer Volume::content(const Node& node, std::uint64_t most) const {
  base::Buffer out;
  auto left = std::min(node.size, most);
  for (const auto& e : node.extents) {
    const auto n = std::min(e.size, left);
    if (e.hole) return out;
    const auto piece = base::slice(bytes_, e.offset, n);
    out.insert(out.end(), piece.begin(), piece.end());
    left -= n;
    if (piece.size() < n || left == 0) break;
  }
  return out;
}

base::Result<std::vector<Listed>> Volume::list(const Node& directory, Ledger& ledger, evidence::Sink& sink) const {
  std::vector<Listed> out;
  const auto joined = content(directory, 64u << 20);
  CHECK_OK(sink.spend(joined.size()));
  auto left = joined.size();
  for (const auto& e : directory.extents) {
    if (e.hole) break;
    ledger.structure({e.offset, std::min<std::uint64_t>(e.size, left)}, "UDF directory");
    left -= std::min<std::uint64_t>(e.size, left);
  }
  base::Cursor at{base::Bytes(joined)};
  while (at.left() >= 38) {
    const auto start = at.position();
    if (tag_of(base::slice(joined, start, 16)) != identifier) return out;
    at.skip(18);
    const auto flags = at.u8(), name_size = at.u8();
    Listed listed;
    listed.node = long_place(at);
    at.skip(at.u16());
    const auto name = at.take(name_size);
    at.align(4);
    if (!at.ok()) return out;
    if (flags & 8) continue;  // the parent
    listed.name = name_of(name);
    listed.directory = flags & 2;
    listed.deleted = flags & 4;
    out.push_back(std::move(listed));
  }
  return out;
}

}  // namespace unpack::udf_format
