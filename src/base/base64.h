// Base64 (RFC 4648, section 4), strict, with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace base {

std::string to_base64(Bytes bytes);
inline std::string to_base64(std::string_view text) { return to_base64(bytes_of(text)); }
/// Nothing for anything but canonical base64: white space, a missing or wrong padding, stray bits.
std::optional<Buffer> from_base64(std::string_view text);

}  // namespace base
