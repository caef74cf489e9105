#include "tlog/tree.h"

#include <bit>

namespace tlog {
namespace {

using base::Trouble;

/// The largest power of two that is less than n (n > 1): where a tree of n entries is split.
std::uint64_t split_of(std::uint64_t n) { return std::bit_floor(n - 1); }

/// Hash of the entries [start, start + count), a subtree on the tree's right edge or a whole node.
base::Result<Hash> range_root(std::uint64_t start, std::uint64_t count, const GetNode& node) {
  // Whole nodes from left to right, then joined from the right: at most 63 of them.
  std::vector<Hash> nodes;
  while (count > 0) {
    const auto part = std::bit_floor(count);
    const auto level = static_cast<unsigned>(std::countr_zero(part));
    nodes.push_back(TRY(node(level, start >> level)));
    start += part;
    count -= part;
  }
  Hash out = nodes.back();
  for (std::size_t i = nodes.size() - 1; i-- > 0;) out = node_hash(nodes[i], out);
  return out;
}

}  // namespace

base::Result<Hash> tree_root(std::uint64_t size, const GetNode& node) {
  if (size == 0) return empty_root();
  return range_root(0, size, node);
}

base::Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size, const GetNode& node) {
  if (index >= size) return base::fail(Trouble::usage, "the log has no entry {}: its entries are 0 to {}", index, size == 0 ? 0 : size - 1);
  // From the root down; the proof reads from the leaf up.
  std::vector<Hash> out;
  for (std::uint64_t start = 0; size > 1;) {
    const auto half = split_of(size);
    if (index < half) {
      out.push_back(TRY(range_root(start + half, size - half, node)));
      size = half;
    } else {
      out.push_back(TRY(range_root(start, half, node)));
      start += half;
      index -= half;
      size -= half;
    }
  }
  return std::vector<Hash>(out.rbegin(), out.rend());
}

base::Result<std::vector<Hash>> consistency_proof(std::uint64_t size1, std::uint64_t size2, const GetNode& node) {
  if (size1 > size2) return base::fail(Trouble::usage, "a log of {} entries is no part of one of {}", size1, size2);
  std::vector<Hash> out;
  if (size1 == 0 || size1 == size2) return out;
  std::uint64_t start = 0;
  bool old_root_known = true;  // the subtree at hand is the older tree itself
  while (size1 != size2) {
    const auto half = split_of(size2);
    if (size1 <= half) {
      out.push_back(TRY(range_root(start + half, size2 - half, node)));
      size2 = half;
    } else {
      out.push_back(TRY(range_root(start, half, node)));
      start += half;
      size1 -= half;
      size2 -= half;
      old_root_known = false;
    }
  }
  if (!old_root_known) out.push_back(TRY(range_root(start, size2, node)));
  return std::vector<Hash>(out.rbegin(), out.rend());
}

void Tile::push(const Hash& hash) {
  rows_[0].push_back(hash);
  for (unsigned r = 0; r < tile_height && rows_[r].size() % 2 == 0; ++r) rows_[r + 1].push_back(node_hash(rows_[r][rows_[r].size() - 2], rows_[r].back()));
}

NodePlace place_of(unsigned level, std::uint64_t index) {
  const auto row = level % tile_height;
  const auto in_row = tile_height - row;  // log2 of how many nodes a full tile has in this row
  return {level / tile_height, row, index >> in_row, index & ((std::uint64_t{1} << in_row) - 1)};
}

unsigned width_at(unsigned level, std::uint64_t index, std::uint64_t size) {
  const auto hashes = level >= most_levels ? 0 : size >> (level * tile_height);
  if (index > hashes / tile_width) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>(hashes - index * tile_width, tile_width));
}

void Edge::push(const Hash& leaf, const std::function<void(unsigned, std::uint64_t, Tile&&)>& filled) {
  ++size_;
  levels_[0].push(leaf);
  for (unsigned l = 0; l + 1 < most_levels && levels_[l].full(); ++l) {
    levels_[l + 1].push(levels_[l].root());
    filled(l, (size_ >> (l * tile_height)) / tile_width - 1, std::move(levels_[l]));
    levels_[l] = {};
  }
}

Hash Edge::root() const {
  if (size_ == 0) return empty_root();
  // Each set bit of the size is a whole node: bit 8l+r stands last in row r of the partial tile of level l.
  std::optional<Hash> out;
  for (unsigned bit = 0; bit < most_levels * tile_height; ++bit) {
    if (!((size_ >> bit) & 1)) continue;
    const auto& node = levels_[bit / tile_height].row(bit % tile_height).back();
    out = out ? node_hash(node, *out) : node;
  }
  return *out;
}

Edge Edge::of(std::uint64_t size, std::array<Tile, most_levels> levels) {
  Edge out;
  out.size_ = size;
  out.levels_ = std::move(levels);
  return out;
}

}  // namespace tlog
