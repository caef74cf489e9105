// See image.h.
#include "unpack/erofs/image.h"

#include <lz4.h>

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/disk/shares.h"
#include "unpack/stream.h"

namespace unpack::erofs_format {
namespace {

using base::Trouble;

enum Layout : unsigned { flat = 0, full_index = 1, flat_inline = 2, compact_index = 3, chunked = 4 };
enum Advise : unsigned { two_bytes = 1, big_1 = 2, inline_tail = 8, interlaced = 16, fragment = 32 };
enum Kind : unsigned { plain = 0, head_1 = 1, no_head = 2, head_2 = 3 };

constexpr std::uint64_t most_cluster = 1u << 20, most_unpacked = 64u << 20;
constexpr std::uint32_t block_count_mark = 1u << 11;

std::uint64_t round_up(std::uint64_t n, std::uint64_t to) { return (n + to - 1) / to * to; }

// One logical cluster of the index.
struct Index {
  unsigned kind = no_head;
  std::uint32_t offset = 0;  ///< where in the cluster a head begins; of others, what the format keeps there
  std::uint64_t block = 0;   ///< of a head
};

}  // namespace

base::Result<Image> Image::open(base::Bytes bytes) {
  Image out;
  out.bytes_ = bytes;
  base::Cursor at(base::slice(bytes, 1024, 128));
  if (at.u32() != 0xE0F5E1E2) return base::fail(Trouble::malformed, "no EROFS superblock stands here");
  at.skip(4);
  out.compatible_ = at.u32();
  const auto bits = at.u8();
  at.skip(1);
  out.root_ = at.u16();
  out.inodes_ = at.u64();
  at.seek(36);
  out.blocks_ = at.u32();
  const std::uint64_t meta = at.u32();
  at.seek(80);
  out.incompatible_ = at.u32();
  at.seek(86);
  const auto devices = at.u16();
  at.seek(96);
  out.packed_ = out.incompatible_ & 0x20 ? at.u64() : 0;
  CHECK_OK(at.status("the EROFS superblock"));
  if (bits < 9 || bits > 16) return base::fail(Trouble::malformed, "EROFS blocks of 2^{} bytes", bits);
  if (devices) return base::fail(Trouble::unsupported, "an EROFS image over several devices is not read");
  if (out.incompatible_ & ~0x7Fu) return base::fail(Trouble::unsupported, "EROFS features {:x} are not known", out.incompatible_);
  out.block_ = 1ull << bits;
  out.meta_ = meta * out.block_;
  return out;
}

base::Result<Inode> Image::inode(std::uint64_t nid) const {
  Inode out;
  out.nid = nid;
  if (nid > bytes_.size() / 32) return base::fail(Trouble::malformed, "an inode of number {}", nid);
  out.place.offset = meta_ + nid * 32;
  base::Cursor at(base::slice(bytes_, out.place.offset, 64));
  const auto format = at.u16();
  const std::uint64_t attributes = at.u16();
  out.layout = format >> 1 & 7;
  out.mode = at.u16();
  if (format & 1) {
    at.seek(8);
    out.size = at.u64();
    out.raw = at.u32();
    at.skip(4);
    out.uid = at.u32();
    out.gid = at.u32();
    at.seek(44);
    out.links = at.u32();
    out.place.size = 64;
  } else {
    out.links = at.u16();
    out.size = at.u32();
    at.skip(4);
    out.raw = at.u32();
    at.skip(4);
    out.uid = at.u16();
    out.gid = at.u16();
    out.place.size = 32;
  }
  CHECK_OK(at.status("an EROFS inode"));
  if (attributes) out.place.size += 12 + (attributes - 1) * 4;
  if (out.layout > chunked) return base::fail(Trouble::unsupported, "a layout of number {} is not read", out.layout);
  if (!base::fits(out.place.offset, out.place.size, bytes_.size())) return base::fail(Trouble::truncated, "an inode lies behind the image");
  return out;
}

base::Result<Map> Image::map(const Inode& inode, evidence::Sink& sink) const {
  if (inode.layout == chunked) return chunks(inode, sink);
  if (inode.layout == full_index || inode.layout == compact_index) return compressed(inode, sink);
  Map out;
  const auto tail = inode.layout == flat_inline ? inode.size % block_ : 0;
  append(out.extents, {inode.raw * block_, inode.size - tail});
  append(out.extents, {inode.place.end(), tail});
  return out;
}

base::Result<Map> Image::chunks(const Inode& inode, evidence::Sink& sink) const {
  Map out;
  const auto bits = inode.raw & 0x1F;
  if (bits > 31) return base::fail(Trouble::malformed, "chunks of 2^{} blocks", bits);
  const auto chunk = block_ << bits, count = inode.size / chunk + (inode.size % chunk != 0), width = std::uint64_t{inode.raw & 0x20 ? 8u : 4u};
  const auto start = round_up(inode.place.end(), width);
  if (count > bytes_.size() / width) return base::fail(Trouble::malformed, "a file of {} chunks", count);
  out.structure.push_back({start, count * width});
  base::Cursor at(base::slice(bytes_, start, count * width));
  for (std::uint64_t i = 0; i < count; ++i) {
    CHECK_OK(sink.spend(8));
    if (width == 8) at.skip(4);
    const auto block = at.u32();
    append(out.extents, {block * block_, std::min(chunk, inode.size - i * chunk), block == UINT32_MAX});
  }
  CHECK_OK(at.status("a list of EROFS chunks"));
  return out;
}

namespace {

// Packs of a compact index: a number of entries of equal width, then the block that stands in front
// of the first head of the pack.
class CompactIndex {
 public:
  CompactIndex(base::Bytes bytes, std::uint64_t base, unsigned cluster_bits, std::uint64_t count, bool short_ones, bool big)
      : bytes_(bytes), base_(base), cluster_bits_(cluster_bits), count_(count), big_(big) {
    wide_first_ = std::min<std::uint64_t>(count, (32 - base % 32) / 4 & 7);
    if (short_ones) short_ = (count - wide_first_) / 16 * 16;
  }
  std::uint64_t end() const {
    const auto wide = count_ - short_;
    return base_ + round_up(wide, 2) * 4 + short_ * 2;
  }

  base::Result<Index> at(std::uint64_t number) const {
    std::uint64_t place = base_, width = 4, inside = number;
    if (number >= wide_first_ && number < wide_first_ + short_) place += wide_first_ * 4, inside -= wide_first_, width = 2;
    else if (number >= wide_first_ + short_) place += wide_first_ * 4 + short_ * 2, inside -= wide_first_ + short_;
    const std::uint64_t in_pack = width == 2 ? 16 : 2, pack = place + inside / in_pack * in_pack * width;
    if (width == 2 && cluster_bits_ > 12) return base::fail(Trouble::unsupported, "a short index of large clusters is not read");
    const auto raw = base::slice(bytes_, pack, in_pack * width);
    if (raw.size() < in_pack * width) return base::fail(Trouble::truncated, "its index ends behind the image");
    const auto bits = static_cast<unsigned>((in_pack * width - 4) * 8 / in_pack);
    auto i = static_cast<int>(inside % in_pack);
    Index out = entry(raw, bits, i);
    if (out.kind == no_head) return out;
    std::uint64_t blocks = big_ ? 0 : 1;
    while (i > 0) {
      const auto before = entry(raw, bits, --i);
      if (!big_) {
        if (before.kind == no_head) i -= static_cast<int>(before.offset);
        if (i >= 0) ++blocks;
      } else if (before.kind != no_head) {
        ++blocks;
      } else if (before.offset & block_count_mark) {
        --i;
        blocks += before.offset & ~block_count_mark;
      } else {
        if (before.offset <= 1) return base::fail(Trouble::malformed, "its index contradicts itself");
        i -= static_cast<int>(before.offset) - 2;
      }
    }
    base::Cursor last(raw.subspan(raw.size() - 4));
    out.block = last.u32() + blocks;
    return out;
  }

 private:
  Index entry(base::Bytes raw, unsigned bits, int i) const {
    const auto low = std::max(cluster_bits_, 12u), at = bits * static_cast<unsigned>(i);
    base::Cursor in(base::slice(raw, at / 8, 4));
    std::uint32_t value = 0;
    for (unsigned k = 0; k < 4; ++k) value |= std::uint32_t{in.at_end() ? std::uint8_t{0} : in.u8()} << (8 * k);
    value >>= at % 8;
    return {value >> low & 3, value & ((1u << low) - 1), 0};
  }

  base::Bytes bytes_;
  std::uint64_t base_, wide_first_ = 0, short_ = 0;
  unsigned cluster_bits_;
  std::uint64_t count_;
  bool big_;
};

}  // namespace

base::Result<Map> Image::compressed(const Inode& inode, evidence::Sink& sink) const {
  Map out;
  const auto header = round_up(inode.place.end(), 8);
  base::Cursor at(base::slice(bytes_, header, 8));
  const auto tail_at = at.u32();
  const auto advise = at.u16();
  const auto methods = at.u8(), bits = at.u8();
  CHECK_OK(at.status("an EROFS index"));
  if (advise & fragment || bits & 0x80) return base::fail(Trouble::unsupported, "content in the packed inode is not read");
  const auto cluster_bits = static_cast<unsigned>(std::countr_zero(block_)) + (bits & 7);
  const auto cluster = 1ull << cluster_bits, count = inode.size / cluster + (inode.size % cluster != 0);
  if (cluster_bits > 14 || count > bytes_.size()) return base::fail(Trouble::malformed, "a file of {} clusters", count);
  const bool compact = inode.layout == compact_index, big = advise & big_1;
  const CompactIndex index(bytes_, header + 8, cluster_bits, count, advise & two_bytes, big);
  const auto index_end = compact ? index.end() : header + 16 + count * 8;
  out.structure.push_back({header, index_end - header});
  const auto read = [&](std::uint64_t i) -> base::Result<Index> {
    if (compact) return index.at(i);
    base::Cursor in(base::slice(bytes_, header + 16 + i * 8, 8));
    Index one;
    one.kind = in.u16() & 3;
    one.offset = in.u16();
    one.block = in.u32();
    if (one.kind == no_head) one.offset = static_cast<std::uint32_t>(one.block & 0xFFFF);
    CHECK_OK(in.status("an EROFS index"));
    return one;
  };
  std::uint64_t blocks = 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    CHECK_OK(sink.spend(16));
    const auto one = TRY(read(i));
    if (one.kind == no_head) {
      // The first cluster behind a head says how many blocks the head has.
      if (big && one.offset & block_count_mark && !out.clusters.empty() && out.clusters.back().packed.size == block_) out.clusters.back().packed.size = (one.offset & ~block_count_mark) * block_;
      continue;
    }
    const auto logical = i * cluster + one.offset;
    if (one.offset >= cluster || (!out.clusters.empty() && logical <= out.clusters.back().logical) || (out.clusters.empty() && logical != 0)) return base::fail(Trouble::malformed, "its index contradicts itself");
    if (!out.clusters.empty()) out.clusters.back().size = logical - out.clusters.back().logical;
    if (logical >= inode.size) break;  // a mark of the end
    Cluster c{logical, inode.size - logical, {one.block * block_, blocks * block_}, one.kind == plain, one.kind == head_2 ? methods >> 4u : methods & 15u};
    if (c.plain && advise & interlaced) c.rotation = logical % block_;
    out.clusters.push_back(c);
  }
  if (out.clusters.empty() && inode.size) return base::fail(Trouble::malformed, "its index has no head");
  // The last cluster may stand behind the index.
  if (advise & inline_tail && !out.clusters.empty() && tail_at >> 16) out.clusters.back().packed = {index_end, tail_at >> 16};
  return out;
}

base::Result<base::Buffer> Image::unpack(const Cluster& cluster) const {
  if (cluster.size > most_unpacked || cluster.packed.size > most_cluster) return base::fail(Trouble::malformed, "a cluster of {} bytes", cluster.size);
  auto raw = base::slice(bytes_, cluster.packed.offset, cluster.packed.size);
  if (raw.size() < cluster.packed.size) return base::fail(Trouble::truncated, "a cluster ends behind the image");
  base::Buffer out;
  if (cluster.plain) {
    if (cluster.size > raw.size()) return base::fail(Trouble::malformed, "a stored cluster is shorter than its content");
    const auto turn = static_cast<std::ptrdiff_t>(cluster.rotation < raw.size() ? cluster.rotation : 0);
    out.assign(raw.begin() + turn, raw.end());
    out.insert(out.end(), raw.begin(), raw.begin() + turn);
    out.resize(cluster.size);
    return out;
  }
  // Packed bytes stand at the end of their blocks, zeros in front.
  if (incompatible_ & 1)
    while (!raw.empty() && raw[0] == 0) raw = raw.subspan(1);
  if (cluster.method == 0) {
    out.resize(cluster.size);
    const int n = LZ4_decompress_safe_partial(reinterpret_cast<const char*>(raw.data()), reinterpret_cast<char*>(out.data()), static_cast<int>(raw.size()), static_cast<int>(out.size()), static_cast<int>(out.size()));
    if (n < 0 || static_cast<std::uint64_t>(n) != cluster.size) return base::fail(Trouble::malformed, "an LZ4 cluster is damaged");
    return out;
  }
  const stream::Take take = [&](base::Bytes b) -> base::Result<> {
    const auto n = std::min<std::uint64_t>(b.size(), cluster.size - out.size());
    out.insert(out.end(), b.begin(), b.begin() + static_cast<std::ptrdiff_t>(n));
    return {};
  };
  if (cluster.method == 2) (void)stream::deflate(raw, take);
  else if (cluster.method == 3) (void)stream::zstd_frame(raw, take);
  else return base::fail(Trouble::unsupported, "compression {} is not read", cluster.method);
  if (out.size() != cluster.size) return base::fail(Trouble::malformed, "a cluster is damaged");
  return out;
}

// Entries of 12 bytes; the first one's name offset says how many there are.
std::vector<Listed> Image::list(base::Bytes block) {
  std::vector<Listed> out;
  base::Cursor at(block);
  at.seek(8);
  const std::uint64_t first = at.u16(), count = first / 12;
  if (!at.ok() || first % 12 != 0 || first > block.size()) return out;
  for (std::uint64_t i = 0; i < count; ++i) {
    at.seek(i * 12);
    Listed one;
    one.nid = at.u64();
    const std::uint64_t from = at.u16();
    at.seek(i * 12 + 20);
    const std::uint64_t to = i + 1 < count ? at.u16() : block.size();
    if (from < first || to < from || to > block.size()) return out;
    auto name = base::text_of(base::slice(block, from, to - from));
    one.name = name.substr(0, name.find('\0'));
    if (!one.name.empty()) out.push_back(std::move(one));
  }
  return out;
}

}  // namespace unpack::erofs_format
