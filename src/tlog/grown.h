// A log's tree as its writer has it: the growing edge in memory, full tiles read from the folder when a
// proof needs them. And the checks that a folder is the one that was signed.
// Threads: one at a time.
#pragma once

#include <map>

#include "tlog/files.h"
#include "tlog/tiles.h"

namespace tlog {

class Grown {
 public:
  /// The tree of `size` entries in the folder; `root` and everything from `before` on is compared with it.
  /// Error: usage: the folder is not (or no longer) that tree.
  static base::Result<Grown> load(const Files& files, std::uint64_t size, std::uint64_t before, const Hash& root);

  std::uint64_t size() const { return edge_.size(); }
  Hash root() const { return edge_.root(); }
  GetNode node(const Files& files);

  /// Adds entries; the files that the larger tree has are put into `files`, not committed.
  void grow(const std::vector<base::Buffer>& leaves, Files& files);
  /// Removes the partial tiles that full ones have replaced since `size`.
  void drop_replaced(std::uint64_t since, const Files& files) const;

 private:
  base::Result<std::shared_ptr<const Tile>> full_tile(const Files& files, unsigned level, std::uint64_t index);
  base::Result<> check_recent(const Files& files, std::uint64_t before);
  void put_edge(std::uint64_t before, Files& files) const;

  Edge edge_;
  std::string bundle_;   ///< the partial entry bundle
  std::map<std::pair<unsigned, std::uint64_t>, std::shared_ptr<const Tile>> tiles_;
};

}  // namespace tlog
