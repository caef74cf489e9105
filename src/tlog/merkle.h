// The Merkle tree of RFC 6962 (section 2.1), and the checks of its proofs (RFC 9162, sections 2.1.3
// and 2.1.4). Pure functions over hashes. Subtrees are those of draft-ietf-plants-merkle-tree-certs,
// section 4; the tree of the first n entries is the subtree [0, n).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace tlog {

using Hash = base::Digest;

Hash leaf_hash(base::Bytes leaf);                        ///< SHA-256(0x00 || leaf)
Hash node_hash(const Hash& left, const Hash& right);     ///< SHA-256(0x01 || left || right)
Hash empty_root();                                       ///< SHA-256("")

/// That `leaf` stands at `index` in the tree of `size` leaves with this root. Error: malformed.
base::Result<> check_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof, const Hash& root);
/// That the tree of `size1` leaves is a prefix of the tree of `size2` leaves. Error: malformed.
base::Result<> check_consistency(std::uint64_t size1, std::uint64_t size2, std::span<const Hash> proof, const Hash& root1, const Hash& root2);

/// Entries [start, end); start is a multiple of the smallest power of two that is not less than end - start.
struct Subtree {
  std::uint64_t start = 0, end = 0;
};
base::Result<> check_subtree_inclusion(std::uint64_t index, Subtree in, const Hash& leaf, std::span<const Hash> proof, const Hash& root);
/// That the subtree is a part of the tree of `size` leaves.
base::Result<> check_subtree_consistency(Subtree part, std::uint64_t size, std::span<const Hash> proof, const Hash& root_of_part, const Hash& root);

}  // namespace tlog
