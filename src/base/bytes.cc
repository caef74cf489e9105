#include "base/bytes.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace base {

std::string to_hex(Bytes bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto b : bytes) {
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

namespace {

// Length of the valid UTF-8 sequence at the front (1 to 4), or 0; the code point in `point`.
int utf8_front(std::string_view s, std::uint32_t& point) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const auto b = at(0);
  int length = 0;
  if (b < 0x80) {
    point = b;
    return 1;
  }
  if (b >= 0xC2 && b <= 0xDF) length = 2, point = b & 0x1F;
  else if (b >= 0xE0 && b <= 0xEF) length = 3, point = b & 0x0F;
  else if (b >= 0xF0 && b <= 0xF4) length = 4, point = b & 0x07;
  else return 0;
  if (s.size() < static_cast<std::size_t>(length)) return 0;
  for (int i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
    point = (point << 6) | (at(i) & 0x3F);
  }
  if ((length == 3 && (point < 0x800 || (point >= 0xD800 && point <= 0xDFFF))) ||
      (length == 4 && (point < 0x10000 || point > 0x10FFFF)))
    return 0;
  return length;
}

bool is_unsafe(std::uint32_t p) {
  return p < 0x20 || (p >= 0x7F && p < 0xA0) || (p >= 0x200B && p <= 0x200F) ||
         (p >= 0x2028 && p <= 0x202E) || (p >= 0x2060 && p <= 0x206F) || p == 0xFEFF ||
         p == 0x061C || p == 0x00AD || (p >= 0xFFF0 && p <= 0xFFFB) || (p >= 0xE0000 && p <= 0xE0FFF) ||
         (p >= 0xE000 && p <= 0xF8FF);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::uint32_t point = 0;
    const int n = utf8_front(text, point);
    if (n == 0) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[0]));
      text.remove_prefix(1);
      continue;
    }
    if (point == '\\') out += "\\\\";
    else if (point == '\n') out += "\\n";
    else if (point == '\t') out += "\\t";
    else if (point == '\r') out += "\\r";
    else if (is_unsafe(point)) out += point < 0x100 ? fmt::format("\\x{:02x}", point) : fmt::format("\\u{{{:x}}}", point);
    else out += text.substr(0, n);
    text.remove_prefix(n);
  }
  return out;
}

double entropy(Bytes bytes) {
  if (bytes.empty()) return 0;
  std::array<std::uint64_t, 256> count{};
  for (const auto b : bytes) ++count[b];
  double sum = 0;
  for (const auto n : count)
    if (n) sum += static_cast<double>(n) * std::log2(static_cast<double>(n));
  return std::log2(static_cast<double>(bytes.size())) - sum / static_cast<double>(bytes.size());
}

}  // namespace base
