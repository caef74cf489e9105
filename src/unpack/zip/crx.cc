// See crx.h.
#include "unpack/zip/crx.h"

#include <algorithm>

#include "base/cursor.h"

namespace unpack::zip_format {
namespace {

std::uint64_t varint(base::Cursor& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto b = at.u8();
    value |= static_cast<std::uint64_t>(b & 0x7F) << shift;
    if (!(b & 0x80)) break;
  }
  return value;
}

// Calls `see(tag, range)` for each length-delimited field of a message at `range`.
template <class See>
void each_field(base::Bytes bytes, base::Range range, See see) {
  base::Cursor at(base::slice(bytes, range.offset, range.size));
  while (at.left() && at.ok()) {
    const auto key = varint(at);
    if ((key & 7) == 2) {
      const auto size = varint(at);
      const base::Range field{range.offset + at.position(), size};
      at.skip(size);
      if (at.ok()) see(key >> 3, field);
    } else if ((key & 7) == 0) {
      (void)varint(at);
    } else {
      at.skip((key & 7) == 1 ? 8 : (key & 7) == 5 ? 4 : at.left() + 1);
    }
  }
}

}  // namespace

CrxHeader crx_header(base::Bytes bytes) {
  CrxHeader out;
  base::Cursor at(bytes);
  at.skip(4);
  const auto version = at.u32();
  const std::uint64_t first = at.u32();
  if (version == 2) {
    const std::uint64_t signature = at.u32();
    out.keys.push_back({16, first});
    out.end = 16 + first + signature;
  } else {
    out.end = 12 + first;
    each_field(bytes, {12, first}, [&](std::uint64_t tag, base::Range proof) {
      if (tag != 2 && tag != 3) return;
      each_field(bytes, proof, [&](std::uint64_t inner, base::Range key) {
        if (inner == 1 && out.keys.size() < 100) out.keys.push_back(key);
      });
    });
  }
  out.end = std::min<std::uint64_t>(out.end, bytes.size());
  return out;
}

}  // namespace unpack::zip_format
