// InstallShield cabinets: the list of files stands in a header file, their bytes in one or more cabinets
// beside it. Facts: the unshield project's notes on versions 6 and later. Versions up to 5 are not read.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "unpack/stream.h"

namespace unpack::installshield_format {

struct CabinetFile {
  std::string name;         ///< directory and name
  unsigned flags = 0, volume = 1;
  std::uint64_t plain = 0, packed = 0, offset = 0;
  bool split() const { return flags & 1; }
  bool obfuscated() const { return flags & 2; }
  bool compressed() const { return flags & 4; }
  bool gone() const { return (flags & 8) || name.empty() || offset == 0; }
};

/// The files that a header lists.
base::Result<std::vector<CabinetFile>> listed_files(base::Bytes header);
/// Gives a file's content from its volume.
base::Result<> extract(base::Bytes volume, const CabinetFile& file, const stream::Take& take);

}  // namespace unpack::installshield_format
