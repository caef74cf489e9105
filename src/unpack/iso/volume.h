// ISO 9660 volumes: descriptors, directory records, Rock Ridge and Joliet. ECMA-119; IEEE P1281 (SUSP),
// P1282 (Rock Ridge); Joliet specification 1. Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "artifact/entry.h"
#include "base/bytes.h"
#include "base/result.h"

namespace unpack::iso_format {

struct Record {
  artifact::Entry entry;        ///< name within its directory, nature, mode, owner, link
  std::uint64_t block = 0, size = 0;
  std::uint64_t plain = 0;      ///< size when decompressed, of zisofs files; 0 for others
  bool goes_on = false;         ///< another extent of this file follows
  bool interleaved = false;
  bool self = false;            ///< "." or "..", or a folder that was moved elsewhere
  bool endians_disagree = false;
  std::vector<base::Range> continuations;  ///< areas outside the directory that this record uses
};

struct Volume {
  bool joliet = false;
  bool rock_ridge = false;
  std::uint32_t skip = 0;       ///< bytes in front of each record's system use fields
  std::uint64_t block_size = 2048, blocks = 0;
  std::uint64_t root_block = 0, root_size = 0;
  std::vector<base::Range> path_tables;
};

struct Image {
  std::vector<Volume> volumes;              ///< the primary one first
  std::vector<base::Range> descriptors;
  std::optional<std::uint64_t> boot_catalog;  ///< offset
};

base::Result<Image> read_image(base::Bytes bytes);

struct BootEntry {
  std::uint64_t block = 0, sectors = 0;     ///< sectors of 512 bytes
  unsigned media = 0;
};
/// The entries of a boot catalogue (El Torito 1.0); `size` is set to the bytes that it takes.
std::vector<BootEntry> boot_entries(base::Bytes bytes, std::uint64_t offset, std::uint64_t& size);

/// The record at `at` of a directory's bytes; nothing where no record begins. `next` is moved behind it.
std::optional<Record> record(base::Bytes image, base::Bytes directory, const Volume& volume, std::uint64_t& next);

}  // namespace unpack::iso_format
