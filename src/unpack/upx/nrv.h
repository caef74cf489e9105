// What UPX packs with: the NRV methods 2B, 2D and 2E, LZMA and deflate, and the filters that rewrite
// branches before packing. Own bounded decoders; nothing is kept between calls.
// The streams are those that programs packed by UPX hold; there is no published specification.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"

namespace unpack::upx_format {

/// Exactly `size` bytes, or an error. `method` as UPX numbers them: 2 to 10, 14, 15.
base::Result<base::Buffer> unpack_block(unsigned method, base::Bytes packed, std::uint64_t size, evidence::Sink& sink);
std::string_view method_name(unsigned method);

/// Undoes a filter. False for one that is not known; the bytes are left as they are then.
bool unfilter(unsigned filter, std::uint8_t mark, std::span<std::uint8_t> bytes, std::uint32_t base);

std::uint32_t adler32_of(base::Bytes bytes);

}  // namespace unpack::upx_format
