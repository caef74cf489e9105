// A process beside the gate that ends it when it hangs: then the kernel lets go of every program that
// waits for an answer, and the machine goes on.
#pragma once

#include <memory>

#include "base/result.h"
#include "gate/descriptor.h"

namespace gate::exec {

class Sentinel {
 public:
  /// Forks: before any thread, and before the fanotify group is opened, so that it never holds it open.
  /// From begin() on, without a beat for `patience_seconds`, this process is killed.
  static base::Result<Sentinel> start(int patience_seconds);
  void begin() const { beat(); }   ///< reading the hallmarks before may take its time
  void beat() const;

 private:
  Descriptor pipe_;
};

}  // namespace gate::exec
