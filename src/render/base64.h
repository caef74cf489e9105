// Base64 (RFC 4648, section 4, with padding).
#pragma once

#include <string>

#include "base/bytes.h"

namespace render {

std::string base64(base::Bytes bytes);

}  // namespace render
