// LZFSE and LZVN (as in https://github.com/lzfse/lzfse), and ADC: what Apple's disk images are packed
// with. Own bounded decoders.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::dmg_format {

/// Decodes to at most `most` bytes; more is an error.
base::Result<base::Buffer> lzfse(base::Bytes packed, std::uint64_t most);
base::Result<base::Buffer> adc(base::Bytes packed, std::uint64_t most);

}  // namespace unpack::dmg_format
