// Everything that is known, by digest: made once from what was heard, then only read.
#pragma once

#include <unordered_map>

#include "gate/heard.h"

namespace gate {

class Index {
 public:
  using Words = std::vector<std::shared_ptr<const Word>>;
  Index() = default;
  /// Marks what is revoked or superseded, then sorts by digest. `heard` may hold the same hallmark twice:
  /// the one that holds counts.
  Index(std::vector<Heard> heard, const std::vector<Revoked>& revoked, const std::vector<Waived>& waived);
  Facts facts_of(const base::Digest& product) const;
  std::size_t hallmarks() const { return hallmarks_; }

 private:
  struct Entry {
    Words own, inside;
  };
  std::unordered_map<base::Digest, Entry> entries_;
  std::unordered_map<base::Digest, std::vector<Answered>> answered_;
  std::size_t hallmarks_ = 0;
};

}  // namespace gate
