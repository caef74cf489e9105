// The records of a zip: end record, directory entries, local headers. APPNOTE 6.3.10, section 4.3.
// Says what stands there; unpack/zip/zip.cc compares.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::zip_format {

/// What both headers of a member say.
struct Header {
  std::uint64_t offset = 0;  ///< of this header in the file
  std::uint64_t length = 0;  ///< of this header with name, extra field and comment
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0, size = 0;
  std::string_view name;
  // Directory only:
  std::uint16_t made_by = 0;
  std::uint32_t attributes = 0;
  std::uint64_t local = 0;   ///< offset of the local header, as stated

  bool encrypted() const { return flags & 1; }
  bool sizes_follow() const { return flags & 8; }
};

struct Directory {
  std::uint64_t at = 0, size = 0;    ///< where the directory really stands
  std::uint64_t shift = 0;           ///< added to stated offsets: bytes in front of the zip
  std::uint64_t end_record = 0;      ///< offset of the (first) end record
  std::uint64_t end = 0;             ///< behind the end record and its comment
  base::Range comment;
  std::uint64_t stated_count = 0;
  std::vector<Header> entries;
  bool complete = true;              ///< the entries fill the directory exactly
};

std::optional<Header> local_header(base::Bytes bytes, std::uint64_t offset);
/// The directory that most readers use: the last end record whose directory is sound.
/// `sound_ends` counts all end records in the last 64 KiB that lead to a directory.
std::optional<Directory> find_directory(base::Bytes bytes, std::vector<std::uint64_t>& sound_ends);

}  // namespace unpack::zip_format
