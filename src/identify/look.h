// Small questions that several recognisers ask of a content or its name. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace identify {

/// Numbers at an offset; 0 where the bytes end before.
std::uint32_t little32(base::Bytes bytes, std::uint64_t offset);
std::uint16_t little16(base::Bytes bytes, std::uint64_t offset);
std::uint32_t big32(base::Bytes bytes, std::uint64_t offset);
std::uint16_t big16(base::Bytes bytes, std::uint64_t offset);

/// True if `magic` stands at `offset`.
bool has(base::Bytes bytes, std::uint64_t offset, std::string_view magic);

/// The lower-case extension without the dot; "" when there is none. "a.tar.gz" gives "gz".
std::string extension(std::string_view name);
bool one_of(std::string_view word, std::initializer_list<std::string_view> list);
std::string lower(std::string_view text);

/// Text: no control bytes but the usual ones in the first 64 KiB (or UTF-16 with its mark).
bool is_text(base::Bytes bytes);
/// The first `most` bytes as text, a UTF-8 mark removed.
std::string_view opening(base::Bytes bytes, std::size_t most = 4096);
std::string_view trim_front(std::string_view text);

/// What stands at the end of a zip: its central directory, read far enough to know the family.
struct ZipNames {
  bool valid = false;              ///< an end record and at least one sound directory entry (or none announced)
  std::uint64_t start = 0;         ///< offset of the first member's local header: more than 0 when something precedes
  std::vector<std::string_view> names;  ///< at most 20,000, views into the bytes
};
ZipNames zip_names(base::Bytes bytes);

}  // namespace identify
