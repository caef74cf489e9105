// Proofs and roots out of a tree's nodes, wherever those come from: a node is the hash of 2^level
// entries from index * 2^level on, all of which the tree has.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "tlog/merkle.h"

namespace tlog {

using GetNode = std::function<base::Result<Hash>(unsigned level, std::uint64_t index)>;

/// The root of the first `size` entries.
base::Result<Hash> tree_root(std::uint64_t size, const GetNode& node);
/// RFC 6962, section 2.1.1. Error: usage: index >= size.
base::Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size, const GetNode& node);
/// RFC 6962, section 2.1.2; empty when size1 is 0 or size2. Error: usage: size1 > size2.
base::Result<std::vector<Hash>> consistency_proof(std::uint64_t size1, std::uint64_t size2, const GetNode& node);

inline constexpr unsigned tile_width = 256, tile_height = 8, most_levels = 8;

/// One tile with the nodes between its hashes and its own root: 8 levels of the tree.
class Tile {
 public:
  void push(const Hash& hash);           ///< width() < 256
  unsigned width() const { return static_cast<unsigned>(rows_[0].size()); }
  bool full() const { return width() == tile_width; }
  const Hash& root() const { return rows_[tile_height][0]; }   ///< of a full tile
  /// Row 0 holds the tile's hashes, row r the nodes over 2^r of them.
  const std::vector<Hash>& row(unsigned r) const { return rows_[r]; }

 private:
  std::array<std::vector<Hash>, tile_height + 1> rows_;
};

/// Where a node stands: in which tile, which row, which place.
struct NodePlace {
  unsigned tile_level, row;
  std::uint64_t tile, place;
};
NodePlace place_of(unsigned level, std::uint64_t index);

/// How many hashes tile `index` of `level` has in a tree of `size` entries: 0 to 256.
unsigned width_at(unsigned level, std::uint64_t index, std::uint64_t size);

/// The right edge of a growing tree: the partial tile of each level.
class Edge {
 public:
  std::uint64_t size() const { return size_; }
  /// Adds an entry; tiles that it fills are handed to `filled` (level, index, tile), lowest first.
  void push(const Hash& leaf, const std::function<void(unsigned, std::uint64_t, Tile&&)>& filled);
  const Tile& level(unsigned l) const { return levels_[l]; }
  Hash root() const;
  /// Makes the edge of a tree of `size` entries of its partial tiles, each of the width that width_at says.
  static Edge of(std::uint64_t size, std::array<Tile, most_levels> levels);

 private:
  std::uint64_t size_ = 0;
  std::array<Tile, most_levels> levels_;
};

}  // namespace tlog
