// Pieces of memory by address, joined to regions and handed on as children named by address.
#pragma once

#include <vector>

#include "evidence/sink.h"

namespace unpack::hex_format {

class Regions {
 public:
  void add(std::uint64_t address, base::Buffer data) {
    if (!data.empty()) pieces_.push_back({address, std::move(data)});
  }
  /// Later pieces overwrite earlier ones, as they do in a programmer. Gaps of up to 1,024 bytes are
  /// filled as erased memory is: with ones.
  base::Result<> give(evidence::Sink& sink);

 private:
  struct Piece {
    std::uint64_t address = 0;
    base::Buffer data;
  };
  std::vector<Piece> pieces_;
};

/// UF2: blocks of 512 bytes, each with an address and up to 476 bytes. https://github.com/microsoft/uf2
inline constexpr std::uint64_t uf2_block = 512;
struct Uf2Block {
  bool sound = false;      ///< magics and sizes are right
  bool for_memory = false; ///< not a comment or a file of a container
  std::uint32_t address = 0, number = 0, count = 0, family = 0;
  base::Bytes data;
};
Uf2Block uf2(base::Bytes block);

}  // namespace unpack::hex_format
