// Headers that makers of devices put around their firmware. One function a format; each answers
// only where sizes, offsets and (of headers) sums agree. What is known of them is public: the
// headers and image tools of OpenWrt, and the makers' own source releases and data sheets.
#pragma once

#include <optional>
#include <vector>

#include "parse/firmware/layout.h"

namespace parse::firmware {

struct Format {
  std::string_view kind;   ///< "firmware/trx"
  std::string_view maker;
  std::optional<Layout> (*read)(base::Bytes bytes);
};

/// Routers and modems; then other devices.
const std::vector<Format>& router_formats();
const std::vector<Format>& device_formats();
/// The first of all formats that proves itself.
std::optional<Layout> vendor(base::Bytes bytes);

}  // namespace parse::firmware
