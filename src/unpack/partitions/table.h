// Partition tables: MBR with its chain of extended tables, and GPT with its backup.
// MBR: no standard but usage, e.g. UEFI Specification 2.10, 5.2; GPT: the same, 5.3.
// Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::partition_tables {

struct Partition {
  unsigned number = 0;
  std::string name;  ///< raw bytes; of the GPT entry, or the type's name
  base::Range range;
  base::Range entry;  ///< where the table says it
  bool operator==(const Partition& other) const { return number == other.number && range == other.range && name == other.name; }
};

struct Table {
  std::vector<base::Range> structure;  ///< the tables' own bytes
  std::vector<Partition> partitions;
  std::vector<std::string> troubles;  ///< what does not fit, one sentence each
};

/// The four primary partitions and the logical ones behind them, which have numbers from 5 on. Types
/// EE (protective) are left out.
Table read_mbr(base::Bytes image);

struct Guid {
  Table table;
  base::Range header;
  std::uint64_t other = 0;   ///< offset of the other header
  std::uint32_t entries_checksum = 0;
  bool header_sound = false, entries_sound = false;
};
/// A GPT header at an offset; nothing where none stands.
std::optional<Guid> read_gpt(base::Bytes image, std::uint64_t at, std::uint64_t sector);

}  // namespace unpack::partition_tables
