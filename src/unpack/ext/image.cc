// See image.h.
#include "unpack/ext/image.h"

#include <algorithm>
#include <bit>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/disk/shares.h"

namespace unpack::ext_format {

using base::Trouble;

base::Result<Image> Image::open(base::Bytes bytes) {
  base::Cursor at(base::slice(bytes, 1024, 1024));
  const auto u32 = [&](std::uint64_t offset) {
    at.seek(offset);
    return at.u32();
  };
  const auto u16 = [&](std::uint64_t offset) {
    at.seek(offset);
    return at.u16();
  };
  Image out;
  out.bytes_ = bytes;
  auto& s = out.super_;
  if (u16(0x38) != 0xEF53) return base::fail(Trouble::malformed, "no ext superblock stands here");
  s.inodes = u32(0);
  s.blocks = u32(4);
  s.first_block = u32(0x14);
  const auto log_block = u32(0x18);
  s.blocks_a_group = u32(0x20);
  s.clusters_a_group = u32(0x24);
  s.inodes_a_group = u32(0x28);
  if (u32(0x4C) > 0) {
    s.first_inode = u32(0x54);
    s.inode_size = u16(0x58);
    s.compatible = u32(0x5C);
    s.incompatible = u32(0x60);
    s.read_only = u32(0x64);
    s.reserved_descriptors = s.compatible & 0x10 ? u16(0xCE) : 0;
    s.journal = s.compatible & 4 ? u32(0xE0) : 0;
    if (s.incompatible & wide) {
      s.descriptor_size = u16(0xFE);
      s.blocks |= std::uint64_t{u32(0x150)} << 32;
    }
    s.first_meta_group = u32(0x104);
    if (s.incompatible & mmp) s.mmp_block = u32(0x168) | std::uint64_t{u32(0x16C)} << 32;
    s.quotas[0] = u32(0x240), s.quotas[1] = u32(0x244), s.quotas[2] = u32(0x26C);
    s.backups[0] = u32(0x24C), s.backups[1] = u32(0x250);
    s.orphans = s.compatible & 0x1000 ? u32(0x280) : 0;
  }
  CHECK_OK(at.status("the ext superblock"));
  if (s.incompatible & journal_device) return base::fail(Trouble::unsupported, "an ext journal on a device of its own is not read");
  if (log_block > 6 || s.first_block > 1 || s.blocks <= s.first_block || s.blocks > 1ull << 48) return base::fail(Trouble::malformed, "the ext superblock contradicts itself");
  s.block_size = 1024ull << log_block;
  if (s.blocks_a_group == 0 || s.inodes_a_group == 0 || s.inode_size < 128 || s.inode_size > s.block_size || !std::has_single_bit(s.inode_size))
    return base::fail(Trouble::malformed, "the ext superblock has groups of {} blocks and inodes of {} bytes", s.blocks_a_group, s.inode_size);
  if (s.descriptor_size < 32 || s.descriptor_size > 1024 || !std::has_single_bit(s.descriptor_size)) return base::fail(Trouble::malformed, "ext group descriptors of {} bytes", s.descriptor_size);
  if (!base::fits(0, (s.first_block + 1) * s.block_size, bytes.size())) return base::fail(Trouble::truncated, "the ext file system ends in front of its groups");
  return out;
}

bool Image::has_super(std::uint64_t group) const {
  if (group == 0) return true;
  if (super_.compatible & 0x200) return group == super_.backups[0] || group == super_.backups[1];
  if (!(super_.read_only & 1) || group == 1) return true;
  for (const std::uint64_t base : {3u, 5u, 7u}) {
    auto power = base;
    while (power < group) power *= base;
    if (power == group) return true;
  }
  return false;
}

base::Range Image::descriptor(std::uint64_t group) const {
  const auto a_block = super_.block_size / super_.descriptor_size, meta = group / a_block, inside = group % a_block * super_.descriptor_size;
  auto at = super_.first_block + in_front(0) + meta;
  if (super_.incompatible & meta_groups && meta >= super_.first_meta_group) {
    at = first_block_of(meta * a_block) + (has_super(meta * a_block) ? in_front(meta) : 0);
  }
  return {at * super_.block_size + inside, super_.descriptor_size};
}

Group Image::group(std::uint64_t number) const {
  Group out;
  const auto place = descriptor(number);
  base::Cursor at(base::slice(bytes_, place.offset, place.size));
  out.block_bitmap = at.u32();
  out.inode_bitmap = at.u32();
  out.inode_table = at.u32();
  at.skip(6);
  const auto flags = at.u16();
  out.inodes_unset = checksummed() && flags & 1;
  out.blocks_unset = checksummed() && flags & 2;
  if (super_.descriptor_size >= 64) {
    at.seek(0x20);
    out.block_bitmap |= std::uint64_t{at.u32()} << 32;
    out.inode_bitmap |= std::uint64_t{at.u32()} << 32;
    out.inode_table |= std::uint64_t{at.u32()} << 32;
  }
  for (auto* block : {&out.block_bitmap, &out.inode_bitmap, &out.inode_table})
    if (*block >= super_.blocks) *block = 0;
  return out;
}

bool Image::in_use(std::uint32_t inode) const {
  const auto index = (inode - 1) % super_.inodes_a_group;
  const auto g = group((inode - 1) / super_.inodes_a_group);
  if (g.inodes_unset || g.inode_bitmap == 0) return false;
  const auto byte = base::slice(bytes_, g.inode_bitmap * super_.block_size + index / 8, 1);
  return !byte.empty() && byte[0] >> index % 8 & 1;
}

base::Result<Inode> Image::inode(std::uint32_t number) const {
  if (number == 0 || number > super_.inodes) return base::fail(Trouble::malformed, "an inode of number {}", number);
  const auto table = group((number - 1) / super_.inodes_a_group).inode_table;
  if (table == 0) return base::fail(Trouble::malformed, "the group of inode {} has no inode table", number);
  Inode out;
  out.number = number;
  out.place = {table * super_.block_size + std::uint64_t{(number - 1) % super_.inodes_a_group} * super_.inode_size, super_.inode_size};
  if (!base::fits(out.place.offset, out.place.size, bytes_.size())) return base::fail(Trouble::truncated, "inode {} lies behind the image", number);
  base::Cursor at(base::slice(bytes_, out.place.offset, out.place.size));
  out.mode = at.u16();
  out.uid = at.u16();
  out.size = at.u32();
  at.seek(0x14);
  out.deleted = at.u32();
  out.gid = at.u16();
  out.links = at.u16();
  out.blocks = at.u32();
  out.flags = at.u32();
  out.map = {out.place.offset + 0x28, 60};
  at.seek(0x68);
  out.attributes = at.u32();
  if (out.is_file() || out.is_directory()) out.size |= std::uint64_t{at.u32()} << 32;
  at.seek(0x76);
  out.attributes |= std::uint64_t{at.u16()} << 32;
  out.uid |= std::uint32_t{at.u16()} << 16;
  out.gid |= std::uint32_t{at.u16()} << 16;
  if (super_.inode_size >= 132) {
    at.seek(0x80);
    const std::uint64_t extra = at.u16();
    if (extra % 4 == 0 && 128 + extra <= super_.inode_size) read_attributes(out, 128 + extra);
  }
  return out;
}

// Attributes inside the inode: only the one that holds inline content is looked for (index 7,
// "data"); the others are structure.
void Image::read_attributes(Inode& inode, std::uint64_t extra) const {
  const auto whole = base::slice(bytes_, inode.place.offset, inode.place.size);
  base::Cursor at(whole.subspan(extra));
  if (at.left() < 4 || at.u32() != 0xEA020000) {
    inode.tail = {inode.place.offset + extra, whole.size() - extra};
    return;
  }
  while (at.left() >= 16) {
    const auto name_size = at.u8(), index = at.u8();
    const std::uint64_t offset = at.u16();
    const auto elsewhere = at.u32();
    const std::uint64_t size = at.u32();
    at.skip(4);
    if (name_size == 0 && index == 0) return;
    const auto name = base::text_of(at.take(name_size));
    at.align(4);
    if (!at.ok()) return;
    if (index == 7 && name == "data" && elsewhere == 0 && inode.flags & inlined && base::fits(extra + 4 + offset, size, whole.size()))
      inode.more = {inode.place.offset + extra + 4 + offset, size};
  }
}

namespace {

class Mapper {
 public:
  Mapper(const Image& image, const Inode& inode, evidence::Sink& sink) : image_(image), inode_(inode), sink_(sink), size_(image.super().block_size), wanted_((inode.size + size_ - 1) / size_) {}

  base::Result<Map> run() {
    if (inode_.flags & extents) {
      CHECK_OK(node(base::slice(image_.bytes(), inode_.map.offset, 60), 6));
    } else {
      base::Cursor at(base::slice(image_.bytes(), inode_.map.offset, 60));
      for (int i = 0; i < 12 && made_ < wanted_; ++i) put(at.u32());
      at.seek(48);
      for (int depth = 1; depth <= 3 && made_ < wanted_; ++depth) CHECK_OK(pointers(at.u32(), depth));
    }
    if (made_ < wanted_) hole(wanted_ - made_);
    return std::move(map_);
  }

 private:
  void hole(std::uint64_t blocks) {
    append(map_.extents, {0, blocks * size_, true});
    made_ += blocks;
  }
  void put(std::uint64_t block) {
    if (block == 0) return hole(1);
    append(map_.extents, {block * size_, size_});
    ++made_;
  }

  base::Result<> pointers(std::uint64_t block, int depth) {
    CHECK_OK(sink_.spend(1));
    std::uint64_t covers = 1;
    for (int i = 0; i < depth; ++i) covers *= size_ / 4;
    if (block == 0) {
      hole(std::min(covers, wanted_ - made_));
      return {};
    }
    if (block >= image_.super().blocks) return base::fail(Trouble::malformed, "a block of number {} holds its map", block);
    map_.structure.push_back(image_.block(block));
    base::Cursor at(image_.block_bytes(block));
    CHECK_OK(sink_.spend(size_));
    for (std::uint64_t i = 0; i < size_ / 4 && made_ < wanted_; ++i) {
      const auto next = at.u32();
      if (depth == 1) put(next);
      else CHECK_OK(pointers(next, depth - 1));
    }
    return {};
  }

  base::Result<> node(base::Bytes raw, unsigned most_depth) {
    base::Cursor at(raw);
    const auto magic = at.u16(), count = at.u16();
    at.skip(2);
    const auto depth = at.u16();
    at.skip(4);
    if (magic != 0xF30A || depth >= most_depth || count > (raw.size() - 12) / 12) return base::fail(Trouble::malformed, "its extent tree is damaged");
    for (unsigned i = 0; i < count; ++i) {
      CHECK_OK(sink_.spend(12));
      const std::uint64_t logical = at.u32();
      if (depth == 0) {
        const std::uint64_t length = at.u16();
        const auto high = at.u16();
        CHECK_OK(leaf(logical, length, at.u32() | std::uint64_t{high} << 32));
        continue;
      }
      const auto low = at.u32();
      const auto child = low | std::uint64_t{at.u16()} << 32;
      at.skip(2);
      if (child == 0 || child >= image_.super().blocks) return base::fail(Trouble::malformed, "a block of number {} holds its extents", child);
      map_.structure.push_back(image_.block(child));
      CHECK_OK(node(image_.block_bytes(child), depth));
    }
    return {};
  }

  // More than 32,768 blocks: reserved but not written, so the content is zeros.
  base::Result<> leaf(std::uint64_t logical, std::uint64_t length, std::uint64_t start) {
    const bool unwritten = length > 32768;
    if (unwritten) length -= 32768;
    if (length == 0 || start + length > image_.super().blocks) return base::fail(Trouble::malformed, "an extent lies outside the file system");
    if (logical >= wanted_) {
      map_.behind.push_back(image_.block(start, length));
      return {};
    }
    if (logical < made_) return base::fail(Trouble::malformed, "its extents overlap");
    if (logical > made_) hole(logical - made_);
    const auto inside = std::min(length, wanted_ - made_);
    if (inside < length) map_.behind.push_back(image_.block(start + inside, length - inside));
    if (unwritten) hole(inside);
    else append(map_.extents, {start * size_, inside * size_}), made_ += inside;
    return {};
  }

  const Image& image_;
  const Inode& inode_;
  evidence::Sink& sink_;
  const std::uint64_t size_, wanted_;
  std::uint64_t made_ = 0;
  Map map_;
};

}  // namespace

base::Result<Map> Image::map(const Inode& inode, evidence::Sink& sink) const {
  if (inode.flags & inlined) {
    Map out;
    out.extents.push_back({inode.map.offset, 60});
    append(out.extents, {inode.more.offset, inode.more.size});
    return out;
  }
  if (inode.size > 1ull << 60) return base::fail(Trouble::malformed, "a size of {} bytes", inode.size);
  return Mapper(*this, inode, sink).run();
}

}  // namespace unpack::ext_format
