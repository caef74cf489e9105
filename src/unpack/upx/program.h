// Programs packed by UPX: the pack header, and how the program is put together again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"

namespace unpack::upx_format {

/// The 32 bytes "UPX!" with the sizes and sums of what was packed.
struct PackHeader {
  std::uint64_t at = 0;
  std::uint8_t version = 0, format = 0, method = 0, filter = 0, mark = 0;
  std::uint32_t unpacked_sum = 0, packed_sum = 0, unpacked = 0, packed = 0, file = 0;
  std::uint64_t data() const { return at + 32; }
};
/// The first one in [0, end) whose own sum holds.
std::optional<PackHeader> find_pack_header(base::Bytes bytes, std::uint64_t end);

struct Program {
  base::Buffer file;              ///< the program as it was, as far as it can be told
  base::Buffer extra;             ///< what was unpacked and has no place in the file
  std::vector<base::Range> packed;     ///< what it was unpacked from
  std::vector<base::Range> structure;  ///< heads that tell how
  std::string method;
  std::vector<std::string> missing;    ///< what could not be put back, one phrase each
};

/// Windows programs: sections and imports are put back, relocations (which stand
/// in `extra`) and resources (which are not packed) are not.
/// Nothing where the header turns out to be there by chance.
base::Result<std::optional<Program>> unpack_pe(base::Bytes bytes, const PackHeader& header, evidence::Sink& sink);

/// ELF programs: nothing where the blocks' heads don't stand behind the program headers.
base::Result<std::optional<Program>> unpack_elf(base::Bytes bytes, evidence::Sink& sink);

}  // namespace unpack::upx_format
