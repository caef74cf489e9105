// A SquashFS 4.0 image: superblock, metadata blocks, inodes, directories, data blocks.
// https://dr-emann.github.io/squashfs/squashfs.html. Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::squashfs_format {

struct Super {
  std::uint32_t inodes = 0, block_size = 0, fragments = 0;
  std::uint16_t compressor = 0, flags = 0, ids = 0;
  std::uint64_t root = 0, used = 0, id_table = 0, inode_table = 0, directory_table = 0, fragment_table = 0;
};

struct Inode {
  std::uint16_t type = 0;  ///< basic type 1 to 7
  std::uint16_t mode = 0, uid = 0, gid = 0;
  std::uint32_t number = 0;
  // directory
  std::uint32_t directory_block = 0, directory_offset = 0;
  std::uint64_t size = 0;  ///< of a file, or of a directory's listing
  // file
  std::uint64_t blocks_start = 0;
  std::uint32_t fragment = UINT32_MAX, fragment_offset = 0;
  std::vector<std::uint32_t> block_sizes;
  std::string target;
};

struct Listed {
  std::string name;
  std::uint64_t inode = 0;  ///< reference
};

class Image {
 public:
  static base::Result<Image> open(base::Bytes bytes);
  const Super& super() const { return super_; }
  base::Result<Inode> inode(std::uint64_t reference);
  base::Result<std::vector<Listed>> list(const Inode& directory);
  base::Result<std::uint32_t> id(std::uint16_t index);
  struct Fragment {
    base::Range range;
    std::uint32_t size = 0;  ///< as stored, with the "not compressed" bit
  };
  base::Result<Fragment> fragment(std::uint32_t index);
  /// One data block; `size` as stored, at most a block's bytes come out.
  base::Result<base::Buffer> block(std::uint64_t offset, std::uint32_t size) const;
  static std::uint32_t stored(std::uint32_t size) { return size & 0xFFFFFF; }

 private:
  base::Result<base::Buffer> decompress(base::Bytes packed, std::uint64_t most) const;
  /// n bytes of metadata from an offset within the block at `at`, going on through the blocks that follow.
  base::Result<base::Buffer> metadata(std::uint64_t at, std::uint32_t offset, std::uint64_t n);

  struct MetadataBlock {
    base::Buffer bytes;
    std::uint64_t next = 0;
  };
  base::Result<const MetadataBlock*> metadata_block(std::uint64_t at);

  base::Bytes bytes_;
  Super super_;
  std::map<std::uint64_t, MetadataBlock> cache_;  ///< at most 128 MiB
};

}  // namespace unpack::squashfs_format
