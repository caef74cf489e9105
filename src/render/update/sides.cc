#include "render/update/sides.h"

#include <algorithm>

#include <fmt/format.h>

#include "render/html/markup.h"
#include "render/html/parts.h"
#include "render/outline.h"

namespace render::page {
namespace {

constexpr std::size_t most_tokens = 600;

bool is_word(unsigned char c) { return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Words, and every other byte by itself; UTF-8 sequences stay whole, since their bytes count as letters.
std::vector<std::string_view> tokens_of(std::string_view text, bool words) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size() && out.size() < most_tokens;) {
    auto end = at + 1;
    if (words && is_word(static_cast<unsigned char>(text[at])))
      while (end < text.size() && is_word(static_cast<unsigned char>(text[end]))) ++end;
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

std::vector<Run> runs_of(const std::vector<std::string_view>& tokens, const std::vector<bool>& same, std::size_t size) {
  std::vector<Run> out;
  std::size_t at = 0;
  const auto add = [&](std::size_t bytes, bool is_same) {
    if (!bytes) return;
    if (out.empty() || out.back().same != is_same) out.push_back({at, at, is_same});
    out.back().to = at += bytes;
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) add(tokens[i].size(), same[i]);
  add(size - at, false);
  return out;
}

/// Line ends may stand as they are in a <pre>; everything else is escaped.
std::string lines(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    out += (at ? "\n" : "") + name(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return text;
}

std::string text_side(std::string_view text, const std::vector<Run>& runs, std::string_view tag) {
  std::string out = "<pre>";
  for (const auto& run : runs) {
    const auto part = lines(text.substr(run.from, run.to - run.from));
    out += run.same ? part : fmt::format("<{0}>{1}</{0}>", tag, part);
  }
  return out + "</pre>";
}

std::string hex_side(const evidence::Item& item, const std::vector<Run>& runs, std::string_view tag) {
  const auto bytes = base::bytes_of(item.excerpt);
  std::vector<bool> same(bytes.size(), true);
  for (const auto& run : runs)
    for (auto i = run.from; i < run.to; ++i) same[i] = run.same;
  std::string out = "<div class=\"hex\">";
  for (std::size_t row = 0; row < bytes.size(); row += 8) {
    std::string hex, text;
    for (auto i = row; i < row + 8; ++i) {
      if (i >= bytes.size()) {
        hex += "   ";
        continue;
      }
      const auto digits = fmt::format("{:02x}", bytes[i]);
      hex += same[i] ? digits : fmt::format("<{0}>{1}</{0}>", tag, digits);
      hex += ' ';
      text += bytes[i] >= 0x20 && bytes[i] < 0x7f ? static_cast<char>(bytes[i]) : '.';
    }
    out += fmt::format("<span><i>{:08x}</i>  {} <i>{}</i></span>", item.range.offset + row, hex, escaped(text));
  }
  return out + "</div>";
}

}  // namespace

Runs common_runs(std::string_view before, std::string_view now, bool words) {
  const auto a = tokens_of(before, words), b = tokens_of(now, words);
  // Lengths of the longest common sequences of what is left of both; bounded by most_tokens.
  std::vector<std::vector<std::uint16_t>> length(a.size() + 1, std::vector<std::uint16_t>(b.size() + 1));
  for (auto i = a.size(); i-- > 0;)
    for (auto j = b.size(); j-- > 0;) length[i][j] = a[i] == b[j] ? static_cast<std::uint16_t>(length[i + 1][j + 1] + 1) : std::max(length[i + 1][j], length[i][j + 1]);
  std::vector<bool> in_a(a.size()), in_b(b.size());
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) in_a[i++] = in_b[j++] = true;
    else if (length[i + 1][j] >= length[i][j + 1]) ++i;
    else ++j;
  }
  return {runs_of(a, in_a, before.size()), runs_of(b, in_b, now.size())};
}

std::string side(const evidence::Item& item) { return excerpt_markup(item); }

std::pair<std::string, std::string> sides(const evidence::Item& before, const evidence::Item& now) {
  if (before.excerpt.empty() || now.excerpt.empty()) return {side(before), side(now)};
  if (is_text(before.excerpt) && is_text(now.excerpt)) {
    const auto a = trimmed(before.excerpt), b = trimmed(now.excerpt);
    const auto runs = common_runs(a, b, true);
    return {text_side(a, runs.before, "del"), text_side(b, runs.now, "ins")};
  }
  const auto runs = common_runs(before.excerpt, now.excerpt, false);
  return {hex_side(before, runs.before, "del"), hex_side(now, runs.now, "ins")};
}

}  // namespace render::page
