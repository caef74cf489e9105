// The manifest of an Android update payload, read from its protocol buffers.
// AOSP update_engine/update_metadata.proto; https://protobuf.dev/programming-guides/encoding.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::payload_format {

/// One field of a message.
struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  ///< of a number
  base::Bytes bytes;        ///< of a text or message
};
/// Walks the fields of a message; lives no longer than its bytes.
class Message {
 public:
  explicit Message(base::Bytes bytes) : bytes_(bytes) {}
  /// The next field; nothing at the end or where the bytes make no sense (then ok() is false).
  std::optional<Field> next();
  bool ok() const { return ok_; }

 private:
  std::optional<std::uint64_t> number();
  base::Bytes bytes_;
  std::uint64_t at_ = 0;
  bool ok_ = true;
};

enum Operation : std::uint32_t { replace = 0, replace_bz = 1, zero = 6, discard = 7, replace_xz = 8, zstd = 14 };

struct Blocks {
  std::uint64_t first = 0, count = 0;
};
struct Step {
  std::uint32_t type = 0;
  base::Range data;  ///< from the start of the blobs
  std::vector<Blocks> to;
};
struct Partition {
  std::string name;
  std::uint64_t size = 0;  ///< 0 where the manifest doesn't say
  base::Buffer hash;       ///< SHA-256 of the new content
  std::vector<Step> steps;
};
struct Manifest {
  std::uint64_t block = 4096;
  base::Range signatures;
  std::vector<Partition> partitions;
};

base::Result<Manifest> manifest(base::Bytes bytes);

}  // namespace unpack::payload_format
