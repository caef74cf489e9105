// The clusters of a FAT12, FAT16, FAT32 or exFAT volume and how they are chained.
// Microsoft, FAT: General Overview of On-Disk Format 1.03; exFAT file system specification 1.00.
// Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"
#include "unpack/ledger.h"

namespace unpack::fat_format {

struct Volume {
  base::Bytes bytes;
  bool ex = false;         ///< exFAT
  unsigned bits = 12;      ///< of an entry of the table
  std::uint64_t sector = 512, cluster = 512, size = 0;  ///< bytes
  std::uint64_t clusters = 0;
  std::uint64_t data = 0;  ///< offset of cluster 2
  std::uint64_t table = 0, table_size = 0;  ///< the table in use
  std::vector<std::uint64_t> tables;        ///< all copies
  base::Range fixed_root;                   ///< FAT12 and FAT16
  std::uint32_t root = 0;                   ///< first cluster, else
  std::uint64_t information = 0, backup = 0;  ///< FAT32: sectors; 0 = none
  base::Range bitmap;                       ///< exFAT: which clusters are in use

  static base::Result<Volume> open(base::Bytes bytes, bool ex);
  bool holds(std::uint64_t number) const { return number >= 2 && number < clusters + 2; }
  base::Range place(std::uint64_t number) const { return {data + (number - 2) * cluster, cluster}; }
  std::uint32_t next(std::uint64_t number) const;
  bool is_end(std::uint32_t entry) const { return entry >= (ex ? 0xFFFFFFF8 : bits == 32 ? 0x0FFFFFF8 : bits == 16 ? 0xFFF8u : 0xFF8u); }
  bool is_free(std::uint64_t number) const;

  /// The clusters of a chain, at most `wanted`; an error where it is broken or runs in a ring.
  base::Result<std::vector<Extent>> chain(std::uint32_t first, std::uint64_t wanted, evidence::Sink& sink) const;
  /// `count` clusters in a row; empty where they are not all inside the volume.
  std::vector<Extent> row(std::uint32_t first, std::uint64_t count) const;
  /// True if a row of clusters is free: the best that can be said of a deleted file.
  bool is_free_row(std::uint32_t first, std::uint64_t count) const;
};

struct File {
  std::string name;
  bool directory = false, deleted = false;
  bool row = false;  ///< its clusters follow each other, the table says nothing of them
  std::uint32_t first = 0;
  std::uint64_t size = 0;
  std::uint64_t valid = UINT64_MAX;  ///< bytes that were written; zeros behind
};

struct Listing {
  std::vector<File> files;
  std::vector<File> tables;  ///< exFAT: allocation bitmap (first) and up-case table
  std::uint64_t end = 0;     ///< first byte behind the last entry
};

/// The entries of a directory whose bytes stand in a row.
Listing list_fat(base::Bytes directory);
Listing list_exfat(base::Bytes directory);

}  // namespace unpack::fat_format
