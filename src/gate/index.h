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
  /// the one that holds counts. Where the policy asks for baselines, each word is told whether it has one.
  Index(std::vector<Heard> heard, const std::vector<Revoked>& revoked, const std::vector<Waived>& waived, const Policy& policy);
  Facts facts_of(const base::Digest& product) const;
  /// Products of which a trusted office says that they hold all of these files, whatever its verdict: each
  /// digest once. What may be concluded is for the decision about such a product to say.
  std::vector<base::Digest> products_holding(std::span<const base::Digest> files) const;
  std::size_t hallmarks() const { return hallmarks_; }

 private:
  struct Entry {
    Words own, inside;
    Words refused;   ///< inside a product that was refused, or whose vetting did not finish
  };
  std::unordered_map<base::Digest, Entry> entries_;
  std::unordered_map<base::Digest, std::vector<Answered>> answered_;
  std::size_t hallmarks_ = 0;
};

}  // namespace gate
