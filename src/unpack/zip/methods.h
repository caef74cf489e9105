// The compression methods of zip members. APPNOTE 4.4.5.
#pragma once

#include "unpack/stream.h"
#include "unpack/zip/records.h"

namespace unpack::zip_format {

/// Decodes a member's content by its header's method; unsupported for methods that are not read.
stream::Decoded decode(const Header& header, base::Bytes content, const stream::Take& take);

}  // namespace unpack::zip_format
