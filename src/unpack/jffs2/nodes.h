// The nodes of a JFFS2 image of either byte order, and their compressors. Layout: the kernel's
// uapi/linux/jffs2.h; https://sourceware.org/jffs2/jffs2.pdf. Opinion-free.
#pragma once

#include <bit>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"

namespace unpack::jffs2_format {

struct DirectoryNode {
  base::Range range;
  std::uint32_t parent = 0, version = 0, inode = 0;  ///< inode 0: the name is deleted
  unsigned type = 0;                                  ///< as in readdir(3): 4 a directory, 8 a file
  std::string name;
  bool obsolete = false;  ///< the flash itself marks it as outdated
};

struct InodeNode {
  base::Range range;
  std::uint32_t inode = 0, version = 0, mode = 0, uid = 0, gid = 0, file_size = 0;
  std::uint32_t offset = 0, size = 0;  ///< of the content that it holds
  base::Bytes packed;
  unsigned method = 0;
  bool obsolete = false, damaged = false;
};

struct AttributeNode {
  base::Range range;
  std::uint32_t number = 0;
  std::string name;
  base::Bytes value;
};

struct Nodes {
  std::endian order = std::endian::little;
  std::vector<DirectoryNode> names;
  std::vector<InodeNode> inodes;
  std::vector<AttributeNode> attributes;
  std::vector<base::Range> others;   ///< clean markers, paddings, summaries
  std::vector<base::Range> damaged;  ///< headers that are sound before a body that isn't
};

/// Sound nodes wherever they stand, at multiples of 4.
base::Result<Nodes> scan(base::Bytes image, evidence::Sink& sink);

/// A node's content.
base::Result<base::Buffer> content(const InodeNode& node);

}  // namespace unpack::jffs2_format
