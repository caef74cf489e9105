// Files that were fetched a moment ago. A gate reads a whole file before its first byte leaves, and clients
// give up waiting sooner (pip after 15 seconds) and ask again: the second time it is there. Those who ask
// for one file at once share one fetch. What is kept are bytes, never decisions: each asker's is made anew.
// Threads: any number.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "gate/proxy/upstream.h"

namespace gate {

class Keeper {
 public:
  /// Keeps at most so many bytes, in unlinked temporary files, for ten minutes.
  explicit Keeper(std::uint64_t most_bytes) : most_(most_bytes) {}

  /// Upstream::get, its digest taken. What was fetched with credentials is not kept, nor any answer but 200.
  base::Result<std::shared_ptr<const Fetched>> get(const Upstream& upstream, const std::string& address, const std::string& authorization);

 private:
  struct Entry {
    std::shared_ptr<const Fetched> file;   ///< nothing: being fetched
    std::chrono::steady_clock::time_point used;
  };
  void make_room();   ///< under the lock

  const std::uint64_t most_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::map<std::string, Entry> files_;
};

}  // namespace gate
