// Which artifacts share a worker. A fork costs about as much as reading a small file, so that small
// neighbours of one product go into one: they are of one maker and one trust boundary. Whoever takes a
// worker over by one of them could hide the others as well by wrapping them up inside it.
#pragma once

#include <algorithm>
#include <vector>

#include "artifact/tree.h"
#include "vet/depot.h"
#include "vet/job.h"

namespace vet {

inline constexpr std::uint64_t small_artifact = 128u << 10;   ///< bytes; a larger one has a worker of its own
inline constexpr std::uint64_t most_batch_bytes = 1u << 20;  ///< less where all lanes would not find work
inline constexpr std::size_t most_batch = 64;                ///< at most most_tasks
inline constexpr std::uint64_t most_batch_span = 8u << 20;   ///< what a worker maps

using Batch = std::vector<artifact::NodeId>;

/// Every id in exactly one batch; the ids of a batch stand in one file, in the order of their offsets.
/// `blob_of(id)` must be there for all. How they are dealt out changes the time it takes and nothing else.
template <class BlobOf>
std::vector<Batch> batches(std::vector<artifact::NodeId> ids, unsigned lanes, BlobOf blob_of) {
  std::vector<Batch> out;
  std::uint64_t all = 0;
  for (const auto id : ids) all += blob_of(id).size;
  const auto most_bytes = std::clamp<std::uint64_t>(all / (4 * std::max(1u, lanes)), 64u << 10, most_batch_bytes);
  std::ranges::stable_sort(ids, {}, [&](artifact::NodeId id) { return std::pair(blob_of(id).file, blob_of(id).offset); });
  bool open = false;
  std::uint64_t bytes = 0, start = 0;
  int file = -1;
  for (const auto id : ids) {
    const auto blob = blob_of(id);
    if (blob.size > small_artifact) {
      out.push_back({id});
      open = false;
      continue;
    }
    if (!open || blob.file != file || bytes + blob.size > most_bytes || out.back().size() >= most_batch || blob.offset + blob.size - start > most_batch_span) {
      out.push_back({});
      open = true;
      bytes = 0;
      start = blob.offset;
      file = blob.file;
    }
    out.back().push_back(id);
    bytes += blob.size;
  }
  return out;
}

}  // namespace vet
