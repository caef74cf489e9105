// The walls around a worker: what it may still do once it holds hostile bytes.
// Layers, in this order: namespaces (user, network, IPC, UTS, cgroup: entered once by the zygote, so
// that they cost a worker nothing), no-new-privileges, resource limits, Landlock (no path at all),
// seccomp (an allow-list; exec, sockets, ptrace and new processes kill). Linux only; see
// namespaces(7), seccomp(2), landlock(7), setrlimit(2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace confine {

struct Walls {
  std::uint64_t address_space = 2ull << 30;  ///< bytes, on top of what is mapped already
  std::uint64_t cpu_seconds = 300;           ///< the outer guard; own code counts steps and ends before
  bool allow_weaker = false;                 ///< go on when the kernel lacks a layer
};

/// A compiled seccomp program, made once before any worker exists.
class Filter {
 public:
  static base::Result<Filter> compile();
  const std::vector<std::uint8_t>& program() const { return program_; }

 private:
  std::vector<std::uint8_t> program_;
};

/// Confines the calling process for good. Call in a single-threaded process with only the needed
/// descriptors open. Error (unsupported): a layer is denied by the kernel and weaker is not allowed.
base::Result<> enter(const Filter& filter, const Walls& walls);

/// Puts the calling process, and all it will fork, into namespaces of its own: no network interface
/// but an unconfigured loopback, no shared IPC objects, no user of the machine. Works without root
/// where the kernel allows user namespaces; a second wall behind seccomp, which needs none of it.
/// Error (unsupported): the kernel denies them.
base::Result<> enter_namespaces();

/// Names of the layers this kernel lacks; empty = all there. Asked once by the parent for the verdict.
std::vector<std::string> missing_layers();

}  // namespace confine
