#include "tlog/merkle.h"

#include <bit>

namespace tlog {
namespace {

using base::Trouble;

constexpr std::uint8_t leaf_prefix[] = {0x00}, node_prefix[] = {0x01};

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

}  // namespace

Hash leaf_hash(base::Bytes leaf) { return base::Sha256().add(leaf_prefix).add(leaf).finish(); }
Hash node_hash(const Hash& left, const Hash& right) { return base::Sha256().add(node_prefix).add(left.bytes).add(right.bytes).finish(); }
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

base::Result<> check_consistency(std::uint64_t size1, std::uint64_t size2, std::span<const Hash> proof, const Hash& root1, const Hash& root2) {
  if (size1 > size2) return base::fail(Trouble::malformed, "a tree of {} entries can't grow to {}", size1, size2);
  if (size1 == size2 || size1 == 0) {
    if (!proof.empty()) return base::fail(Trouble::malformed, "the consistency proof has hashes where none are needed");
    if (size1 == size2 && root1 != root2) return base::fail(Trouble::malformed, "two trees of {} entries have different roots", size1);
    return {};
  }
  Climb at{size1 - 1, size2 - 1};
  while (at.index & 1) at.up();
  // A tree whose size is a power of two is itself a node of the larger one: its root stands for the first hash.
  Hash old_hash, new_hash;
  if (std::has_single_bit(size1)) {
    old_hash = new_hash = root1;
  } else {
    if (proof.empty()) return base::fail(Trouble::malformed, "the consistency proof has too few hashes");
    old_hash = new_hash = proof.front();
    proof = proof.subspan(1);
  }
  for (const auto& sibling : proof) {
    if (at.last == 0) return base::fail(Trouble::malformed, "the consistency proof has more hashes than the tree has levels");
    if (at.left_neighbour()) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
      at.to_left_branch();
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    at.up();
  }
  if (at.last != 0) return base::fail(Trouble::malformed, "the consistency proof has too few hashes");
  if (old_hash != root1) return base::fail(Trouble::malformed, "the consistency proof does not lead to the older root");
  if (new_hash != root2) return base::fail(Trouble::malformed, "the consistency proof does not lead to the newer root");
  return {};
}

}  // namespace tlog
