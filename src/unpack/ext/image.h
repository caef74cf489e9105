// An ext2, ext3 or ext4 file system: superblock, groups, inodes and the maps of their blocks.
// https://docs.kernel.org/filesystems/ext4/. Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"
#include "unpack/ledger.h"

namespace unpack::ext_format {

struct Super {
  std::uint32_t inodes = 0, first_block = 0, blocks_a_group = 0, clusters_a_group = 0, inodes_a_group = 0;
  std::uint64_t blocks = 0, block_size = 0;
  std::uint32_t inode_size = 128, first_inode = 11, compatible = 0, incompatible = 0, read_only = 0;
  std::uint32_t descriptor_size = 32, reserved_descriptors = 0, first_meta_group = 0;
  std::uint32_t journal = 0, orphans = 0;
  std::uint32_t quotas[3] = {};
  std::uint32_t backups[2] = {};
  std::uint64_t mmp_block = 0;
};

enum Incompatible : std::uint32_t { file_types = 2, journal_device = 8, meta_groups = 0x10, wide = 0x80, mmp = 0x100, inline_content = 0x8000 };
enum Flag : std::uint32_t { compressed = 4, encrypted = 0x800, indexed = 0x1000, verity = 0x100000, attribute = 0x200000, extents = 0x80000, inlined = 0x10000000 };

struct Group {
  std::uint64_t block_bitmap = 0, inode_bitmap = 0, inode_table = 0;  ///< block numbers
  bool blocks_unset = false, inodes_unset = false;                    ///< the bitmap was never written
};

struct Inode {
  std::uint32_t number = 0;
  base::Range place;
  std::uint16_t mode = 0, links = 0;
  std::uint32_t uid = 0, gid = 0, deleted = 0, flags = 0;
  std::uint64_t size = 0, blocks = 0, attributes = 0;  ///< sectors; block of the attributes
  base::Range map;                                     ///< the 60 bytes of the block map
  base::Range more;                                    ///< inline content behind the map; size 0 = none
  base::Range tail;                                    ///< what no field of the inode uses
  unsigned format() const { return mode >> 12; }
  bool is_file() const { return format() == 8; }
  bool is_directory() const { return format() == 4; }
  bool is_link() const { return format() == 10; }
};

struct Map {
  std::vector<Extent> extents;         ///< the content, up to the size
  std::vector<base::Range> structure;  ///< blocks of the map itself
  std::vector<base::Range> behind;     ///< blocks behind the content's end
};

class Image {
 public:
  static base::Result<Image> open(base::Bytes bytes);
  const Super& super() const { return super_; }
  base::Bytes bytes() const { return bytes_; }
  std::uint64_t groups() const { return (super_.blocks - super_.first_block + super_.blocks_a_group - 1) / super_.blocks_a_group; }
  std::uint64_t first_block_of(std::uint64_t group) const { return super_.first_block + group * super_.blocks_a_group; }
  bool has_super(std::uint64_t group) const;
  /// Blocks in front of a group's descriptors when it has a copy of them. With clusters of blocks of
  /// 1024 bytes the first superblock stands in block 1 though the first group begins at 0.
  std::uint64_t in_front(std::uint64_t group) const { return 1 + (group == 0 && super_.block_size == 1024 && super_.first_block == 0); }
  base::Range block(std::uint64_t number, std::uint64_t count = 1) const { return {number * super_.block_size, count * super_.block_size}; }
  base::Bytes block_bytes(std::uint64_t number) const { return base::slice(bytes_, number * super_.block_size, super_.block_size); }

  /// Where the descriptor of a group stands.
  base::Range descriptor(std::uint64_t group) const;
  Group group(std::uint64_t number) const;
  bool in_use(std::uint32_t inode) const;
  base::Result<Inode> inode(std::uint32_t number) const;
  base::Result<Map> map(const Inode& inode, evidence::Sink& sink) const;

 private:
  void read_attributes(Inode& inode, std::uint64_t extra) const;
  bool checksummed() const { return super_.read_only & 0x410; }

  base::Bytes bytes_;
  Super super_;
};

}  // namespace unpack::ext_format
