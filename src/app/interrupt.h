// Ctrl-C: the first interrupt lets a run end cleanly (workers killed, what is kept stays whole), the
// second ends the process at once.
#pragma once

#include <atomic>

namespace app {

/// Set by a signal handler.
std::atomic<bool>& interrupted();
/// Installs the handlers for SIGINT and SIGTERM, and ignores SIGPIPE.
void catch_interrupts();

}  // namespace app
