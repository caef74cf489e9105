// Digests of files that were executed before, so that starting a program again costs a look at its
// inode. What changes a file changes its ctime, which no program can set; but clocks of file systems
// tick slowly, so a file that changed just now is hashed again until its ctime is safely past.
//
// Threads: any number.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/digest.h"

namespace gate::exec {

struct FileKey {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0, changed = 0;   ///< nanoseconds since 1970
  static FileKey of(const struct stat& about);
  bool operator==(const FileKey&) const = default;
};

class DigestCache {
 public:
  explicit DigestCache(std::size_t most = 200'000) : most_(most) {}
  std::optional<base::Digest> find(const FileKey& key) const;
  /// `before` and `after`: as seen before and after the bytes were read; kept only when they are the same,
  /// and the change lies more than two seconds before `now` (nanoseconds since 1970).
  void keep(const FileKey& before, const FileKey& after, const base::Digest& digest, std::int64_t now);

 private:
  struct Hash {
    std::size_t operator()(const FileKey& k) const { return k.inode * 0x9E3779B97F4A7C15u ^ static_cast<std::size_t>(k.changed) ^ k.device << 32; }
  };
  std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<FileKey, base::Digest, Hash> digests_;
};

}  // namespace gate::exec
