// Which bytes of a SquashFS image are its tables: claimed by their headers and indices, whether a
// file leads there or not.
#pragma once

#include "unpack/ledger.h"
#include "unpack/squashfs/image.h"

namespace unpack::squashfs_format {

/// Claims superblock, compressor options, metadata blocks, index tables and owner tables.
base::Result<> claim_tables(Image& image, base::Bytes bytes, Ledger& ledger, evidence::Sink& sink);

/// The names and values of all extended attributes, unpacked, as they stand; at most 16 MiB.
base::Result<base::Buffer> extended_attributes(Image& image, base::Bytes bytes, evidence::Sink& sink);

}  // namespace unpack::squashfs_format
