#include "tlog/merkle.h"

#include <bit>

namespace tlog {
namespace {

using base::Trouble;

constexpr std::uint64_t most_size = std::uint64_t{1} << 63;
constexpr std::uint8_t leaf_prefix[] = {0x00};
constexpr std::uint8_t node_prefix = 0x01;

// Climbs from a node at `index` of `size` nodes on its level; each hash of `proof` is a left or a right
// neighbour. RFC 9162, section 2.1.3.2.
struct Climb {
  std::uint64_t index, last;
  bool left_neighbour() const { return (index & 1) || index == last; }
  void up() {
    index >>= 1;
    last >>= 1;
  }
  void to_left_branch() {
    if (index & 1) return;
    while (index && !(index & 1)) up();
  }
};

base::Result<> check_subtree(Subtree s) {
  if (s.start >= s.end || s.end > most_size || s.start % std::bit_ceil(s.end - s.start) != 0) return base::fail(Trouble::malformed, "[{}, {}) is no subtree", s.start, s.end);
  return {};
}

}  // namespace

Hash leaf_hash(base::Bytes leaf) { return base::Sha256().add(leaf_prefix).add(leaf).finish(); }
Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 65> text{node_prefix};
  std::copy(left.bytes.begin(), left.bytes.end(), text.begin() + 1);
  std::copy(right.bytes.begin(), right.bytes.end(), text.begin() + 33);
  return base::sha256(base::Bytes(text));
}
Hash empty_root() { return base::sha256(std::string_view()); }

base::Result<> check_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof, const Hash& root) {
  if (index >= size) return base::fail(Trouble::malformed, "entry {} is not in a tree of {} entries", index, size);
  Climb at{index, size - 1};
  Hash hash = leaf;
  for (const auto& sibling : proof) {
    if (at.last == 0) return base::fail(Trouble::malformed, "the inclusion proof has more hashes than the tree has levels");
    if (at.left_neighbour()) {
      hash = node_hash(sibling, hash);
      at.to_left_branch();
    } else {
      hash = node_hash(hash, sibling);
    }
    at.up();
  }
  if (at.last != 0) return base::fail(Trouble::malformed, "the inclusion proof has too few hashes");
  if (hash != root) return base::fail(Trouble::malformed, "the inclusion proof does not lead to the tree's root");
  return {};
}

base::Result<> check_subtree_inclusion(std::uint64_t index, Subtree in, const Hash& leaf, std::span<const Hash> proof, const Hash& root) {
  CHECK_OK(check_subtree(in));
  if (index < in.start) return base::fail(Trouble::malformed, "entry {} stands before the subtree from {}", index, in.start);
  return check_inclusion(index - in.start, in.end - in.start, leaf, proof, root);
}

base::Result<> check_subtree_consistency(Subtree part, std::uint64_t size, std::span<const Hash> proof, const Hash& root_of_part, const Hash& root) {
  if (part.start == part.end) {
    // The empty tree is in every tree, and there is nothing to prove.
    if (!proof.empty()) return base::fail(Trouble::malformed, "the consistency proof has hashes where none are needed");
    if (part.end > size || root_of_part != empty_root()) return base::fail(Trouble::malformed, "the root of an empty tree is another");
    return {};
  }
  CHECK_OK(check_subtree(part));
  if (part.end > size) return base::fail(Trouble::malformed, "a tree of {} entries can't grow to {}", part.end, size);
  // first and last: the subtree's edges on the present level; end: the whole tree's.
  auto first = part.start, last = part.end - 1, end = size - 1;
  const auto up = [&] { first >>= 1, last >>= 1, end >>= 1; };
  const bool at_the_edge = last == end;
  while (first != last && (at_the_edge || (last & 1))) up();
  // A subtree that is itself a node of the larger tree: its root stands for the proof's first hash.
  Hash old_hash = root_of_part;
  if (first != last) {
    if (proof.empty()) return base::fail(Trouble::malformed, "the consistency proof has too few hashes");
    old_hash = proof.front();
    proof = proof.subspan(1);
  }
  Hash new_hash = old_hash;
  for (const auto& sibling : proof) {
    if (end == 0) return base::fail(Trouble::malformed, "the consistency proof has more hashes than the tree has levels");
    if ((last & 1) || last == end) {
      if (first < last) old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
      while (!(last & 1)) up();
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    up();
  }
  if (end != 0) return base::fail(Trouble::malformed, "the consistency proof has too few hashes");
  if (old_hash != root_of_part) return base::fail(Trouble::malformed, "the consistency proof does not lead to the older root");
  if (new_hash != root) return base::fail(Trouble::malformed, "the consistency proof does not lead to the newer root");
  return {};
}

base::Result<> check_consistency(std::uint64_t size1, std::uint64_t size2, std::span<const Hash> proof, const Hash& root1, const Hash& root2) {
  if (size2 == 0 && root2 != empty_root()) return base::fail(Trouble::malformed, "the root of an empty tree is another");
  return check_subtree_consistency({0, size1}, size2, proof, root1, root2);
}

}  // namespace tlog
