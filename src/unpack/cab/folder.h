// The folders of a cabinet: chains of data blocks that are one compressed stream. MS-CAB 2.3, 2.6;
// MS-MCI for MSZIP. Quantum is not read.
#pragma once

#include <vector>

#include "evidence/reader.h"
#include "unpack/stream.h"

namespace unpack::cab_format {

struct Block {
  std::uint64_t offset = 0;           ///< of its header
  std::uint64_t header = 0;           ///< size of the header with its reserve
  base::Range data;
  std::uint16_t plain = 0;            ///< size when decoded; 0 = goes on in the next cabinet
  bool sound = true;                  ///< the checksum is right, or none was made
};

struct Folder {
  std::uint64_t start = 0;
  std::uint16_t blocks = 0, method = 0;
  std::vector<Block> chain;
  bool whole = true;  ///< all blocks lie in the file
  bool readable() const { return (method & 15) != 2 && (method & 15) < 4; }
};

/// Finds the folder's blocks. `reserve` is the size of each block's application area.
void find_blocks(base::Bytes bytes, Folder& folder, unsigned reserve);

/// Decodes a folder from its first to its last block of this cabinet. `done` is told each block that was
/// decoded, with the number of bytes that its data used.
base::Result<> decode(base::Bytes bytes, const Folder& folder, const stream::Take& take, const std::function<void(const Block&, std::uint64_t)>& done);

}  // namespace unpack::cab_format
