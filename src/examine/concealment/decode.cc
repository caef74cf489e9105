#include "examine/concealment/decode.h"

#include <algorithm>

#include "parse/pem/pem.h"

namespace examine::concealment_parts {
namespace {

int hex_value(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

constexpr std::size_t most_decoded = 8 << 20;

}  // namespace

std::optional<base::Buffer> from_base64(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r')) ++i;  // the two characters \n
    else if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '_' || c == '=') plain += c;
    else if (c == '+' && !plain.empty() && i + 1 < text.size() && text[i - 1] != ' ' && text[i - 1] != '"' && text[i - 1] != '\'') plain += c;
  }
  while (plain.ends_with('=')) plain.pop_back();
  if (plain.size() % 4 == 1) plain.pop_back();
  return parse::pem::decode_base64(plain);
}

std::optional<base::Buffer> from_base32(std::string_view text) {
  base::Buffer out;
  std::uint64_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const int value = c >= 'A' && c <= 'Z' ? c - 'A' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
    if (c == '=' || c == '\n' || c == '\r') continue;
    if (value < 0) return std::nullopt;
    held = held << 5 | static_cast<unsigned>(value);
    if ((bits += 5) >= 8) out.push_back(static_cast<std::uint8_t>(held >> (bits -= 8)));
  }
  return out;
}

std::optional<base::Buffer> from_hex(std::string_view text) {
  if (text.size() % 2) return std::nullopt;
  base::Buffer out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

std::string rot13(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    else if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  return out;
}

std::string reversed(std::string_view text) { return {text.rbegin(), text.rend()}; }

base::Buffer from_escapes(std::string_view text, std::size_t least, std::size_t& used) {
  base::Buffer out;
  used = 0;
  while (used + 2 < text.size() && out.size() < most_decoded) {
    const auto rest = text.substr(used);
    int value = -1;
    std::size_t size = 0;
    if (rest[0] == '\\' && rest[1] == 'x' && rest.size() >= 4 && hex_value(rest[2]) >= 0 && hex_value(rest[3]) >= 0) value = hex_value(rest[2]) << 4 | hex_value(rest[3]), size = 4;
    else if (rest[0] == '\\' && rest[1] == 'u' && rest.size() >= 6 && rest[2] == '0' && rest[3] == '0' && hex_value(rest[4]) >= 0 && hex_value(rest[5]) >= 0) value = hex_value(rest[4]) << 4 | hex_value(rest[5]), size = 6;
    else if (rest[0] == '%' && hex_value(rest[1]) >= 0 && hex_value(rest[2]) >= 0) value = hex_value(rest[1]) << 4 | hex_value(rest[2]), size = 3;
    else if (rest[0] == '\\' && rest.size() >= 4 && rest[1] >= '0' && rest[1] <= '3' && rest[2] >= '0' && rest[2] <= '7' && rest[3] >= '0' && rest[3] <= '7')
      value = (rest[1] - '0') << 6 | (rest[2] - '0') << 3 | (rest[3] - '0'), size = 4;
    if (value < 0) break;
    out.push_back(static_cast<std::uint8_t>(value));
    used += size;
  }
  if (out.size() < least) out.clear();
  return out;
}

base::Buffer from_numbers(std::string_view text, std::size_t least, std::size_t& used) {
  base::Buffer out;
  used = 0;
  std::size_t at = 0;
  while (at < text.size() && out.size() < most_decoded) {
    unsigned value = 0;
    std::size_t digits = 0;
    if (text.substr(at).starts_with("0x")) {
      for (at += 2; at < text.size() && digits < 3 && hex_value(text[at]) >= 0; ++at, ++digits) value = value * 16 + static_cast<unsigned>(hex_value(text[at]));
    } else {
      for (; at < text.size() && digits < 4 && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) value = value * 10 + static_cast<unsigned>(text[at] - '0');
    }
    if (!digits || value > 255) break;
    out.push_back(static_cast<std::uint8_t>(value));
    used = at;
    std::size_t gap = at;
    while (gap < text.size() && (text[gap] == ' ' || text[gap] == '\n' || text[gap] == '\r' || text[gap] == '\t')) ++gap;
    if (gap >= text.size() || text[gap] != ',') break;
    ++gap;
    while (gap < text.size() && (text[gap] == ' ' || text[gap] == '\n' || text[gap] == '\r' || text[gap] == '\t')) ++gap;
    at = gap;
  }
  if (out.size() < least) out.clear();
  return out;
}

}  // namespace examine::concealment_parts
