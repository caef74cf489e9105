// Bytes on their way through a gate: written to a temporary file that has no name, hashed as they
// come, and handed on only from there. So the digest that was decided on is that of the very bytes
// that leave, whatever the sender does meanwhile.
// Threads: one at a time; once filled, write_to() by one reader.
#pragma once

#include <memory>
#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace gate {

class Spool {
 public:
  /// In $TMPDIR, else /tmp. Error: io.
  static base::Result<Spool> make(std::uint64_t most_bytes);
  ~Spool();
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&& other) noexcept;

  /// Error: limit (more than most_bytes), io.
  base::Result<> add(std::string_view bytes);
  /// Ends the filling; add() must not be called after it.
  const base::Digest& digest();
  /// The same of a spool whose digest was taken before.
  const base::Digest& taken_digest() const { return digest_; }
  std::uint64_t size() const { return size_; }
  int file() const { return file_; }
  /// All of it in memory. Error: limit, io.
  base::Result<std::string> text(std::uint64_t most) const;
  /// Up to `size` bytes at `offset`. Error: io (also when the file ends early).
  base::Result<std::string> piece(std::uint64_t offset, std::uint64_t size) const;
  /// SHA-512 or SHA-1 of all of it, by name. Error: io.
  base::Result<base::Buffer> digest_by(std::string_view name) const;

 private:
  Spool(int file, std::uint64_t most) : file_(file), most_(most) {}
  int file_ = -1;
  std::uint64_t most_ = 0, size_ = 0;
  base::Sha256 sum_;
  bool ended_ = false;
  base::Digest digest_;
};

}  // namespace gate
