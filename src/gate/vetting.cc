#include "gate/vetting.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "gate/front.h"

extern char** environ;

namespace gate {
namespace {

using base::Trouble;

constexpr std::size_t most_queued = 256;
constexpr Time rest_after_vain = 300;  // seconds
constexpr std::size_t most_vain = 10'000;

/// Copies by pread and hashes what was copied: the copy is what gets vetted.
base::Result<base::Digest> copy(int from, const std::string& path) {
  const int to = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0400);
  if (to < 0) return base::fail(Trouble::io, "{}: {}", base::printable(path), std::strerror(errno));
  base::Sha256 sum;
  base::Buffer buffer(1 << 20);
  for (off_t at = 0;;) {
    const auto got = ::pread(from, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      const int error = got < 0 ? errno : 0;
      ::close(to);
      if (error != 0) return base::fail(Trouble::io, "the product can't be read: {}", std::strerror(error));
      return sum.finish();
    }
    const auto bytes = base::slice(buffer, 0, static_cast<std::size_t>(got));
    sum.add(bytes);
    for (std::size_t done = 0; done < bytes.size();) {
      const auto put = ::write(to, bytes.data() + done, bytes.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) {
        const int error = errno;
        ::close(to);
        return base::fail(Trouble::io, "{}: {}", base::printable(path), std::strerror(error));
      }
      done += static_cast<std::size_t>(put);
    }
    at += got;
  }
}

std::string filled_in(std::string text, std::string_view name, const std::string& value) {
  for (auto at = text.find(name); at != text.npos; at = text.find(name, at + value.size())) text.replace(at, name.size(), value);
  return text;
}

}  // namespace

Vetting::Vetting(const Policy& policy, const std::string& state, Knowledge& knowledge, std::function<Time()> clock) : policy_(policy), folder_(state + "/vet"), knowledge_(knowledge), clock_(std::move(clock)) {
  (void)::mkdir(folder_.c_str(), 0700);
  if (const std::unique_ptr<DIR, int (*)(DIR*)> left(opendir(folder_.c_str()), closedir); left)
    while (const auto* entry = readdir(left.get()))
      if (base::Digest::from_hex(entry->d_name)) (void)::unlinkat(dirfd(left.get()), entry->d_name, 0);
  for (unsigned i = 0; i < policy.vet_parallel; ++i) workers_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

Vetting::~Vetting() {
  for (auto& worker : workers_) worker.request_stop();
  changed_.notify_all();
}

base::Result<> Vetting::start(const base::Digest& product, int file) {
  {
    const std::lock_guard lock(mutex_);
    if (busy_.contains(product)) return {};
    if (busy_.size() >= most_queued) return base::fail(Trouble::limit, "{} products are waiting to be vetted already", most_queued);
    if (const auto found = vain_.find(product); found != vain_.end() && clock_() < found->second) return base::fail(Trouble::limit, "vetting it gave no hallmark a moment ago");
    busy_.insert(product);
  }
  const auto path = fmt::format("{}/{}", folder_, product.hex());
  const auto copied = copy(file, path);
  const std::lock_guard lock(mutex_);
  if (!copied || *copied != product) {
    busy_.erase(product);
    (void)::unlink(path.c_str());
    changed_.notify_all();
    if (!copied) return std::unexpected(copied.error());
    return base::fail(Trouble::malformed, "the bytes changed while they were read");
  }
  knowledge_.mark_pending(product, clock_());
  queue_.push_back(product);
  ++started_;
  changed_.notify_all();
  return {};
}

void Vetting::wait(const base::Digest& product, int seconds) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(seconds), [&] { return !busy_.contains(product); });
}

void Vetting::run(const std::stop_token& stop) {
  for (;;) {
    base::Digest product;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return !queue_.empty(); });
      if (stop.stop_requested()) return;
      product = queue_.front();
      queue_.pop_front();
    }
    const auto path = fmt::format("{}/{}", folder_, product.hex());
    (void)run_command(product, path, stop);  // its exit code is a verdict's; the hallmark is what counts
    (void)::unlink(path.c_str());
    knowledge_.refresh(clock_());
    knowledge_.clear_pending(product);
    const bool vain = knowledge_.decide(product, clock_()).why == Why::unknown;
    const std::lock_guard lock(mutex_);
    busy_.erase(product);
    if (vain) {
      ++in_vain_;
      if (vain_.size() >= most_vain) vain_.clear();
      vain_[product] = clock_() + rest_after_vain;
    }
    changed_.notify_all();
  }
}

bool Vetting::run_command(const base::Digest& product, const std::string& file, const std::stop_token& stop) const {
  std::vector<std::string> words;
  for (const auto& word : policy_.vet_command) words.push_back(filled_in(filled_in(word, "{file}", file), "{digest}", product.hex()));
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  pid_t child = 0;
  const int failed = posix_spawn(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    fmt::print(stderr, "assay-gate: {} can't be started: {}\n", base::printable(words.front()), std::strerror(failed));
    return false;
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(policy_.vet_seconds);
  for (int status = 0;;) {
    const auto ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) {
      (void)::kill(-child, SIGKILL);  // whatever it left behind
      return true;
    }
    if (ended < 0 && errno != EINTR) return false;
    if (stop.stop_requested() || std::chrono::steady_clock::now() >= until) {
      (void)::kill(-child, SIGKILL);
      (void)::waitpid(child, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace gate
