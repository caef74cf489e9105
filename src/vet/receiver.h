// The parent's side of a worker: takes its frames apart, checks every one, hashes and keeps the
// children. What breaks the protocol ends the worker; it is never believed "mostly".
#pragma once

#include <vector>

#include "confine/zygote.h"
#include "vet/depot.h"
#include "vet/job.h"
#include "vet/worker.h"

namespace vet {

struct Received {
  JobResult result;
  std::vector<Blob> blobs;  ///< of result.children; not there for links and directories
  bool done = false;        ///< the worker said so
};

/// Reads one worker to its end. `size` is the artifact's, for range checks. Error: io of our own
/// side (disk full); everything the worker does wrong ends as `done == false` with `blame` filled.
base::Result<Received> receive(confine::Worker& worker, const Job& job, std::uint64_t size, Depot& depot, std::string& blame);

}  // namespace vet
