// The header of a Chrome extension, formats 2 and 3: where its keys stand. CRX 3 is a protocol buffer,
// components/crx_file/crx3.proto of Chromium. Opinion-free.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace unpack::zip_format {

struct CrxHeader {
  std::uint64_t end = 0;          ///< where the zip begins; cut to the file
  std::vector<base::Range> keys;  ///< public keys, DER, in the order of the file
};
CrxHeader crx_header(base::Bytes bytes);

}  // namespace unpack::zip_format
