// Several threads over one list of artifacts, each with a depot of its own.
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "vet/depot.h"

namespace vet {

class Lanes {
 public:
  /// At least one. Error io.
  static base::Result<Lanes> open(unsigned count, const std::string& folder) {
    Lanes out;
    for (unsigned i = 0; i < std::max(1u, count); ++i) out.depots_.push_back(TRY(Depot::open(folder)));
    return out;
  }

  /// Calls `work(item, depot)` for every item. The first error stops all and is returned; results must
  /// be kept by node, so that the order of work shows nowhere. Largest first, so that the last lane
  /// isn't left alone with the largest.
  template <class Item, class Size, class Work>
  base::Result<> each(std::vector<Item> items, Size size_of, Work work) {
    std::ranges::stable_sort(items, std::greater{}, size_of);
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    base::Result<> first_error;
    const auto lane = [&](Depot& depot) {
      for (;;) {
        const auto i = next.fetch_add(1);
        if (i >= items.size()) return;
        if (auto done = work(items[i], depot); !done) {
          const std::lock_guard lock(mutex);
          if (first_error) first_error = done;
          next = items.size();
          return;
        }
      }
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < depots_.size() && i < items.size(); ++i) threads.emplace_back(lane, std::ref(depots_[i]));
    lane(depots_[0]);
    threads.clear();
    return first_error;
  }

  /// The depot of work that is done in order, by the calling thread.
  Depot& first() { return depots_[0]; }

  /// Where every depot ends; what was written behind a mark can be dropped again.
  std::vector<std::uint64_t> mark() const {
    std::vector<std::uint64_t> out;
    for (const auto& depot : depots_) out.push_back(depot.end());
    return out;
  }
  base::Result<> drop(const std::vector<std::uint64_t>& mark) {
    for (std::size_t i = 0; i < depots_.size(); ++i) CHECK_OK(depots_[i].cut(mark[i]));
    return {};
  }

 private:
  std::vector<Depot> depots_;
};

}  // namespace vet
