// Names as file systems compare them that ignore case and Unicode form: two names with one fold are
// one file on Windows or macOS. Covers ASCII, Latin, Greek and Cyrillic letters, composed Latin letters,
// full-width forms and characters without width; other scripts are compared as they stand.
#pragma once

#include <string>
#include <string_view>

namespace unpack {

std::string folded_name(std::string_view name);

}  // namespace unpack
