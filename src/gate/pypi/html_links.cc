#include "gate/pypi/html_links.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gate {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

void put_utf8(std::string& out, std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  if (code < 0x80) out += static_cast<char>(code);
  else if (code < 0x800) (out += static_cast<char>(0xC0 | code >> 6)) += static_cast<char>(0x80 | (code & 0x3F));
  else if (code < 0x10000) ((out += static_cast<char>(0xE0 | code >> 12)) += static_cast<char>(0x80 | (code >> 6 & 0x3F))) += static_cast<char>(0x80 | (code & 0x3F));
  else (((out += static_cast<char>(0xF0 | code >> 18)) += static_cast<char>(0x80 | (code >> 12 & 0x3F))) += static_cast<char>(0x80 | (code >> 6 & 0x3F))) += static_cast<char>(0x80 | (code & 0x3F));
}

std::optional<std::uint32_t> reference(std::string_view name) {
  static const std::map<std::string_view, std::uint32_t> named = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xA0}};
  if (!name.starts_with('#')) {
    const auto at = named.find(name);
    return at == named.end() ? std::nullopt : std::optional(at->second);
  }
  name.remove_prefix(1);
  const bool hex = !name.empty() && small(name.front()) == 'x';
  if (hex) name.remove_prefix(1);
  if (name.empty() || name.size() > 8) return std::nullopt;
  std::uint32_t out = 0;
  for (const char c : name) {
    const char d = small(c);
    const bool digit = d >= '0' && d <= '9';
    if (!digit && !(hex && d >= 'a' && d <= 'f')) return std::nullopt;
    out = out * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit ? d - '0' : d - 'a' + 10);
  }
  return out;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto end = text[i] == '&' ? text.substr(i, 12).find(';') : text.npos;
    const auto code = end == text.npos ? std::nullopt : reference(text.substr(i + 1, end - 1));
    if (code) {
      put_utf8(out, *code);
      i += end;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The attributes up to the tag's '>'; `page` moves behind it.
std::map<std::string, std::string> attributes(std::string_view& page) {
  std::map<std::string, std::string> out;
  const auto skip = [&page](auto&& what) {
    std::size_t n = 0;
    while (n < page.size() && what(page[n])) ++n;
    const auto skipped = page.substr(0, n);
    page.remove_prefix(n);
    return skipped;
  };
  while (!page.empty() && page.front() != '>') {
    skip([](char c) { return blank(c) || c == '/'; });
    const auto written = skip([](char c) { return !blank(c) && c != '=' && c != '>' && c != '/'; });
    std::string name(written), value;
    std::ranges::transform(name, name.begin(), small);
    skip(blank);
    if (!page.empty() && page.front() == '=') {
      page.remove_prefix(1);
      skip(blank);
      if (!page.empty() && (page.front() == '"' || page.front() == '\'')) {
        const char quote = page.front();
        page.remove_prefix(1);
        value = decoded(skip([quote](char c) { return c != quote; }));
        page.remove_prefix(std::min<std::size_t>(1, page.size()));
      } else {
        value = decoded(skip([](char c) { return !blank(c) && c != '>'; }));
      }
    }
    if (!name.empty() && out.size() < 50) out.emplace(std::move(name), std::move(value));
  }
  page.remove_prefix(std::min<std::size_t>(1, page.size()));
  return out;
}

bool begins_tag(std::string_view page, std::string_view name) {
  if (page.size() <= name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if (small(page[i]) != name[i]) return false;
  const char after = page[name.size()];
  return blank(after) || after == '>' || after == '/';
}

}  // namespace

HtmlLinks read_links(std::string_view page, std::size_t most) {
  HtmlLinks out;
  while (out.links.size() < most) {
    const auto open = page.find('<');
    if (open == page.npos) return out;
    page.remove_prefix(open + 1);
    if (page.starts_with("!--")) {
      const auto end = page.find("-->");
      if (end == page.npos) return out;
      page.remove_prefix(end + 3);
    } else if (begins_tag(page, "a")) {
      page.remove_prefix(1);
      out.links.push_back({attributes(page)});
    } else if (begins_tag(page, "base")) {
      page.remove_prefix(4);
      const auto found = attributes(page);
      if (const auto at = found.find("href"); at != found.end() && out.base.empty()) out.base = at->second;
    }
  }
  return out;
}

}  // namespace gate
