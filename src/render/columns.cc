#include "render/columns.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace render {
namespace {

struct Span {
  std::uint32_t first, last;
};
constexpr std::array<Span, 12> wide = {{{0x1100, 0x115F}, {0x231A, 0x231B}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0xA4CF},
                                        {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}}};
constexpr std::array<Span, 8> none = {{{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0E34, 0x0E3A}, {0x1AB0, 0x1AFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};

bool in(const auto& spans, std::uint32_t point) {
  return std::ranges::any_of(spans, [&](Span s) { return s.first <= point && point <= s.last; });
}

/// The next character: its bytes (at least one) and columns.
struct Character {
  std::size_t size, columns;
};
Character next(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (size == 1 || size > text.size()) return {1, 1};
  std::uint32_t point = lead & (0xFF >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto b = static_cast<std::uint8_t>(text[i]);
    if ((b & 0xC0) != 0x80) return {1, 1};
    point = point << 6 | (b & 0x3F);
  }
  return {size, in(none, point) ? 0u : in(wide, point) ? 2u : 1u};
}

/// Bytes of the longest start of `text` that takes at most `width` columns; at least one character.
std::size_t fitting(std::string_view text, std::size_t width) {
  std::size_t at = 0, used = 0;
  while (at < text.size()) {
    const auto c = next(text.substr(at));
    if (at && used + c.columns > width) break;
    used += c.columns;
    at += c.size;
  }
  return at;
}

/// Where to cut a word that is too long: after a separator in the second half, else anywhere.
std::size_t cut(std::string_view word, std::size_t width) {
  const auto most = fitting(word, width);
  const auto separator = word.substr(0, most).find_last_of("/-._?&=,;:");
  return separator != std::string_view::npos && separator + 1 > most / 2 ? separator + 1 : most;
}

}  // namespace

std::size_t columns(std::string_view text) {
  std::size_t out = 0;
  while (!text.empty()) {
    const auto c = next(text);
    out += c.columns;
    text.remove_prefix(c.size);
  }
  return out;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 8);
  std::vector<std::string> out;
  std::string line;
  std::size_t used = 0;
  const auto flush = [&] {
    if (!line.empty()) out.push_back(std::move(line));
    line.clear();
    used = 0;
  };
  while (!text.empty()) {
    const auto blank = text.find(' ');
    auto word = text.substr(0, blank);
    text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
    if (word.empty()) continue;
    if (used && used + 1 + columns(word) > width) flush();
    while (columns(word) > width) {
      const auto n = cut(word, width);
      out.emplace_back(word.substr(0, n));
      word.remove_prefix(n);
    }
    if (used) line += ' ', ++used;
    line += word;
    used += columns(word);
  }
  flush();
  return out;
}

std::string shorten(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  if (width < 4) return std::string(text.substr(0, fitting(text, width)));
  const auto tail_width = (width - 1) / 2;
  std::string out(text.substr(0, fitting(text, width - 1 - tail_width)));
  std::size_t from = out.size();
  while (columns(text.substr(from)) > tail_width) from += next(text.substr(from)).size;
  return out + "…" + std::string(text.substr(from));
}

std::string padded(std::string_view text, std::size_t width) {
  const auto used = columns(text);
  return std::string(text) + std::string(used < width ? width - used : 0, ' ');
}

std::string grouped(std::uint64_t number) {
  auto out = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3) out.insert(static_cast<std::size_t>(at), ",");
  return out;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  static constexpr std::array<std::string_view, 6> units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < units.size()) value /= 1024, ++unit;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (!whole || !part) return "0 %";
  if (part >= whole) return "100 %";
  const auto percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (percent < 0.1) return "< 0.1 %";
  if (percent > 99.9) return "> 99.9 %";
  return fmt::format("{:.1f} %", percent);
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view plural) {
  if (n == 1) return fmt::format("1 {}", one);
  return plural.empty() ? fmt::format("{} {}s", grouped(n), one) : fmt::format("{} {}", grouped(n), plural);
}

}  // namespace render
