#include "gate/stopping.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace gate {
namespace {

int stopped = -1;

void on_signal(int) {
  const std::uint64_t one = 1;
  (void)!::write(stopped, &one, sizeof one);  // all that a handler may do
}

}  // namespace

int stop_descriptor() {
  static const int made = [] {
    stopped = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct sigaction action{};
    action.sa_handler = on_signal;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
    return stopped;
  }();
  return made;
}

}  // namespace gate
