// File systems on disks, known by their superblock or boot sector. Part of the recogniser "disk".
#pragma once

#include <optional>

#include "identify/recogniser.h"

namespace identify {

/// The surest file system at the start of these bytes. A handful of header fields; at most one
/// checksum over 64 KiB.
std::optional<Identity> file_system(base::Bytes bytes);

}  // namespace identify
