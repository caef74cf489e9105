// Bytes written as text: base64, quoted-printable, uuencode, yEnc, BinHex. Decoders skip what is no part
// of their alphabet, as mail programs do. Pure functions.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace unpack::codec {

base::Buffer from_base64(std::string_view text);
base::Buffer from_quoted_printable(std::string_view text);
/// The lines between "begin" and "end", without these.
base::Buffer from_uu(std::string_view lines);
/// The lines between "=ybegin" and "=yend", without these.
base::Buffer from_yenc(std::string_view lines);
/// The text between the colons: six bits a character, then runs undone.
base::Buffer from_binhex(std::string_view text);

/// The next line of `text` from `at`, without its end; moves `at` behind the end.
std::string_view next_line(std::string_view text, std::size_t& at);

}  // namespace unpack::codec
