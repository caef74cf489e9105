// A SquashFS image: metadata blocks, inodes, directories, owners, fragments, data blocks.
// https://dr-emann.github.io/squashfs/squashfs.html for version 4; super.h for the older ones.
// Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "unpack/squashfs/codec.h"
#include "unpack/squashfs/super.h"

namespace unpack::squashfs_format {

enum class Type : unsigned { directory = 1, file = 2, symlink = 3, block_device = 4, character_device = 5, fifo = 6, socket = 7 };

struct Inode {
  Type type = Type::file;
  std::uint16_t mode = 0;
  std::uint32_t uid = 0, gid = 0;
  // directory
  std::uint32_t directory_block = 0, directory_offset = 0;
  std::uint64_t size = 0;  ///< of a file, or of a directory's listing
  // file
  std::uint64_t blocks_start = 0;
  std::uint32_t fragment = UINT32_MAX, fragment_offset = 0;
  std::vector<std::uint32_t> block_sizes;  ///< as stored in version 4: bit 24 set = not compressed
  std::uint32_t device = 0;
  std::string target;
};

struct Listed {
  std::string name;
  std::uint64_t inode = 0;  ///< reference: block << 16 | offset
};

/// A place in a chain of metadata blocks.
struct Position {
  std::uint64_t block = 0;  ///< offset in the image
  std::uint32_t offset = 0;
};

class Image {
 public:
  static base::Result<Image> open(base::Bytes bytes);
  const Super& super() const { return super_; }
  const Codec& codec() const { return codec_; }

  base::Result<Inode> inode(std::uint64_t reference);
  /// The inode at a position of the inode table; the position moves behind it.
  base::Result<Inode> inode(Position& at);
  /// Adds the entries to `out`; those before an error are there.
  base::Result<> list(const Inode& directory, std::vector<Listed>& out);
  struct Fragment {
    base::Range range;
    std::uint32_t size = 0;  ///< as stored
  };
  base::Result<Fragment> fragment(std::uint32_t index);
  /// One data block; `size` as stored, at most a block's bytes come out, valid until the next read.
  /// `exact`: how many it should be, where that is known.
  base::Result<base::Bytes> block(std::uint64_t offset, std::uint32_t size, std::optional<std::uint64_t> exact);
  static std::uint32_t stored(std::uint32_t size) { return size & 0xFFFFFF; }

  /// A metadata block by its offset. `space`: what it takes in the image, header included.
  struct MetadataBlock {
    base::Buffer bytes;
    std::uint64_t space = 0;
  };
  base::Result<const MetadataBlock*> metadata_block(std::uint64_t at);
  /// What a metadata block takes in the image, by its header alone; 0 when there is none.
  std::uint64_t metadata_space(std::uint64_t at) const;
  /// A position at a block's end moves to the start of the next one: how references name it.
  base::Result<> settle(Position& at);
  /// Tables whose blocks an index points to: where the index stands, its entries' number and width.
  struct Index {
    std::uint64_t at = 0, entries = 0;
    unsigned width = 8;
  };
  std::vector<Index> indices() const;

 private:
  Image(base::Bytes bytes, const Super& super) : bytes_(bytes), super_(super), codec_(super.compressor) {}

  /// n bytes from a position, which moves on; valid until the next call.
  base::Result<base::Bytes> take(Position& at, std::uint64_t n);
  base::Result<> old_inode(Position& at, Inode& out);
  base::Result<> new_inode(Position& at, Inode& out);
  base::Result<> rest_of_file(Position& at, Inode& out);
  base::Result<> rest_of_directory(Position& at, std::uint64_t indexes);
  base::Result<std::uint32_t> id(std::uint32_t index);
  std::uint32_t old_id(std::uint64_t table, std::uint32_t count, std::uint32_t index) const;

  base::Bytes bytes_;
  Super super_;
  Codec codec_;
  std::unordered_map<std::uint64_t, MetadataBlock> cache_;  ///< at most 128 MiB
  base::Buffer joined_;                                     ///< what take() had to put together
};

}  // namespace unpack::squashfs_format
