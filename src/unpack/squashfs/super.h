// The superblock of a SquashFS, versions 1 to 4 in both byte orders, in one form.
// Version 4: https://dr-emann.github.io/squashfs/squashfs.html. Versions 1 to 3 are laid out as
// packed bit fields; their order is that of the Linux patches of 2002 to 2008.
#pragma once

#include <bit>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::squashfs_format {

enum class Compressor : std::uint16_t { unknown = 0, gzip = 1, lzma = 2, lzo = 3, xz = 4, lz4 = 5, zstd = 6 };

struct Super {
  std::endian order = std::endian::little;
  unsigned version = 0;
  Compressor compressor = Compressor::unknown;  ///< not stated before version 4
  std::uint64_t size = 0;                       ///< of the superblock itself
  std::uint32_t inodes = 0, block_size = 0, fragments = 0;
  bool checked_metadata = false;  ///< a marker byte follows each metadata header
  bool options = false;           ///< compressor options follow the superblock
  std::uint32_t ids = 0, gids = 0;
  std::uint64_t root = 0, used = 0;
  // Offsets of tables; `none` where the image has none.
  std::uint64_t id_table = 0, gid_table = 0, xattr_table = 0, inode_table = 0, directory_table = 0, fragment_table = 0, export_table = 0;
};
inline constexpr std::uint64_t none = UINT64_MAX;

base::Result<Super> read_super(base::Bytes bytes);

/// Packed bit fields: from the lowest bit up in little-endian images, from the highest down in
/// big-endian ones. Past the end it reads zeros and is no longer ok().
class Bits {
 public:
  Bits(base::Bytes bytes, std::endian order) : bytes_(bytes), order_(order) {}
  std::uint64_t take(unsigned bits);
  std::uint32_t take32(unsigned bits = 32) { return static_cast<std::uint32_t>(take(bits)); }
  bool ok() const { return at_ <= bytes_.size() * 8; }

 private:
  base::Bytes bytes_;
  std::endian order_;
  std::uint64_t at_ = 0;
};

}  // namespace unpack::squashfs_format
