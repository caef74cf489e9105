// LZO1X blocks, as the Linux kernel, lzop, UBIFS, JFFS2, SquashFS and btrfs store them.
// https://docs.kernel.org/staging/lzo.html (stream versions 0 and 1). Every length and distance is
// checked against the bytes that are there; nothing is kept between calls.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace unpack::stream {

/// One block up to its end mark, at most `most` bytes of content. Bytes behind the end mark are
/// ignored; `consumed` receives how many belong to the block, when it is asked for.
base::Result<base::Buffer> lzo1x(base::Bytes packed, std::uint64_t most, std::uint64_t* consumed = nullptr);

}  // namespace unpack::stream
