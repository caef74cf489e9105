// One tar header block and the extended headers in front of it, as one member.
// POSIX.1-2017 pax, and the GNU manual, "Basic Tar Format".
#pragma once

#include <optional>
#include <vector>

#include "artifact/entry.h"
#include "base/bytes.h"
#include "base/result.h"

namespace unpack::tar_format {

struct Hole {  ///< a run of stored data in a sparse file
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct Member {
  artifact::Entry entry;
  char type = '0';
  std::uint64_t size = 0;       ///< stored bytes that follow the header
  bool old_gnu_sparse = false;  ///< extension blocks may follow
  bool sparse = false;
  std::uint64_t real_size = 0;  ///< of a sparse file
  std::vector<Hole> map;
};

/// Overrides from extended headers; unset fields leave the block's own.
struct Extended {
  std::optional<std::string> path, link;
  std::optional<std::uint64_t> size, uid, gid;
  bool sparse = false;
  bool sparse_map_inside = false;  ///< GNU.sparse 1.0: the map is the content's beginning
  std::uint64_t real_size = 0;
  std::vector<Hole> map;
};

/// A number field: octal with spaces or NUL, or base-256.
std::optional<std::uint64_t> number(base::Bytes field);
bool checksum_holds(base::Bytes block);
bool is_end_block(base::Bytes block);
base::Result<Member> read_block(base::Bytes block);
/// Reads "length key=value\n" records into `into`; malformed where a record contradicts itself.
base::Result<> read_pax(base::Bytes records, Extended& into);
void apply(const Extended& extended, Member& member);
/// A decimal map of GNU.sparse 1.0; returns the bytes that it takes, rounded to blocks.
base::Result<std::uint64_t> read_sparse_map(base::Bytes content, std::vector<Hole>& map);
inline constexpr std::size_t most_runs = 65536;

}  // namespace unpack::tar_format
