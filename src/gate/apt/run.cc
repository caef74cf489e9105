#include "gate/apt/run.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/bytes.h"

namespace gate {

base::Result<> run_program(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const auto& w : words) arguments.push_back(const_cast<char*>(w.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, 2, 1);   // our own standard output is ours
  pid_t child = -1;
  const int wrong = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (wrong) return base::fail(base::Trouble::usage, "{} can't be run: {}", base::printable(words[0]), std::strerror(wrong));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return base::fail(base::Trouble::io, "{} can't be waited for: {}", base::printable(words[0]), std::strerror(errno));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return base::fail(base::Trouble::usage, "{} failed ({} {})", base::printable(words[0]), WIFEXITED(status) ? "exit code" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  return {};
}

}  // namespace gate
