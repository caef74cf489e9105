// Vetting on demand: bytes that carry no hallmark are copied aside and handed to the program that the
// policy names. What it says comes back as a hallmark in the gate's folder, like any other.
//
// The program runs without a shell, in a process group of its own, and is ended when its time is over.
// Threads: any number.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "gate/knowledge.h"

namespace gate {

class Vetting {
 public:
  /// `state`: copies lie in its folder "vet" while they are needed; what a crash left there is removed.
  Vetting(const Policy& policy, const std::string& state, Knowledge& knowledge, std::function<Time()> clock);
  ~Vetting();

  /// Copies the bytes and queues them, unless the product is queued already. Error: malformed: the bytes
  /// are no longer those of `product`; limit: the queue is full, or it was vetted in vain just now; io.
  base::Result<> start(const base::Digest& product, int file);
  /// Until the vetting of `product` has ended, at most `seconds`.
  void wait(const base::Digest& product, int seconds);
  std::uint64_t started() const { return started_; }
  std::uint64_t in_vain() const { return in_vain_; }   ///< ended without a hallmark

 private:
  void run(const std::stop_token& stop);
  bool run_command(const base::Digest& product, const std::string& file, const std::stop_token& stop) const;

  const Policy& policy_;
  std::string folder_;
  Knowledge& knowledge_;
  std::function<Time()> clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<base::Digest> queue_;
  std::set<base::Digest> busy_;                       ///< queued or running
  std::map<base::Digest, Time> vain_;                 ///< not again before this time
  std::atomic<std::uint64_t> started_ = 0, in_vain_ = 0;
  std::vector<std::jthread> workers_;
};

}  // namespace gate
