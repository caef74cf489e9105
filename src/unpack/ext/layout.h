// The fixed places of an ext file system: superblocks, descriptors, bitmaps, inode tables, journal.
#pragma once

#include <vector>

#include "unpack/ext/image.h"

namespace unpack::ext_format {

/// Claims them as structure; what no field uses (boot area, unused inodes, slack) stays unclaimed.
/// Returns the inodes that hold something, in order.
base::Result<std::vector<std::uint32_t>> claim_layout(const Image& image, Ledger& ledger, evidence::Sink& sink);

/// Claims the journal: its own blocks are structure, old copies of other blocks are only searched.
base::Result<> claim_journal(const Image& image, const std::vector<Extent>& extents, Ledger& ledger, evidence::Sink& sink);

}  // namespace unpack::ext_format
