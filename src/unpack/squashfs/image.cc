// See image.h.
#include "unpack/squashfs/image.h"

#include <lz4.h>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/stream.h"

namespace unpack::squashfs_format {

using base::Trouble;

base::Result<Image> Image::open(base::Bytes bytes) {
  base::Cursor at(bytes);
  if (at.u32() != 0x73717368) return base::fail(Trouble::unsupported, "a SquashFS of the other byte order is not read");
  Image out;
  out.bytes_ = bytes;
  auto& s = out.super_;
  s.inodes = at.u32();
  at.skip(4);
  s.block_size = at.u32();
  s.fragments = at.u32();
  s.compressor = at.u16();
  at.skip(2);
  s.flags = at.u16();
  s.ids = at.u16();
  const auto version = at.u16();
  at.skip(2);
  s.root = at.u64();
  s.used = at.u64();
  s.id_table = at.u64();
  at.skip(8);
  s.inode_table = at.u64();
  s.directory_table = at.u64();
  s.fragment_table = at.u64();
  CHECK_OK(at.status("the SquashFS superblock"));
  if (version != 4) return base::fail(Trouble::unsupported, "SquashFS version {} is not read", version);
  if (s.compressor < 1 || s.compressor > 6) return base::fail(Trouble::malformed, "SquashFS compressor {} is unknown", s.compressor);
  if (s.compressor == 3) return base::fail(Trouble::unsupported, "a SquashFS compressed with LZO is not read");
  if (s.block_size < 4096 || s.block_size > (1u << 20)) return base::fail(Trouble::malformed, "a SquashFS block size of {}", s.block_size);
  if (s.used > bytes.size()) return base::fail(Trouble::truncated, "the SquashFS image ends early: {} of {} bytes", bytes.size(), s.used);
  return out;
}

base::Result<base::Buffer> Image::decompress(base::Bytes packed, std::uint64_t most) const {
  base::Buffer out;
  if (super_.compressor == 5) {
    out.resize(most);
    const int n = LZ4_decompress_safe(reinterpret_cast<const char*>(packed.data()), reinterpret_cast<char*>(out.data()), static_cast<int>(packed.size()), static_cast<int>(most));
    if (n < 0) return base::fail(Trouble::malformed, "a SquashFS block is damaged");
    out.resize(static_cast<std::size_t>(n));
    return out;
  }
  const stream::Take take = [&](base::Bytes b) -> base::Result<> {
    if (out.size() + b.size() > most) return base::fail(Trouble::malformed, "a SquashFS block is larger than it may be");
    out.insert(out.end(), b.begin(), b.end());
    return {};
  };
  stream::Decoded done;
  switch (super_.compressor) {
    case 1: done = stream::zlib(packed, take); break;
    case 2: done = stream::lzma_alone(packed, take); break;
    case 4: done = stream::xz(packed, take); break;
    default: done = stream::zstd_frame(packed, take); break;
  }
  if (!done.end) return std::unexpected(done.end.error());
  return out;
}

base::Result<const Image::MetadataBlock*> Image::metadata_block(std::uint64_t at) {
  if (const auto found = cache_.find(at); found != cache_.end()) return &found->second;
  if (cache_.size() >= 16384) return base::fail(Trouble::limit, "more than 128 MiB of SquashFS metadata");
  base::Cursor in(base::slice(bytes_, at));
  const auto header = in.u16();
  const std::uint64_t size = header & 0x7fff;
  const auto packed = in.take(size);
  if (!in.ok() || size == 0) return base::fail(Trouble::malformed, "a SquashFS metadata block at {} is damaged", at);
  MetadataBlock block;
  block.next = at + 2 + size;
  if (header & 0x8000) block.bytes.assign(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(size, 8192)));
  else block.bytes = TRY(decompress(packed, 8192));
  return &(cache_[at] = std::move(block));
}

base::Result<base::Buffer> Image::metadata(std::uint64_t at, std::uint32_t offset, std::uint64_t n) {
  base::Buffer out;
  if (n > (64u << 20)) return base::fail(Trouble::limit, "a SquashFS table of {} bytes", n);
  while (out.size() < n) {
    const auto* block = TRY(metadata_block(at));
    if (offset >= block->bytes.size()) return base::fail(Trouble::malformed, "a SquashFS reference points outside its block");
    const auto take = std::min<std::uint64_t>(n - out.size(), block->bytes.size() - offset);
    out.insert(out.end(), block->bytes.begin() + offset, block->bytes.begin() + static_cast<std::ptrdiff_t>(offset + take));
    offset = 0;
    at = block->next;
  }
  return out;
}

base::Result<Inode> Image::inode(std::uint64_t reference) {
  const auto block = base::checked_add(super_.inode_table, reference >> 16);
  if (!block) return base::fail(Trouble::malformed, "a SquashFS inode reference overflows");
  const auto offset = static_cast<std::uint32_t>(reference & 0xffff);
  static constexpr std::uint32_t sizes[] = {0, 32, 32, 24, 24, 24, 20, 20, 40, 56, 24, 28, 28, 24, 24};
  const auto head = TRY(metadata(*block, offset, 16));
  base::Cursor first{base::Bytes(head)};
  Inode out;
  const auto type = first.u16();
  if (type < 1 || type > 14) return base::fail(Trouble::malformed, "a SquashFS inode of type {}", type);
  out.type = type > 7 ? type - 7 : type;
  out.mode = first.u16();
  out.uid = first.u16();
  out.gid = first.u16();
  first.skip(4);
  out.number = first.u32();
  const auto whole = TRY(metadata(*block, offset, sizes[type]));
  base::Cursor at{base::Bytes(whole)};
  at.skip(16);
  std::uint64_t list_at = sizes[type];
  if (type == 1) {
    out.directory_block = at.u32();
    at.skip(4);
    out.size = at.u16();
    out.directory_offset = at.u16();
  } else if (type == 8) {
    at.skip(4);
    out.size = at.u32();
    out.directory_block = at.u32();
    at.skip(6);
    out.directory_offset = at.u16();
  } else if (type == 2) {
    out.blocks_start = at.u32();
    out.fragment = at.u32();
    out.fragment_offset = at.u32();
    out.size = at.u32();
  } else if (type == 9) {
    out.blocks_start = at.u64();
    out.size = at.u64();
    at.skip(12);
    out.fragment = at.u32();
    out.fragment_offset = at.u32();
  } else if (type == 3 || type == 10) {
    at.skip(4);
    const auto size = at.u32();
    if (size > 65536) return base::fail(Trouble::malformed, "a SquashFS link of {} bytes", size);
    const auto text = TRY(metadata(*block, offset, list_at + size));
    out.target = base::text_of(base::slice(text, list_at));
  }
  if (out.type == 2) {
    const auto blocks = out.fragment == UINT32_MAX ? (out.size + super_.block_size - 1) / super_.block_size : out.size / super_.block_size;
    if (out.size > (1ull << 50) || blocks > (8u << 20)) return base::fail(Trouble::limit, "a SquashFS file of {} bytes", out.size);
    const auto list = TRY(metadata(*block, offset, list_at + 4 * blocks));
    base::Cursor values(base::slice(list, list_at));
    for (std::uint64_t i = 0; i < blocks; ++i) out.block_sizes.push_back(values.u32());
  }
  return out;
}

base::Result<std::vector<Listed>> Image::list(const Inode& directory) {
  std::vector<Listed> out;
  if (directory.size <= 3) return out;
  const auto block = base::checked_add(super_.directory_table, directory.directory_block);
  if (!block) return base::fail(Trouble::malformed, "a SquashFS directory reference overflows");
  const auto listing = TRY(metadata(*block, directory.directory_offset, directory.size - 3));
  base::Cursor at{base::Bytes(listing)};
  while (at.left() >= 12) {
    const std::uint64_t count = std::uint64_t{at.u32()} + 1;
    const std::uint64_t start = at.u32();
    at.skip(4);
    if (count > 256) return base::fail(Trouble::malformed, "a SquashFS directory run of {} entries", count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t offset = at.u16();
      at.skip(4);
      const auto size = at.u16();
      const auto name = base::text_of(at.take(std::uint64_t{size} + 1));
      CHECK_OK(at.status("a SquashFS directory"));
      out.push_back({std::string(name), start << 16 | offset});
    }
  }
  return out;
}

base::Result<std::uint32_t> Image::id(std::uint16_t index) {
  base::Cursor at(base::slice(bytes_, super_.id_table));
  at.skip(std::uint64_t{index} / 2048 * 8);
  const auto block = at.u64();
  if (!at.ok() || index >= super_.ids) return base::fail(Trouble::malformed, "a SquashFS owner of number {}", index);
  const auto raw = TRY(metadata(block, (index % 2048) * 4, 4));
  return base::Cursor{base::Bytes(raw)}.u32();
}

base::Result<Image::Fragment> Image::fragment(std::uint32_t index) {
  if (index >= super_.fragments) return base::fail(Trouble::malformed, "a SquashFS fragment of number {}", index);
  base::Cursor at(base::slice(bytes_, super_.fragment_table));
  at.skip(std::uint64_t{index} / 512 * 8);
  const auto block = at.u64();
  CHECK_OK(at.status("the SquashFS fragment table"));
  const auto raw = TRY(metadata(block, (index % 512) * 16, 16));
  base::Cursor entry{base::Bytes(raw)};
  Fragment out;
  out.range.offset = entry.u64();
  out.size = entry.u32();
  out.range.size = stored(out.size);
  if (!base::fits(out.range.offset, out.range.size, bytes_.size())) return base::fail(Trouble::malformed, "a SquashFS fragment lies outside the image");
  return out;
}

base::Result<base::Buffer> Image::block(std::uint64_t offset, std::uint32_t size) const {
  const auto n = stored(size);
  if (n > super_.block_size || !base::fits(offset, n, bytes_.size())) return base::fail(Trouble::malformed, "a SquashFS data block lies outside the image");
  const auto raw = base::slice(bytes_, offset, n);
  if (size & (1u << 24)) return base::Buffer(raw.begin(), raw.end());
  return decompress(raw, super_.block_size);
}

}  // namespace unpack::squashfs_format
