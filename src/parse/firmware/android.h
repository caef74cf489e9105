// Boot images of Android: boot.img (header versions 0 to 4), vendor_boot.img (3 and 4), the table
// of device tree overlays, and the metadata of verified boot.
// https://source.android.com/docs/core/architecture/bootloader/boot-image-header,
// .../vendor-boot-partition, .../dto/partitions; AVB 2.0, libavb/avb_vbmeta_image.h.
#pragma once

#include <optional>

#include "parse/firmware/layout.h"

namespace parse::firmware {

std::optional<Layout> android_boot(base::Bytes bytes);
std::optional<Layout> vendor_boot(base::Bytes bytes);
std::optional<Layout> android_dtbo(base::Bytes bytes);
std::optional<Layout> vbmeta(base::Bytes bytes);

/// Where the footer at the end of a verified image says that its metadata stands.
std::optional<base::Range> vbmeta_by_footer(base::Bytes bytes);
inline constexpr std::uint64_t avb_footer_size = 64;

}  // namespace parse::firmware
