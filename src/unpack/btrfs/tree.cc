// See tree.h.
#include "unpack/btrfs/tree.h"

#include <algorithm>
#include <bit>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/member.h"

namespace unpack::btrfs_format {
namespace {

using base::Trouble;

constexpr std::uint64_t super_at = 65536, header_size = 101, item_size = 25, pointer_size = 33;
constexpr int most_level = 8;

Key read_key(base::Cursor& at) {
  Key out;
  out.object = at.u64();
  out.type = at.u8();
  out.offset = at.u64();
  return out;
}

}  // namespace

void Volume::add_chunk(std::uint64_t logical, base::Bytes item) {
  base::Cursor at(item);
  Chunk chunk;
  chunk.size = at.u64();
  at.skip(16);
  const auto type = at.u64();
  at.skip(12);
  const auto stripes = at.u16();
  at.skip(2);
  for (unsigned i = 0; i < std::min<unsigned>(stripes, 16); ++i) {
    const auto device = at.u64(), offset = at.u64();
    at.skip(16);
    // Stripes of other devices, and data that is spread over several, can't be read from this one.
    if (at.ok() && device == device_) chunk.stripes.push_back(offset);
  }
  constexpr std::uint64_t spread = 0x8 | 0x40 | 0x80 | 0x100;
  if (type & spread && stripes > 1) chunk.stripes.clear();
  if (chunk.size != 0 && base::checked_add(logical, chunk.size)) chunks_.emplace(logical, std::move(chunk));
}

std::optional<std::uint64_t> Volume::find(std::uint64_t logical, std::uint64_t size, unsigned copy) const {
  auto at = chunks_.upper_bound(logical);
  if (at == chunks_.begin()) return std::nullopt;
  --at;
  if (!base::fits(logical - at->first, size, at->second.size) || copy >= at->second.stripes.size()) return std::nullopt;
  const auto out = base::checked_add(at->second.stripes[copy], logical - at->first);
  return out && base::fits(*out, size, bytes_.size()) ? out : std::nullopt;
}

base::Result<Volume> Volume::open(base::Bytes bytes, Ledger& ledger, evidence::Sink& sink) {
  Volume out;
  out.bytes_ = bytes;
  const auto super = base::slice(bytes, super_at, 4096);
  base::Cursor at(super);
  at.seek(80);
  out.root_ = at.u64();
  const auto chunk_root = at.u64();
  out.log_ = at.u64();
  at.skip(8);
  out.size_ = at.u64();
  at.seek(136);
  const auto devices = at.u64();
  at.skip(4);
  out.node_size_ = at.u32();
  at.seek(160);
  const std::uint64_t system = at.u32();
  at.seek(201);
  out.device_ = at.u64();
  out.size_ = std::min(out.size_, at.u64());
  CHECK_OK(at.status("the Btrfs superblock"));
  if (!std::has_single_bit(out.node_size_) || out.node_size_ < 4096 || out.node_size_ > 65536 || system > 2048) return base::fail(Trouble::malformed, "the Btrfs superblock contradicts itself");
  if (devices > 1) state_trouble(sink, "truncated", fmt::format("the file system has {} devices, this is one of them", devices));
  for (const std::uint64_t place : {super_at, std::uint64_t{64} << 20, std::uint64_t{256} << 30})
    if (base::starts_with(base::slice(bytes, place + 64), "_BHRfS_M")) ledger.structure({place, 4096}, "Btrfs superblock");
  base::Cursor first(super.subspan(811, system));
  while (first.left() > 17 + 48) {
    const auto key = read_key(first);
    base::Cursor peek(super.subspan(811 + first.position(), system - first.position()));
    peek.skip(44);
    const std::uint64_t size = 48 + std::uint64_t{peek.u16()} * 32;
    const auto item = first.take(size);
    if (!first.ok() || key.type != chunk_item) break;
    out.add_chunk(key.offset, item);
  }
  const auto chunks = [&](const Item& item) -> base::Result<> {
    if (item.key.type == chunk_item) out.add_chunk(item.key.offset, item.bytes);
    return {};
  };
  CHECK_OK(out.walk(chunk_root, chunks, ledger, sink));
  return out;
}

// The room between the items and their bytes keeps what was deleted: it stays unclaimed unless zero.
void Volume::claim(std::uint64_t logical, std::uint64_t place, base::Range gap, Ledger& ledger) const {
  const auto first = base::slice(bytes_, place, node_size_);
  for (unsigned copy = 0; const auto where = find(logical, node_size_, copy); ++copy) {
    const auto block = base::slice(bytes_, *where, node_size_);
    if (copy && !std::ranges::equal(first, block)) continue;
    if (all_zero(block.subspan(gap.offset, gap.size))) {
      ledger.structure({*where, node_size_}, "Btrfs node");
    } else {
      ledger.structure({*where, gap.offset}, "Btrfs node");
      ledger.structure({*where + gap.end(), node_size_ - gap.end()}, "Btrfs node");
    }
  }
}

base::Result<> Volume::walk(std::uint64_t root, const See& see, Ledger& ledger, evidence::Sink& sink) const {
  if (root == 0) return {};
  std::set<std::uint64_t> seen;
  return node(root, most_level, seen, see, ledger, sink);
}

base::Result<> Volume::node(std::uint64_t logical, int level, std::set<std::uint64_t>& seen, const See& see, Ledger& ledger, evidence::Sink& sink) const {
  CHECK_OK(sink.spend(node_size_));
  const auto damaged = [&](std::string_view why) -> base::Result<> {
    state_trouble(sink, "malformed", fmt::format("the Btrfs node at logical byte {} {}", logical, why));
    return {};
  };
  if (!seen.insert(logical).second) return damaged("is named twice in its tree");
  const auto place = find(logical, node_size_);
  if (!place) return damaged("lies outside the image");
  const auto raw = base::slice(bytes_, *place, node_size_);
  base::Cursor at(raw);
  at.seek(48);
  const auto stated = at.u64();
  at.seek(96);
  const std::uint64_t count = at.u32();
  const int own = at.u8();
  if (stated != logical || own >= level || count > (node_size_ - header_size) / (own ? pointer_size : item_size)) return damaged("contradicts itself");
  if (own > 0) {
    const auto end = header_size + count * pointer_size;
    claim(logical, *place, {end, node_size_ - end}, ledger);
    for (std::uint64_t i = 0; i < count; ++i) {
      (void)read_key(at);
      const auto child = at.u64();
      at.skip(8);
      CHECK_OK(node(child, own, seen, see, ledger, sink));
    }
    return {};
  }
  const auto end = header_size + count * item_size;
  auto lowest = node_size_;
  std::vector<Item> items;
  for (std::uint64_t i = 0; i < count; ++i) {
    Item item;
    item.key = read_key(at);
    const std::uint64_t offset = header_size + at.u32(), size = at.u32();
    if (offset < end || !base::fits(offset, size, raw.size())) {
      CHECK_OK(damaged("has an item outside itself"));
      break;
    }
    lowest = std::min(lowest, offset);
    item.bytes = raw.subspan(offset, size);
    item.place = *place + offset;
    items.push_back(item);
  }
  claim(logical, *place, {end, lowest - end}, ledger);
  for (const auto& item : items) CHECK_OK(see(item));
  return {};
}

}  // namespace unpack::btrfs_format
