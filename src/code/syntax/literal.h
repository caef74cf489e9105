// String literals and encodings: from source text to the bytes that it stands for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace code::syntax {

/// C-like escapes: \n \t \\ \x41 \101 \u0041 \u{41} \U00000041; an unknown escape keeps its character.
std::string unescape(std::string_view text);
/// UTF-8 of one code point; "" when there is none.
std::string utf8(std::uint32_t point);

/// RFC 4648, also the URL alphabet; line breaks and missing padding are allowed. Nothing when other
/// characters occur or fewer than 4 digits stand there.
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base32(std::string_view text);
std::optional<std::string> from_hex(std::string_view text);
std::string rot13(std::string_view text);
/// True if it reads as text: UTF-8-like, no control bytes but white space.
bool is_readable(std::string_view text);

}  // namespace code::syntax
