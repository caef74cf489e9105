// Where members live between being unpacked and being read: one unlinked temporary file a lane,
// append-only. Nothing is ever written as a tree, no name of a product reaches the file system, and
// a killed run leaves nothing behind. Not thread-safe; a Blob is valid as long as its Depot.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace vet {

struct Blob {
  int file = -1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool there() const { return file >= 0; }
};

class Depot {
 public:
  /// `folder` must exist and be writable. Error io names it.
  static base::Result<Depot> open(const std::string& folder);
  Depot(Depot&& other) noexcept : file_(std::exchange(other.file_, -1)), end_(other.end_) {}
  Depot& operator=(Depot&&) = delete;
  ~Depot();

  /// Error io when the disk is full.
  base::Result<> append(base::Bytes bytes);
  /// Drops what was written behind `end`.
  base::Result<> cut(std::uint64_t end);
  std::uint64_t end() const { return end_; }
  Blob blob_from(std::uint64_t offset) const { return {file_, offset, end_ - offset}; }

 private:
  explicit Depot(int file) : file_(file) {}
  int file_;
  std::uint64_t end_ = 0;
};

}  // namespace vet
