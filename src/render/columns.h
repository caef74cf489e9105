// Text in columns of a terminal: widths, wrapping, numbers.
// Follows UAX #11 (East Asian Width) roughly: wide ranges by block, marks as zero. Not here: shaping,
// emoji sequences (each part is counted by itself).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace render {

/// Columns that printable UTF-8 takes. Invalid bytes count one each.
std::size_t columns(std::string_view text);

/// Lines of at most `width` columns (at least 8), broken at blanks; a longer word is cut, after a
/// "/", "-", "." or "_" where one stands in its second half. No line is empty.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// At most `width` columns, the middle left out with "…" where it is longer.
std::string shorten(std::string_view text, std::size_t width);

/// Padded with blanks to `width` columns.
std::string padded(std::string_view text, std::size_t width);

/// "1,402,112"
std::string grouped(std::uint64_t number);
/// "1.3 MiB"
std::string size_text(std::uint64_t bytes);
/// "12.3 %", "< 0.1 %", "100 %"; never "100.0 %" for less than all, never "0.0 %" for more than none.
std::string share(std::uint64_t part, std::uint64_t whole);
/// "1 byte", "2 bytes", "3,000 findings": the plural is the word with an s, or `plural`.
std::string counted(std::uint64_t n, std::string_view one, std::string_view plural = {});

}  // namespace render
