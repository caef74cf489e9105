// The nodes of a UBIFS volume: found by their magic and sum in every erase block, and divided into
// those that are live and those that a later state has replaced. Layout: the kernel's
// ubifs-media.h; http://www.linux-mtd.infradead.org/doc/ubifs.html. Opinion-free.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"

namespace unpack::ubifs_format {

enum class NodeType : std::uint8_t { inode = 0, data = 1, entry = 2, attribute = 3, truncation = 4, pad = 5, super = 6, master = 7, reference = 8, index = 9, commit = 10, orphan = 11 };

struct Node {
  std::uint64_t at = 0;  ///< in the image
  std::uint32_t size = 0;
  NodeType type = NodeType::pad;
  std::uint64_t sequence = 0;
  bool live = false;
  base::Range range() const { return {at, size}; }
};

struct Geometry {
  std::uint32_t leb_size = 0, log_lebs = 0, lpt_lebs = 0, orphan_lebs = 0;
  std::uint32_t block_size = 4096;
};

/// From the superblock node, which stands at the beginning.
base::Result<Geometry> geometry(base::Bytes image);

/// All sound nodes in the order of the image.
base::Result<std::vector<Node>> scan(base::Bytes image, const Geometry& geometry, evidence::Sink& sink);

/// Marks the live ones: what the index reaches, and what the journal has written since the last
/// commit. False when the index can't be followed: then every node is live and the sequence decides.
base::Result<bool> mark_live(base::Bytes image, const Geometry& geometry, std::vector<Node>& nodes, evidence::Sink& sink);

/// A data node's or an inode's content.
base::Result<base::Buffer> decompress(base::Bytes packed, unsigned method, std::uint64_t size);

}  // namespace unpack::ubifs_format
