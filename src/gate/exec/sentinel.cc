#include "gate/exec/sentinel.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cerrno>
#include <cstring>

namespace gate::exec {
namespace {

[[noreturn]] void keep_watch(pid_t gate, int beats, int patience_seconds) {
  ::prctl(PR_SET_NAME, "assay-sentinel");
  // It ends with the gate (end of the pipe), not with the terminal.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_IGN);
  ::setsid();
  bool begun = false;
  for (char buffer[256];;) {
    pollfd asked{beats, POLLIN, 0};
    const int ready = ::poll(&asked, 1, begun ? patience_seconds * 1000 : -1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      constexpr char words[] = "assay-gate: the execution gate did not answer in time; it is ended, and programs start unasked\n";
      (void)!::write(STDERR_FILENO, words, sizeof words - 1);
      ::kill(gate, SIGKILL);
      ::_exit(1);
    }
    if (::read(beats, buffer, sizeof buffer) <= 0) ::_exit(0);
    begun = true;
  }
}

}  // namespace

base::Result<Sentinel> Sentinel::start(int patience_seconds) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return base::fail(base::Trouble::io, "pipe: {}", std::strerror(errno));
  Descriptor beats(ends[0]);
  Sentinel out;
  out.pipe_.reset(ends[1]);
  const auto gate = ::getpid();
  const auto child = ::fork();
  if (child < 0) return base::fail(base::Trouble::io, "fork: {}", std::strerror(errno));
  if (child == 0) {
    ::close(ends[1]);
    ::signal(SIGCHLD, SIG_DFL);
    keep_watch(gate, ends[0], patience_seconds);
  }
  ::signal(SIGCHLD, SIG_IGN);  // no zombie when it ends first
  return out;
}

void Sentinel::beat() const {
  const char one = '.';
  (void)!::write(pipe_.get(), &one, 1);  // a full pipe has beats enough
}

}  // namespace gate::exec
