// Asks workers to read artifacts, and goes on whatever becomes of a worker: one that leaves early is
// followed by another, one that crashed is replaced by a worker for each reader, so that the reader to
// blame is named and the others are heard.
//
// Threads: any number, each with a depot of its own.
#pragma once

#include <atomic>
#include <functional>
#include <span>

#include "artifact/tree.h"
#include "confine/zygote.h"
#include "vet/receiver.h"

namespace vet {

/// An artifact, what to do with it, and where its bytes are.
struct Asked {
  artifact::NodeId id;
  Job job;
  Blob blob;
};

/// A node that says why it was not read, or not wholly.
evidence::Item trouble(std::string word, std::string value, std::string examiner = "vet");

class Asking {
 public:
  Asking(confine::Zygote& zygote, const Readers& readers) : zygote_(zygote), readers_(readers) {}

  /// Reads all of them, with as many workers as it takes, and hands each one's result to `keep`. Their
  /// blobs stand in one file, in this order (see batches.h). Error: io of our own side.
  using Keep = std::function<void(const Asked&, Received&&)>;
  base::Result<> all(std::vector<Asked> asked, Depot& depot, const Keep& keep);

  /// One artifact in a worker of its own; `blame` says what the worker did wrong, if anything.
  base::Result<Received> one(const Asked& asked, Depot& depot, std::string& blame);

  std::uint64_t workers() const { return workers_; }

 private:
  base::Result<confine::Worker> start_worker(std::span<const Asked> asked);
  base::Result<std::size_t> some(std::span<const Asked> asked, Depot& depot, const Keep& keep);
  base::Result<Received> one_by_one(Asked asked, Depot& depot, const std::string& blame, Received crashed);

  confine::Zygote& zygote_;
  const Readers& readers_;
  std::atomic<std::uint64_t> workers_{0};
};

}  // namespace vet
