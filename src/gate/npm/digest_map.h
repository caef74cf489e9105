// What the gate has learnt about npm's own digests: npm names a tarball by SHA-512, hallmarks name it by
// SHA-256. Each pair was computed here over the same bytes. It only spares fetching files to filter lists;
// the door is at the tarball, whose own bytes are hashed each time.
// Threads: any number. Durability: a line is appended for each pair; a lost one is learnt again.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace gate {

class DigestMap {
 public:
  /// `file`: "" = in memory only. Lines that aren't ours are passed over. Error: usage: can't be written.
  static base::Result<std::unique_ptr<DigestMap>> open(const std::string& file);
  ~DigestMap();
  std::optional<base::Digest> find(const std::string& integrity) const;
  void add(const std::string& integrity, const base::Digest& digest);

 private:
  mutable std::mutex lock_;
  std::map<std::string, base::Digest> known_;
  int file_ = -1;
};

}  // namespace gate
