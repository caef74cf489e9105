// The kernel's side: a fanotify group that asks before a program is executed (fanotify(7),
// FAN_OPEN_EXEC_PERM, Linux 5.0). When its descriptor closes, however the process ends, the kernel lets
// every waiting program go on.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "gate/descriptor.h"

namespace gate::exec {

/// One program that waits to be executed.
struct Asked {
  Descriptor file;     ///< readable, opened by the kernel
  pid_t process = 0;   ///< who executes it
};

class Group {
 public:
  enum class Scope {
    mount,        ///< this mount; other mount namespaces have mounts of their own
    filesystem,   ///< the whole file system, through every mount of it
    folder,       ///< the files right in this folder
  };
  /// Error: usage: the kernel or the missing privilege, in words.
  static base::Result<Group> open();
  base::Result<> watch(const std::string& path, Scope scope);
  /// Those that wait now; empty when none does. Error: io.
  base::Result<std::vector<Asked>> take();
  /// Ends one's waiting. Once for each; never blocks.
  void answer(const Descriptor& file, bool allow) const;
  int descriptor() const { return group_.get(); }

 private:
  Descriptor group_;
};

}  // namespace gate::exec
