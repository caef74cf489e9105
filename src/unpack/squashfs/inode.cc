// Inodes and directories of a SquashFS; see image.h.
#include <array>

#include "base/checked.h"
#include "base/cursor.h"
#include "unpack/squashfs/image.h"

namespace unpack::squashfs_format {

using base::Trouble;

base::Result<Inode> Image::inode(std::uint64_t reference) {
  const auto block = base::checked_add(super_.inode_table, reference >> 16);
  if (!block) return base::fail(Trouble::malformed, "a SquashFS inode reference overflows");
  Position at{*block, static_cast<std::uint32_t>(reference & 0xffff)};
  return inode(at);
}

base::Result<Inode> Image::inode(Position& at) {
  Inode out;
  CHECK_OK(super_.version == 4 ? new_inode(at, out) : old_inode(at, out));
  return out;
}

// Version 4, "Inode Table": a common header, then by type; types 8 to 14 are the extended ones.
base::Result<> Image::new_inode(Position& at, Inode& out) {
  static constexpr std::array<std::uint32_t, 15> sizes = {0, 16, 16, 8, 8, 8, 4, 4, 24, 40, 8, 12, 12, 8, 8};
  base::Cursor head(TRY(take(at, 16)), super_.order);
  const auto type = head.u16();
  if (type < 1 || type > 14) return base::fail(Trouble::malformed, "a SquashFS inode of type {}", type);
  out.type = static_cast<Type>(type > 7 ? type - 7 : type);
  out.mode = head.u16();
  const auto uid = head.u16(), gid = head.u16();
  base::Cursor in(TRY(take(at, sizes[type])), super_.order);
  std::uint32_t link = 0, indexes = 0;
  switch (type) {
    case 1:
      out.directory_block = in.u32();
      in.skip(4);
      out.size = in.u16();
      out.directory_offset = in.u16();
      break;
    case 8:
      in.skip(4);
      out.size = in.u32();
      out.directory_block = in.u32();
      in.skip(4);
      indexes = in.u16();
      out.directory_offset = in.u16();
      break;
    case 2:
      out.blocks_start = in.u32();
      out.fragment = in.u32();
      out.fragment_offset = in.u32();
      out.size = in.u32();
      break;
    case 9:
      out.blocks_start = in.u64();
      out.size = in.u64();
      in.skip(12);
      out.fragment = in.u32();
      out.fragment_offset = in.u32();
      break;
    default:
      in.skip(4);
      if (type == 3 || type == 10) link = in.u32();
      else if (out.type == Type::block_device || out.type == Type::character_device) out.device = in.u32();
      break;
  }
  if (out.type == Type::symlink) {
    if (link > 65536) return base::fail(Trouble::malformed, "a SquashFS link of {} bytes", link);
    out.target = base::text_of(TRY(take(at, link)));
    if (type == 10) (void)TRY(take(at, 4));
  }
  if (out.type == Type::file) CHECK_OK(rest_of_file(at, out));
  if (indexes) CHECK_OK(rest_of_directory(at, indexes));
  if (out.type == Type::directory) out.size -= std::min<std::uint64_t>(out.size, 3);  // "." and ".." count as if they were there
  out.uid = id(uid).value_or(0);
  out.gid = id(gid).value_or(0);
  return {};
}

// Versions 1 to 3: bit fields. Version 1 folds the owner's upper bits into the type.
base::Result<> Image::old_inode(Position& at, Inode& out) {
  const auto version = super_.version;
  const auto order = super_.order;
  Bits head(TRY(take(at, version == 1 ? 3 : version == 2 ? 4 : 12)), order);
  auto type = head.take32(4);
  out.mode = static_cast<std::uint16_t>(head.take32(12));
  auto uid = head.take32(version == 1 ? 4 : 8);
  const auto gid = head.take32(version == 1 ? 4 : 8);
  if (version == 1) {
    if (type == 0) {
      Bits more(TRY(take(at, 1)), order);
      type = more.take32(4);
      uid += more.take32(4) * 16;
    } else {
      uid += (type - 1) / 5 * 16;
      type = (type - 1) % 5 + 1;
    }
  }
  const bool large = version > 1 && type > 7;
  out.type = static_cast<Type>(large ? type - 7 : type);
  if (type < 1 || type > 9) return base::fail(Trouble::malformed, "a SquashFS inode of type {}", type);
  out.uid = old_id(super_.id_table, super_.ids, uid);
  out.gid = gid == (version == 1 ? 15u : 255u) ? out.uid : old_id(super_.gid_table, super_.gids, gid);
  const unsigned links = version == 3 ? 32 : 0, times = version == 3 ? 0 : 32;
  switch (out.type) {
    case Type::directory: {
      const unsigned bits = links + (large ? 27 : 19) + 13 + times + (version == 3 ? 32 : 24) + (large ? 16 : 0) + (version == 3 ? 32 : 0);
      Bits in(TRY(take(at, bits / 8)), order);
      in.take(links);
      out.size = in.take32(large ? 27 : 19);
      out.directory_offset = in.take32(13);
      in.take(times);
      out.directory_block = in.take32(version == 3 ? 32 : 24);
      const auto indexes = large ? in.take32(16) : 0;
      if (version == 3) out.size -= std::min<std::uint64_t>(out.size, 3);
      return rest_of_directory(at, indexes);
    }
    case Type::file: {
      const unsigned wide = large ? 64 : 32;
      const unsigned bits = times + (large ? 32 : 0) + (version == 3 ? 64 : 32) + (version == 1 ? 0 : 64) + wide;
      Bits in(TRY(take(at, bits / 8)), order);
      in.take(times);
      in.take(large ? 32 : 0);
      out.blocks_start = in.take(version == 3 ? 64 : 32);
      if (version > 1) {
        out.fragment = in.take32();
        out.fragment_offset = in.take32();
      }
      out.size = in.take(wide);
      return rest_of_file(at, out);
    }
    case Type::symlink: {
      Bits in(TRY(take(at, (links + 16) / 8)), order);
      in.take(links);
      out.target = base::text_of(TRY(take(at, in.take32(16))));
      return {};
    }
    case Type::block_device:
    case Type::character_device: {
      Bits in(TRY(take(at, (links + 16) / 8)), order);
      in.take(links);
      out.device = in.take32(16);
      return {};
    }
    default:
      if (links) (void)TRY(take(at, links / 8));
      return {};
  }
}

// The sizes of a file's blocks. Version 1 writes 16 bits each, with the mark in the highest.
base::Result<> Image::rest_of_file(Position& at, Inode& out) {
  const auto size = super_.block_size;
  const auto blocks = out.size / size + (out.fragment == UINT32_MAX && out.size % size ? 1 : 0);
  if (out.size > (1ull << 50) || blocks > (8u << 20)) return base::fail(Trouble::limit, "a SquashFS file of {} bytes", out.size);
  const bool narrow = super_.version == 1;
  base::Cursor in(TRY(take(at, blocks * (narrow ? 2 : 4))), super_.order);
  out.block_sizes.reserve(blocks);
  for (std::uint64_t i = 0; i < blocks; ++i) {
    if (!narrow) {
      out.block_sizes.push_back(in.u32());
      continue;
    }
    const std::uint32_t raw = in.u16();
    const auto length = raw & 0x7fff ? raw & 0x7fff : 0x8000u;
    out.block_sizes.push_back(length | (raw & 0x8000 ? 1u << 24 : 0));
  }
  return {};
}

// The index of a large directory, which only speeds up lookups.
base::Result<> Image::rest_of_directory(Position& at, std::uint64_t indexes) {
  const unsigned head = super_.version == 4 ? 12 : super_.version == 3 ? 9 : 8;
  for (std::uint64_t i = 0; i < indexes; ++i) {
    const auto entry = TRY(take(at, head));
    const std::uint64_t name = super_.version == 4 ? base::Cursor(entry.subspan(8), super_.order).u32() : entry[head - 1];
    if (name > 255) return base::fail(Trouble::malformed, "a SquashFS directory index of {} letters", name);
    (void)TRY(take(at, name + 1));
  }
  return {};
}

base::Result<> Image::list(const Inode& directory, std::vector<Listed>& out) {
  if (directory.size == 0) return {};
  const auto block = base::checked_add(super_.directory_table, directory.directory_block);
  if (!block) return base::fail(Trouble::malformed, "a SquashFS directory reference overflows");
  const unsigned version = super_.version;
  Position at{*block, directory.directory_offset};
  for (std::uint64_t left = directory.size, used = 0; left > 0; left -= std::min(left, used)) {
    const unsigned head_size = version == 4 ? 12 : version == 3 ? 9 : 4;
    Bits head(TRY(take(at, head_size)), super_.order);
    const auto count = head.take(version == 4 ? 32 : 8) + 1;
    const auto start = head.take(version >= 3 ? 32 : 24);
    if (count > 256) return base::fail(Trouble::malformed, "a SquashFS directory run of {} entries", count);
    if (out.size() > (2u << 20)) return base::fail(Trouble::limit, "a SquashFS directory of more than 2 million entries");
    used = head_size;
    for (std::uint64_t i = 0; i < count; ++i) {
      const unsigned entry_size = version == 4 ? 8 : version == 3 ? 5 : 3;
      Bits entry(TRY(take(at, entry_size)), super_.order);
      const auto offset = entry.take(version == 4 ? 16 : 13);
      entry.take(version == 4 ? 32 : 3);
      const auto size = entry.take(version == 4 ? 16 : 8) + 1;
      if (size > 256) return base::fail(Trouble::malformed, "a SquashFS name of {} letters", size);
      out.push_back({std::string(base::text_of(TRY(take(at, size)))), start << 16 | offset});
      used += entry_size + size;
    }
  }
  return {};
}

}  // namespace unpack::squashfs_format
