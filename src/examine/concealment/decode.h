// Encodings that hide text: base64, base32, hex, escapes, ROT13, reversal. Each decoder takes the
// encoded text as it stands (with line ends, quotes and joining signs between its pieces) and gives
// bytes, or nothing where the text is not of that encoding.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace examine::concealment_parts {

std::optional<base::Buffer> from_base64(std::string_view text);
std::optional<base::Buffer> from_base32(std::string_view text);
std::optional<base::Buffer> from_hex(std::string_view text);
std::string rot13(std::string_view text);
std::string reversed(std::string_view text);

/// Bytes of a run of "\x41", "\101", "\u0041", "%41" or "65, 66" from the start of `text`; `used` is
/// its length. Empty where no run of at least `least` elements starts.
base::Buffer from_escapes(std::string_view text, std::size_t least, std::size_t& used);
base::Buffer from_numbers(std::string_view text, std::size_t least, std::size_t& used);

}  // namespace examine::concealment_parts
