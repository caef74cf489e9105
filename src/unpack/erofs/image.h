// An EROFS image: superblock, inodes, directories and the places of file content.
// https://docs.kernel.org/filesystems/erofs.html; https://erofs.docs.kernel.org/en/latest/ondisk.html.
// Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"
#include "unpack/ledger.h"

namespace unpack::erofs_format {

struct Inode {
  std::uint64_t nid = 0;
  std::uint16_t mode = 0;
  std::uint32_t uid = 0, gid = 0, links = 0, raw = 0;  ///< raw: block, chunk format or device
  std::uint64_t size = 0;
  unsigned layout = 0;
  base::Range place;       ///< with its attributes
  unsigned format() const { return mode >> 12; }
};

/// A run of content that is compressed as a whole.
struct Cluster {
  std::uint64_t logical = 0, size = 0;  ///< in the file
  base::Range packed;
  bool plain = false;       ///< stored as it is
  unsigned method = 0;      ///< 0 LZ4, 1 LZMA, 2 deflate, 3 zstd
  std::uint64_t rotation = 0;  ///< a plain run begins here in its block, and goes on at the block's start
};

struct Map {
  std::vector<Extent> extents;      ///< when nothing is compressed
  std::vector<Cluster> clusters;    ///< else
  std::vector<base::Range> structure;
};

struct Listed {
  std::string name;
  std::uint64_t nid = 0;
};

class Image {
 public:
  static base::Result<Image> open(base::Bytes bytes);
  std::uint64_t size() const { return blocks_ * block_; }
  std::uint64_t block() const { return block_; }
  std::uint64_t root() const { return root_; }
  std::uint64_t packed_inode() const { return packed_; }
  std::uint64_t inodes() const { return inodes_; }
  std::uint32_t checked() const { return compatible_ & 1; }
  base::Result<Inode> inode(std::uint64_t nid) const;
  base::Result<Map> map(const Inode& inode, evidence::Sink& sink) const;
  base::Result<base::Buffer> unpack(const Cluster& cluster) const;
  /// One directory block.
  static std::vector<Listed> list(base::Bytes block);

 private:
  base::Result<Map> chunks(const Inode& inode, evidence::Sink& sink) const;
  base::Result<Map> compressed(const Inode& inode, evidence::Sink& sink) const;

  base::Bytes bytes_;
  std::uint64_t block_ = 4096, blocks_ = 0, root_ = 0, meta_ = 0, packed_ = 0, inodes_ = 0;
  std::uint32_t compatible_ = 0, incompatible_ = 0;
};

}  // namespace unpack::erofs_format
