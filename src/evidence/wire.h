// Evidence as bytes: between worker and parent, and in the cache. Little-endian; strings and lists
// with a 32-bit length. Reading is bounded: the other side may be a worker that was taken over.
#pragma once

#include "artifact/entry.h"
#include "base/cursor.h"
#include "evidence/coverage.h"
#include "evidence/item.h"

namespace evidence::wire {

/// Appends to a buffer.
class Writer {
 public:
  void u8(std::uint8_t v) { out_.push_back(v); }
  void u32(std::uint32_t v) { number(v, 4); }
  void u64(std::uint64_t v) { number(v, 8); }
  void text(std::string_view v) {
    u32(static_cast<std::uint32_t>(v.size()));
    out_.insert(out_.end(), v.begin(), v.end());
  }
  void item(const Item& item);
  void claim(const Claim& claim);
  void entry(const artifact::Entry& entry);
  base::Bytes bytes() const { return out_; }
  base::Buffer take() { return std::move(out_); }
  void clear() { out_.clear(); }

 private:
  void number(std::uint64_t v, int width) {
    for (int i = 0; i < width; ++i) out_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
  }
  base::Buffer out_;
};

inline std::string text(base::Cursor& in, std::uint64_t most = 1 << 20) {
  const auto size = in.u32();
  if (size > most) {
    in.skip(UINT64_MAX);
    return {};
  }
  return std::string(base::text_of(in.take(size)));
}

base::Result<Item> item(base::Cursor& in);
base::Result<Claim> claim(base::Cursor& in);
base::Result<artifact::Entry> entry(base::Cursor& in);

}  // namespace evidence::wire
