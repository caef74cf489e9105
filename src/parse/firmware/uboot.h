// U-Boot's legacy image header, 64 bytes, big-endian.
// https://docs.u-boot.org/en/latest/usage/cmd/imxtract.html, include/image.h "legacy image".
#pragma once

#include <optional>

#include "parse/firmware/layout.h"

namespace parse::firmware {

/// Makers change the magic and keep the header: its sum proves it too.
std::optional<Layout> uboot(base::Bytes bytes);

}  // namespace parse::firmware
