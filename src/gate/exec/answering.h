// Answers the kernel: at once where the file is known, by a worker where it must be read, and by the
// watchdog where that takes too long. On the way to an answer nothing is opened, written, or forked:
// any of these could wait for the very program that waits for us.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

#include "gate/exec/digest_cache.h"
#include "gate/exec/group.h"
#include "gate/exec/sentinel.h"
#include "gate/front.h"

namespace gate::exec {

struct Answering {
  int deadline_milliseconds = 5000;  ///< for one program; then `late`
  bool late_allows = false;
  unsigned workers = 2;
};

class Answerer {
 public:
  Answerer(Front& front, Group& group, const Sentinel& sentinel, Answering how);
  ~Answerer();
  /// Until `stop` becomes readable.
  base::Result<> run(int stop);

 private:
  struct Waiting {
    Descriptor file;
    std::chrono::steady_clock::time_point since;
    std::atomic<bool> answered = false;
  };
  using Shared = std::shared_ptr<Waiting>;
  void meet(Asked asked);
  void settle(const Shared& waiting, bool allow);
  void work(const std::stop_token& stop);
  void watch(const std::stop_token& stop);
  bool judge(const Waiting& waiting, const std::stop_token& stop);
  base::Result<base::Digest> read(const Waiting& waiting, const std::stop_token& stop) const;

  Front& front_;
  Group& group_;
  const Sentinel& sentinel_;
  Answering how_;
  DigestCache cache_;
  std::mutex mutex_;
  std::condition_variable_any queued_, ticking_;   ///< workers; the watchdog: one must not take the other's call
  std::deque<Shared> queue_;
  std::list<std::weak_ptr<Waiting>> waiting_;   ///< in order of time
  std::vector<std::jthread> threads_;
};

}  // namespace gate::exec
