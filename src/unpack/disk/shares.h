// Which bytes of an image belong to a file already: a second claim on them is how one file is
// shown two contents, or how a deleted file's blocks are seen to be in use again. Single-threaded.
#pragma once

#include <iterator>
#include <map>
#include <span>

#include "unpack/ledger.h"

namespace unpack {

class Shares {
 public:
  /// True if any byte of the range belongs to something already.
  bool taken(base::Range range) const {
    if (range.size == 0) return false;
    const auto next = runs_.lower_bound(range.offset);
    if (next != runs_.end() && next->first < range.end()) return true;
    return next != runs_.begin() && std::prev(next)->second > range.offset;
  }
  bool taken(std::span<const Extent> extents) const {
    for (const auto& e : extents)
      if (!e.hole && taken({e.offset, e.size})) return true;
    return false;
  }
  void add(base::Range range) {
    if (range.size == 0) return;
    auto start = range.offset, end = range.end();
    auto at = runs_.upper_bound(start);
    if (at != runs_.begin() && std::prev(at)->second >= start) at = std::prev(at);
    while (at != runs_.end() && at->first <= end) {
      start = std::min(start, at->first);
      end = std::max(end, at->second);
      at = runs_.erase(at);
    }
    runs_.emplace(start, end);
  }
  void add(std::span<const Extent> extents) {
    for (const auto& e : extents)
      if (!e.hole) add({e.offset, e.size});
  }

 private:
  std::map<std::uint64_t, std::uint64_t> runs_;  ///< start to end, apart from each other
};

/// Names that are kept for later (of deleted files, of files with several names), since nested folders
/// could make each of them very long. What is refused is read without its name.
class NameBudget {
 public:
  bool take(std::size_t size) {
    if (size + 64 > left_) return false;
    left_ -= size + 64;
    return true;
  }

 private:
  std::size_t left_ = 64u << 20;
};

/// Adds a piece to a file's extents and joins it with the last one where they touch.
inline void append(std::vector<Extent>& extents, Extent piece) {
  if (piece.size == 0) return;
  if (!extents.empty()) {
    auto& last = extents.back();
    if (last.hole == piece.hole && (piece.hole || last.offset + last.size == piece.offset)) {
      last.size += piece.size;
      return;
    }
  }
  extents.push_back(piece);
}

}  // namespace unpack
