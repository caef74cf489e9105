// Where a known form may begin inside bytes of no known form: a first sieve by magic numbers. What
// passes it is identified and read before it counts.
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.h"

namespace unpack::carved_parts {

/// Calls `see(offset)` for every offset from 1 at which some signature stands, ascending, each once.
/// `see` returns the offset to go on at (at least offset + 1), or 0 to stop.
void each_candidate(base::Bytes bytes, const std::function<std::uint64_t(std::uint64_t)>& see);

}  // namespace unpack::carved_parts
