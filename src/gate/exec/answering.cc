#include "gate/exec/answering.h"

#include <poll.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace gate::exec {
namespace {

std::int64_t now_nanoseconds() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace

Answerer::Answerer(Front& front, Group& group, const Sentinel& sentinel, Answering how) : front_(front), group_(group), sentinel_(sentinel), how_(how) {
  for (unsigned i = 0; i < how.workers; ++i) threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  threads_.emplace_back([this](const std::stop_token& stop) { watch(stop); });
}

Answerer::~Answerer() {
  for (auto& thread : threads_) thread.request_stop();
  queued_.notify_all();
  ticking_.notify_all();
}

base::Result<> Answerer::run(int stop) {
  pollfd asked[] = {{group_.descriptor(), POLLIN, 0}, {stop, POLLIN, 0}};
  for (;;) {
    sentinel_.beat();
    const int ready = ::poll(asked, 2, 500);
    if (ready < 0 && errno != EINTR) return base::fail(base::Trouble::io, "poll: {}", std::strerror(errno));
    if (asked[1].revents != 0) return {};
    if (ready <= 0) continue;
    for (;;) {
      auto programs = TRY(group_.take());
      if (programs.empty()) break;
      for (auto& program : programs) meet(std::move(program));
      sentinel_.beat();
    }
  }
}

/// In the reading thread: whatever may wait goes to a worker.
void Answerer::meet(Asked asked) {
  if (asked.process == ::getpid()) return group_.answer(asked.file, true);
  struct stat about{};
  if (::fstat(asked.file.get(), &about) == 0)
    if (const auto digest = cache_.find(FileKey::of(about))) return group_.answer(asked.file, front_.ask(*digest, "exec").answer == Answer::allow);
  const auto waiting = std::make_shared<Waiting>();
  waiting->file = std::move(asked.file);
  waiting->since = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  queue_.push_back(waiting);
  waiting_.push_back(waiting);
  queued_.notify_one();
}

void Answerer::settle(const Shared& waiting, bool allow) {
  if (!waiting->answered.exchange(true)) group_.answer(waiting->file, allow);
}

/// Given up when the answer has been given meanwhile.
base::Result<base::Digest> Answerer::read(const Waiting& waiting, const std::stop_token& stop) const {
  base::Sha256 sum;
  base::Buffer buffer(1 << 18);
  for (off_t at = 0; !waiting.answered && !stop.stop_requested();) {
    const auto got = ::pread(waiting.file.get(), buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail(base::Trouble::io, "the program can't be read: {}", std::strerror(errno));
    if (got == 0) return sum.finish();
    sum.add(base::slice(buffer, 0, static_cast<std::size_t>(got)));
    at += got;
  }
  return base::fail(base::Trouble::limit, "the program could not be read in time");
}

bool Answerer::judge(const Waiting& waiting, const std::stop_token& stop) {
  const auto& file = waiting.file;
  struct stat before{}, after{};
  if (::fstat(file.get(), &before) != 0) return how_.late_allows;
  const auto key = FileKey::of(before);
  auto digest = cache_.find(key);
  if (!digest) {
    const auto whole = read(waiting, stop);
    if (!whole && whole.error().trouble == base::Trouble::limit) return how_.late_allows;  // the watchdog has recorded it
    if (!whole) return front_.note({Answer::deny, Why::unreachable, whole.error().what, {}, {}}, {}, "exec").answer == Answer::allow;
    digest = *whole;
    if (::fstat(file.get(), &after) != 0 || FileKey::of(after) != key) return front_.note(refuse_changed(*digest), *digest, "exec").answer == Answer::allow;
    cache_.keep(key, FileKey::of(after), *digest, now_nanoseconds());
  }
  return front_.ask(*digest, "exec").answer == Answer::allow;
}

void Answerer::work(const std::stop_token& stop) {
  for (;;) {
    Shared waiting;
    {
      std::unique_lock lock(mutex_);
      queued_.wait(lock, stop, [&] { return !queue_.empty(); });
      if (queue_.empty()) return;
      waiting = std::move(queue_.front());
      queue_.pop_front();
    }
    if (!waiting->answered) settle(waiting, judge(*waiting, stop));
  }
}

void Answerer::watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::vector<Shared> late;
    {
      std::unique_lock lock(mutex_);
      ticking_.wait_for(lock, stop, std::chrono::milliseconds(50), [] { return false; });
      const auto before = std::chrono::steady_clock::now() - std::chrono::milliseconds(how_.deadline_milliseconds);
      while (!waiting_.empty()) {
        const auto oldest = waiting_.front().lock();
        if (oldest && !oldest->answered && oldest->since > before) break;
        if (oldest && !oldest->answered) late.push_back(oldest);
        waiting_.pop_front();
      }
    }
    for (const auto& one : late) {
      settle(one, how_.late_allows);
      (void)front_.note({how_.late_allows ? Answer::allow : Answer::deny, Why::unreachable, "the program could not be read in time", {}, {}}, {}, "exec");
    }
  }
}

}  // namespace gate::exec
