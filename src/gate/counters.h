// Prometheus counters of decisions (text format 0.0.4) and a histogram of how long they took.
// Threads: any number.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <shared_mutex>

#include "gate/knowledge.h"

namespace gate {

class Counters {
 public:
  void count(std::string_view market, const Decision& decision, std::int64_t nanoseconds);
  /// Everything about decisions; the caller appends its own.
  std::string print() const;

 private:
  static constexpr std::size_t whys = static_cast<std::size_t>(Why::changed_bytes) + 1;
  static constexpr std::array<std::int64_t, 10> edges = {5'000, 10'000, 25'000, 50'000, 100'000, 500'000, 2'000'000, 10'000'000, 100'000'000, 1'000'000'000};
  struct Market {
    std::array<std::array<std::atomic<std::uint64_t>, 3>, whys> decisions{};
    std::array<std::atomic<std::uint64_t>, edges.size() + 1> took{};
    std::atomic<std::int64_t> total_nanoseconds = 0;
  };
  Market& of(std::string_view market);
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Market>, std::less<>> markets_;
};

/// What is known and how fresh it is.
std::string print_counts(const Knowledge::Counts& counts, Time now);

}  // namespace gate
