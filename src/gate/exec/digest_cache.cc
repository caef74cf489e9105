#include "gate/exec/digest_cache.h"

namespace gate::exec {
namespace {

constexpr std::int64_t settled = 2'000'000'000;  // nanoseconds: coarser than any file system's clock in use (FAT: 2 s)

std::int64_t nanoseconds(const timespec& t) { return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec; }

}  // namespace

FileKey FileKey::of(const struct stat& about) {
  return {about.st_dev, about.st_ino, static_cast<std::uint64_t>(about.st_size), nanoseconds(about.st_mtim), nanoseconds(about.st_ctim)};
}

std::optional<base::Digest> DigestCache::find(const FileKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = digests_.find(key);
  return found == digests_.end() ? std::nullopt : std::optional(found->second);
}

void DigestCache::keep(const FileKey& before, const FileKey& after, const base::Digest& digest, std::int64_t now) {
  if (before != after || now - after.changed < settled) return;
  const std::lock_guard lock(mutex_);
  if (digests_.size() >= most_) digests_.clear();
  digests_[after] = digest;
}

}  // namespace gate::exec
