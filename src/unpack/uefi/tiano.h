// The compression of UEFI (19.2 of the UEFI specification 2.10, "Compression Source Code"): LZ77
// with two Huffman codes a block. Own bounded decoder. Two forms differ only in the width of one
// field: EFI 1.1 (4 bits) and Tiano (5 bits); nothing in the stream says which.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"

namespace unpack::uefi_format {

struct TianoHead {
  std::uint32_t packed = 0;    ///< bytes that follow the 8 bytes of the head
  std::uint32_t unpacked = 0;
};
base::Result<TianoHead> tiano_head(base::Bytes bytes);

/// Decodes a stream with its head. Exactly `unpacked` bytes come out, or an error. The caller has
/// compared the sizes with what is allowed.
base::Result<base::Buffer> tiano(base::Bytes bytes, unsigned position_bits);

/// Decodes with the form that fits: the one that comes to its end, and if both do, the one whose
/// content is told apart by `sound`. `sink` counts the work.
base::Result<base::Buffer> tiano_either(base::Bytes bytes, evidence::Sink& sink, bool (*sound)(base::Bytes content));

}  // namespace unpack::uefi_format
