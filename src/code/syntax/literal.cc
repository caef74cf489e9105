// Decoding of literals and of the encodings that scripts use to hide text. Nothing here runs code.
// RFC 4648: https://www.rfc-editor.org/rfc/rfc4648
#include "code/syntax/literal.h"

#include <cstdint>

namespace code::syntax {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Reads up to `most` digits of a base at `at`; moves `at`.
std::uint32_t number(std::string_view text, std::size_t& at, unsigned most, int base) {
  std::uint32_t out = 0;
  for (unsigned i = 0; i < most && at < text.size(); ++i, ++at) {
    const int d = digit(text[at]);
    if (d < 0 || d >= base) break;
    out = out * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(d);
  }
  return out;
}

std::string simple_escape(char c) {
  switch (c) {
    case 'n': return "\n";
    case 't': return "\t";
    case 'r': return "\r";
    case 'a': return "\a";
    case 'b': return "\b";
    case 'f': return "\f";
    case 'v': return "\v";
    case 'e': return "\x1b";
    case '\n': return "";
    default: return std::string(1, c);
  }
}

}  // namespace

std::string utf8(std::uint32_t p) {
  const auto byte = [](std::uint32_t b) { return static_cast<char>(b); };
  if (p < 0x80) return {byte(p)};
  if (p < 0x800) return {byte(0xc0 | p >> 6), byte(0x80 | (p & 63))};
  if (p < 0x10000) return {byte(0xe0 | p >> 12), byte(0x80 | (p >> 6 & 63)), byte(0x80 | (p & 63))};
  if (p < 0x110000) return {byte(0xf0 | p >> 18), byte(0x80 | (p >> 12 & 63)), byte(0x80 | (p >> 6 & 63)), byte(0x80 | (p & 63))};
  return {};
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i++];
    if (c != '\\' || i >= text.size()) {
      out += c;
      continue;
    }
    const char e = text[i++];
    if (e == 'x') {
      const auto value = number(text, i, 2, 16);
      out += static_cast<char>(value);
    } else if (e == 'u' || e == 'U') {
      const bool braced = i < text.size() && text[i] == '{';
      if (braced) ++i;
      out += utf8(number(text, i, braced || e == 'U' ? 8 : 4, 16));
      if (braced && i < text.size() && text[i] == '}') ++i;
    } else if (e >= '0' && e <= '7') {
      --i;
      out += static_cast<char>(number(text, i, 3, 8));
    } else {
      out += simple_escape(e);
    }
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0, digits = 0;
  bool ended = false;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    else if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    else if (c >= '0' && c <= '9') value = c - '0' + 52;
    else if (c == '+' || c == '-') value = 62;
    else if (c == '/' || c == '_') value = 63;
    else if (c == '=') ended = true;
    else if (c != '\n' && c != '\r' && c != ' ' && c != '\t') return std::nullopt;
    if (value < 0) continue;
    if (ended) return std::nullopt;
    ++digits;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((held += 6) >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  if (digits < 4) return std::nullopt;
  return out;
}

std::optional<std::string> from_base32(std::string_view text) {
  std::string out;
  std::uint64_t bits = 0;
  unsigned held = 0, digits = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    else if (c >= '2' && c <= '7') value = c - '2' + 26;
    else if (c != '=' && c != '\n') return std::nullopt;
    if (value < 0) continue;
    ++digits;
    bits = bits << 5 | static_cast<std::uint64_t>(value);
    if ((held += 5) >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  if (digits < 4) return std::nullopt;
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == ':') continue;
    const int d = digit(c);
    if (d < 0) return std::nullopt;
    if (high < 0) high = d;
    else out += static_cast<char>(high << 4 | d), high = -1;
  }
  if (high >= 0 || out.empty()) return std::nullopt;
  return out;
}

std::string rot13(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
    else if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + (c - 'A' + 13) % 26);
  }
  return out;
}

bool is_readable(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 32 && c != '\n' && c != '\t' && c != '\r') || c == 127) return false;
  return true;
}

}  // namespace code::syntax
