// See fold.h. Unicode 15: simple case folding and canonical decomposition, for the blocks named there.
#include "unpack/fold.h"

#include <array>
#include <cstdint>

namespace unpack {
namespace {

// The base letter and the combining mark of U+00C0 to U+017F; a space where a letter has no decomposition.
// Marks: ` grave, ' acute, ^ circumflex, ~ tilde, : diaeresis, o ring, , cedilla, - macron, u breve, ; ogonek, . dot, v caron, " double acute.
constexpr std::string_view base_letters =
    "AAAAAA CEEEEIIII NOOOOO  UUUUY  aaaaaa ceeeeiiii nooooo  uuuuy y"
    "AaAaAaCcCcCcCcDd  EeEeEeEeEeGgGgGgGgHh  IiIiIiIiI   JjKk LlLlLl    NnNnNn   OoOoOo  RrRrRrSsSsSsSsTtTt  UuUuUuUuUuUuWwYyYZzZzZz ";
constexpr std::string_view marks =
    "`'^~:o ,`'^:`'^: ~`'^~:  `'^:'  `'^~:o ,`'^:`'^: ~`'^~:  `'^:' :"
    "--uu;;''^^..vvvv  --uu..;;vv^^uu..,,^^  ~~--uu;;.   ^^,, '',,vv    '',,vv   --uu\"\"  '',,vv''^^,,vv,,vv  ~~--uuoo\"\";;^^^^:''..vv ";
static_assert(base_letters.size() == 192 && marks.size() == 192);

std::uint32_t combining(char mark) {
  switch (mark) {
    case '`': return 0x300;
    case '\'': return 0x301;
    case '^': return 0x302;
    case '~': return 0x303;
    case '-': return 0x304;
    case 'u': return 0x306;
    case '.': return 0x307;
    case ':': return 0x308;
    case 'o': return 0x30A;
    case '"': return 0x30B;
    case 'v': return 0x30C;
    case ',': return 0x327;
    default: return 0x328;
  }
}

// One character of valid UTF-8; the byte itself, marked, where there is none.
std::uint32_t next_character(std::string_view text, std::size_t& at) {
  const auto first = static_cast<std::uint8_t>(text[at++]);
  const unsigned more = first < 0x80 ? 0 : first >= 0xC2 && first < 0xE0 ? 1 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xF0 && first < 0xF5 ? 3 : 9;
  if (more == 9 || more > text.size() - at) return more ? 0x80000000u | first : first;
  std::uint32_t value = more == 0 ? first : first & (0x3Fu >> more);
  for (unsigned i = 0; i < more; ++i) {
    const auto b = static_cast<std::uint8_t>(text[at + i]);
    if ((b & 0xC0) != 0x80) return 0x80000000u | first;
    value = value << 6 | (b & 0x3F);
  }
  at += more;
  return value;
}

std::uint32_t lower_case(std::uint32_t c) {
  if (c >= 'A' && c <= 'Z') return c + 32;
  if (c >= 0xFF21 && c <= 0xFF3A) return c - 0xFF21 + 'a';
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFEE0;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c == 0x3C2) return 0x3C3;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
  if (c == 0x212A) return 'k';
  if (c == 0x17F) return 's';
  return c;
}

void put(std::string& out, std::uint32_t c) {
  if (c & 0x80000000u) out += static_cast<char>(c);
  else if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += static_cast<char>(0xC0 | c >> 6), out += static_cast<char>(0x80 | (c & 0x3F));
  else if (c < 0x10000) out += static_cast<char>(0xE0 | c >> 12), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
  else out += static_cast<char>(0xF0 | c >> 18), out += static_cast<char>(0x80 | (c >> 12 & 0x3F)), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
}

bool without_width(std::uint32_t c) { return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0xAD; }

}  // namespace

std::string folded_name(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (std::size_t at = 0; at < name.size();) {
    const auto c = next_character(name, at);
    if (without_width(c)) continue;
    if (c >= 0xC0 && c < 0x180 && base_letters[c - 0xC0] != ' ') {
      put(out, lower_case(static_cast<std::uint8_t>(base_letters[c - 0xC0])));
      put(out, combining(marks[c - 0xC0]));
    } else {
      put(out, lower_case(c));
    }
  }
  return out;
}

}  // namespace unpack
