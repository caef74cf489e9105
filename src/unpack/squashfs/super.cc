// See super.h.
#include "unpack/squashfs/super.h"

#include "base/cursor.h"

namespace unpack::squashfs_format {
namespace {

using base::Trouble;

// What the old versions lack stays as it is.
Super old_super(base::Bytes bytes, std::endian order, unsigned version) {
  Super s;
  s.order = order;
  s.version = version;
  base::Cursor at(bytes, order);
  at.skip(4);
  s.inodes = at.u32();
  s.used = at.u32();
  s.id_table = at.u32();
  s.gid_table = at.u32();
  s.inode_table = at.u32();
  s.directory_table = at.u32();
  at.skip(4);
  s.block_size = at.u16();
  at.skip(2);
  s.checked_metadata = at.u8() & 4;
  s.ids = at.u8();
  s.gids = at.u8();
  at.skip(4);
  s.root = at.u64();
  s.fragment_table = s.export_table = s.xattr_table = none;
  s.size = 51;
  if (version == 1) return s;
  s.block_size = at.u32();
  s.fragments = at.u32();
  s.fragment_table = at.u32();
  s.size = 63;
  if (version == 2) return s;
  s.used = at.u64();
  s.id_table = at.u64();
  s.gid_table = at.u64();
  s.inode_table = at.u64();
  s.directory_table = at.u64();
  s.fragment_table = at.u64();
  s.export_table = at.u64();
  s.size = 119;
  return s;
}

Super new_super(base::Bytes bytes, std::endian order) {
  Super s;
  s.order = order;
  s.version = 4;
  base::Cursor at(bytes, order);
  at.skip(4);
  s.inodes = at.u32();
  at.skip(4);
  s.block_size = at.u32();
  s.fragments = at.u32();
  s.compressor = static_cast<Compressor>(at.u16());
  at.skip(2);
  s.options = at.u16() & 0x400;
  s.ids = at.u16();
  at.skip(4);
  s.root = at.u64();
  s.used = at.u64();
  s.id_table = at.u64();
  s.xattr_table = at.u64();
  s.inode_table = at.u64();
  s.directory_table = at.u64();
  s.fragment_table = at.u64();
  s.export_table = at.u64();
  s.size = 96;
  return s;
}

}  // namespace

base::Result<Super> read_super(base::Bytes bytes) {
  // Makers change the magic, so the version tells the byte order.
  auto order = std::endian::little;
  auto version = base::Cursor(base::slice(bytes, 28), order).u16();
  if (version > 4) {
    order = std::endian::big;
    version = base::Cursor(base::slice(bytes, 28), order).u16();
  }
  if (version < 1 || version > 4) return base::fail(Trouble::malformed, "no SquashFS version stands in the superblock");
  const auto s = version == 4 ? new_super(bytes, order) : old_super(bytes, order, version);
  if (bytes.size() < s.size) return base::fail(Trouble::truncated, "the SquashFS superblock ends at byte {}", bytes.size());
  if (s.block_size < 512 || s.block_size > (1u << 20)) return base::fail(Trouble::malformed, "a SquashFS block size of {}", s.block_size);
  if (s.version == 4 && (s.compressor < Compressor::gzip || s.compressor > Compressor::zstd))
    return base::fail(Trouble::unsupported, "SquashFS compressor {} is unknown", static_cast<unsigned>(s.compressor));
  return s;
}

std::uint64_t Bits::take(unsigned bits) {
  std::uint64_t value = 0;
  for (unsigned done = 0; done < bits;) {
    const auto byte = at_ / 8 < bytes_.size() ? bytes_[at_ / 8] : 0u;
    const unsigned inside = at_ % 8, n = std::min(8 - inside, bits - done);
    if (order_ == std::endian::little) value |= std::uint64_t{byte >> inside & ((1u << n) - 1)} << done;
    else value = value << n | (byte >> (8 - inside - n) & ((1u << n) - 1));
    done += n;
    at_ += n;
  }
  return value;
}

}  // namespace unpack::squashfs_format
