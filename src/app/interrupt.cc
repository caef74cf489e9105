#include "app/interrupt.h"

#include <csignal>
#include <unistd.h>

#include "app/exit_codes.h"

namespace app {
namespace {

std::atomic<bool> stop{false};  // the one thing a signal handler may touch

void on_interrupt(int) {
  if (stop.exchange(true)) _exit(exit_stopped);
}

}  // namespace

std::atomic<bool>& interrupted() { return stop; }

void catch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace app
