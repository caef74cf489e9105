// The trees of a Btrfs file system on one device: chunks (logical to physical addresses), nodes, items.
// https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html. Bounded reads of hostile bytes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"
#include "unpack/ledger.h"

namespace unpack::btrfs_format {

enum Type : std::uint8_t { inode_item = 1, dir_index = 96, extent_data = 108, root_item = 132, chunk_item = 228 };

struct Key {
  std::uint64_t object = 0;
  std::uint8_t type = 0;
  std::uint64_t offset = 0;
};

struct Item {
  Key key;
  base::Bytes bytes;
  std::uint64_t place = 0;  ///< of the bytes, in the image
};

class Volume {
 public:
  static base::Result<Volume> open(base::Bytes bytes, Ledger& ledger, evidence::Sink& sink);
  std::uint64_t size() const { return size_; }
  std::uint64_t root_tree() const { return root_; }
  std::uint64_t log_tree() const { return log_; }

  /// Where a run of logical bytes stands; nothing unless all of it stands in one chunk.
  std::optional<std::uint64_t> find(std::uint64_t logical, std::uint64_t size, unsigned copy = 0) const;

  using See = std::function<base::Result<>(const Item&)>;
  /// Every item of a tree, in order; claims its nodes. Nodes that don't fit are stated and passed over.
  base::Result<> walk(std::uint64_t root, const See& see, Ledger& ledger, evidence::Sink& sink) const;

 private:
  struct Chunk {
    std::uint64_t size = 0;
    std::vector<std::uint64_t> stripes;
  };
  void add_chunk(std::uint64_t logical, base::Bytes item);
  base::Result<> node(std::uint64_t logical, int level, std::set<std::uint64_t>& seen, const See& see, Ledger& ledger, evidence::Sink& sink) const;
  void claim(std::uint64_t logical, std::uint64_t place, base::Range gap, Ledger& ledger) const;

  base::Bytes bytes_;
  std::uint64_t size_ = 0, root_ = 0, log_ = 0, node_size_ = 0, device_ = 0;
  std::map<std::uint64_t, Chunk> chunks_;
};

}  // namespace unpack::btrfs_format
