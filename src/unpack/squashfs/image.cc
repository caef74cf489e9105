// See image.h. Inodes and directories are read in inode.cc.
#include "unpack/squashfs/image.h"

#include <algorithm>

#include "base/checked.h"
#include "base/cursor.h"

namespace unpack::squashfs_format {

using base::Trouble;

base::Result<Image> Image::open(base::Bytes bytes) {
  const auto super = TRY(read_super(bytes));
  return Image(bytes, super);
}

base::Result<const Image::MetadataBlock*> Image::metadata_block(std::uint64_t at) {
  if (const auto found = cache_.find(at); found != cache_.end()) return &found->second;
  if (cache_.size() >= 16384) return base::fail(Trouble::limit, "more than 128 MiB of SquashFS metadata");
  base::Cursor in(base::slice(bytes_, at), super_.order);
  const auto header = in.u16();
  if (super_.checked_metadata) in.skip(1);
  const std::uint64_t size = header & 0x7fff;
  const auto packed = in.take(size);
  if (!in.ok() || size == 0) return base::fail(Trouble::malformed, "a SquashFS metadata block at {} is damaged", at);
  MetadataBlock block;
  block.space = in.position();
  const auto content = header & 0x8000 ? base::slice(packed, 0, 8192) : TRY(codec_.decode(packed, 8192, std::nullopt, true));
  block.bytes.assign(content.begin(), content.end());
  return &(cache_[at] = std::move(block));
}

std::uint64_t Image::metadata_space(std::uint64_t at) const {
  base::Cursor in(base::slice(bytes_, at), super_.order);
  const std::uint64_t size = in.u16() & 0x7fffu;
  if (super_.checked_metadata) in.skip(1);
  in.skip(size);
  return in.ok() && size ? in.position() : 0;
}

base::Result<> Image::settle(Position& at) {
  const auto* block = TRY(metadata_block(at.block));
  if (at.offset >= block->bytes.size()) at = {at.block + block->space, 0};
  return {};
}

base::Result<base::Bytes> Image::take(Position& at, std::uint64_t n) {
  if (n == 0) return base::Bytes{};
  const auto* block = TRY(metadata_block(at.block));
  if (at.offset > block->bytes.size() || (at.offset == block->bytes.size() && block->bytes.size() < 8192))
    return base::fail(Trouble::malformed, "a SquashFS reference points outside its block");
  if (base::fits(at.offset, n, block->bytes.size())) {
    const auto out = base::Bytes(block->bytes).subspan(at.offset, n);
    at.offset += static_cast<std::uint32_t>(n);
    return out;
  }
  if (n > (64u << 20)) return base::fail(Trouble::limit, "a SquashFS table of {} bytes", n);
  joined_.clear();
  while (true) {
    const auto part = base::slice(block->bytes, at.offset, n - joined_.size());
    joined_.insert(joined_.end(), part.begin(), part.end());
    at.offset += static_cast<std::uint32_t>(part.size());
    if (joined_.size() == n) return base::Bytes(joined_);
    if (block->bytes.empty()) return base::fail(Trouble::malformed, "an empty SquashFS metadata block");
    at = {at.block + block->space, 0};
    block = TRY(metadata_block(at.block));
  }
}

base::Result<std::uint32_t> Image::id(std::uint32_t index) {
  base::Cursor at(base::slice(bytes_, super_.id_table), super_.order);
  at.skip(std::uint64_t{index} / 2048 * 8);
  const auto block = at.u64();
  if (!at.ok() || index >= super_.ids) return base::fail(Trouble::malformed, "a SquashFS owner of number {}", index);
  Position where{block, index % 2048 * 4};
  const auto raw = TRY(take(where, 4));
  return base::Cursor(raw, super_.order).u32();
}

std::uint32_t Image::old_id(std::uint64_t table, std::uint32_t count, std::uint32_t index) const {
  if (index >= count) return 0;
  return base::Cursor(base::slice(bytes_, table + 4ull * index, 4), super_.order).u32();
}

std::vector<Image::Index> Image::indices() const {
  std::vector<Index> out;
  const auto blocks = [](std::uint64_t entries, std::uint64_t size) { return (entries * size + 8191) / 8192; };
  const auto& s = super_;
  if (s.version == 4) out.push_back({s.id_table, blocks(s.ids, 4)});
  if (s.fragments && s.fragment_table != none) out.push_back({s.fragment_table, blocks(s.fragments, s.version == 2 ? 8 : 16), s.version == 2 ? 4u : 8u});
  if (s.export_table != none && s.export_table != 0) out.push_back({s.export_table, blocks(s.inodes, 8)});
  if (s.xattr_table != none) {
    base::Cursor at(base::slice(bytes_, s.xattr_table, 16), s.order);
    at.skip(8);
    out.push_back({s.xattr_table + 16, blocks(at.u32(), 16)});
  }
  return out;
}

base::Result<Image::Fragment> Image::fragment(std::uint32_t index) {
  if (index >= super_.fragments) return base::fail(Trouble::malformed, "a SquashFS fragment of number {}", index);
  const bool narrow = super_.version == 2;
  const unsigned entry_size = narrow ? 8 : 16, in_a_block = 8192 / entry_size;
  base::Cursor at(base::slice(bytes_, super_.fragment_table), super_.order);
  at.skip(std::uint64_t{index} / in_a_block * (narrow ? 4 : 8));
  Position where{at.word(!narrow), index % in_a_block * entry_size};
  CHECK_OK(at.status("the SquashFS fragment table"));
  base::Cursor entry(TRY(take(where, entry_size)), super_.order);
  Fragment out;
  out.range.offset = entry.word(!narrow);
  out.size = entry.u32();
  out.range.size = stored(out.size);
  if (!base::fits(out.range.offset, out.range.size, bytes_.size())) return base::fail(Trouble::malformed, "a SquashFS fragment lies outside the image");
  return out;
}

base::Result<base::Bytes> Image::block(std::uint64_t offset, std::uint32_t size, std::optional<std::uint64_t> exact) {
  const auto n = stored(size);
  if (n > super_.block_size) return base::fail(Trouble::malformed, "a SquashFS data block of {} bytes", n);
  if (!base::fits(offset, n, bytes_.size())) return base::fail(Trouble::truncated, "a SquashFS data block lies outside the image");
  const auto raw = base::slice(bytes_, offset, n);
  if (size & (1u << 24)) return raw;
  return codec_.decode(raw, super_.block_size, exact, false);
}

}  // namespace unpack::squashfs_format
