// The parent's side of a worker: takes its frames apart, checks every one, hashes and keeps the
// children. What breaks the protocol ends the worker; it is never believed "mostly".
#pragma once

#include <memory>
#include <optional>
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

/// One worker's answers, an artifact at a time, in the order of its batch.
class Answers {
 public:
  /// Both must outlive it.
  Answers(confine::Worker& worker, Depot& depot) : worker_(worker), depot_(depot) {}

  /// Reads one artifact to its end; the `last` one's until the worker is gone. `size` is the artifact's,
  /// for range checks. Everything the worker does wrong ends as `done == false` with `blame` filled; then
  /// nothing more may be asked. Nothing: the worker ended in good order before this artifact, and not
  /// before the first. Error: io of our own side (disk full).
  base::Result<std::optional<Received>> next(const Job& job, std::uint64_t size, bool last, std::string& blame);

 private:
  bool fill(std::string& blame);  // false: nothing more comes

  confine::Worker& worker_;
  Depot& depot_;
  base::Buffer buffer_;
  std::unique_ptr<std::uint8_t[]> chunk_;
  bool answered_ = false;
};

}  // namespace vet
