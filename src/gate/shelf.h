// A folder of hallmarks. Each file is read and verified once, and again only when it changed.
// Threads: one at a time; verification itself uses all cores.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "gate/heard.h"

namespace gate {

inline constexpr std::size_t most_hallmark_bytes = 48u << 20;  ///< two envelopes of 16 MiB, in base64

class Shelf {
 public:
  explicit Shelf(std::string folder) : folder_(std::move(folder)) {}
  /// Looks at the folder again, three levels deep: *.hallmark and *.revocation. True when anything changed.
  bool refresh(const hallmark::Trust& trust, Time now);
  const std::string& trouble() const { return trouble_; }   ///< why the folder can't be read; "" = it can
  std::size_t unreadable() const { return unreadable_; }    ///< files that are no hallmarks or can't be opened
  void collect(std::vector<Heard>& heard, std::vector<Revoked>& revoked) const;

 private:
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t changed = 0, modified = 0;   ///< nanoseconds
    bool operator==(const Stamp&) const = default;
  };
  struct Item {
    Stamp stamp;
    std::optional<Heard> heard;
    std::optional<Revoked> revoked;
    std::uint64_t round = 0;
  };
  struct Found {
    std::string path;
    Stamp stamp;
  };
  bool list(const std::string& folder, int depth, std::vector<Found>& found);
  static void read(const std::string& path, const hallmark::Trust& trust, Time now, Item& item);

  std::string folder_, trouble_;
  std::unordered_map<std::string, Item> items_;
  std::size_t unreadable_ = 0;
  std::uint64_t round_ = 0;
};

/// A whole file, at most `most` bytes; a symbolic link is followed, a device or pipe is refused. Error: io, limit.
base::Result<std::string> read_file(const std::string& path, std::size_t most);
/// Writes beside, flushes to the disk, renames, flushes the folder. Error: io.
base::Result<> write_durably(const std::string& path, std::string_view text);

}  // namespace gate
