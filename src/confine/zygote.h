// A small process, forked before any thread, key or product exists, that forks a confined worker
// for each job. A worker gets one job, one read-only input and one pipe, and is never used again.
//
// Threads: start() before any thread exists; spawn() from any thread (serialised inside).
// Errors: io when the system refuses a process or a descriptor.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "confine/confine.h"

namespace confine {

/// The bytes a job reads: `size` bytes at `offset` of an open file. The file must not change.
struct Input {
  int file = -1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// How a worker ended.
struct Ending {
  bool clean = false;      ///< exited with 0
  std::string reason;      ///< "killed by signal 11 (Segmentation fault)", "exit code 3"
};

/// A running worker. Destroying it kills and reaps.
class Worker {
 public:
  Worker(pid_t pid, int pipe) : pid_(pid), pipe_(pipe) {}
  Worker(Worker&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pipe_(std::exchange(other.pipe_, -1)) {}
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  /// Reads what the worker wrote, up to `most` bytes; 0 = it closed its end. Error io (with
  /// Trouble::limit) when nothing came for `patience_ms`.
  base::Result<std::size_t> read(std::uint8_t* to, std::size_t most, int patience_ms);
  void kill();
  pid_t pid() const { return pid_; }
  Ending wait();

 private:
  pid_t pid_;
  int pipe_;
};

class Zygote {
 public:
  /// Runs in the worker, confined: reads `job` and `input`, writes its answer to `out`, returns the
  /// exit code. Nothing it opens or starts can work.
  using Body = std::function<int(base::Bytes job, base::Bytes input, int out)>;

  static base::Result<std::unique_ptr<Zygote>> start(Body body, Walls walls);
  ~Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;

  /// Why the workers have no namespaces of their own, where the kernel denies them; "" where they have.
  const std::string& without_namespaces() const;

  /// `job` at most 100 kB.
  base::Result<Worker> spawn(base::Bytes job, const Input& input);

 private:
  struct State;
  explicit Zygote(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace confine
