// See textcodes.h. RFC 4648, RFC 2045, POSIX uuencode, yEnc draft 1.3, RFC 1741.
#include "unpack/codec/textcodes.h"

#include <array>

namespace unpack::codec {
namespace {

constexpr std::array<std::uint8_t, 256> values_of(std::string_view alphabet) {
  std::array<std::uint8_t, 256> out{};
  out.fill(255);
  for (std::size_t i = 0; i < alphabet.size(); ++i) out[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return out;
}
constexpr auto base64_values = values_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
constexpr auto binhex_values = values_of("!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr");

base::Buffer six_bits(std::string_view text, const std::array<std::uint8_t, 256>& values, char end) {
  base::Buffer out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t buffer = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (c == end) break;
    const auto v = values[static_cast<std::uint8_t>(c)];
    if (v == 255) continue;
    buffer = (buffer << 6 | v) & 0xFFFFFF;
    count += 6;
    if (count >= 8) out.push_back(static_cast<std::uint8_t>(buffer >> (count -= 8)));
  }
  return out;
}
int hex_digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

}  // namespace

std::string_view next_line(std::string_view text, std::size_t& at) {
  const auto end = std::min(text.find('\n', at), text.size());
  auto line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

base::Buffer from_base64(std::string_view text) { return six_bits(text, base64_values, '='); }

base::Buffer from_quoted_printable(std::string_view text) {
  base::Buffer out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '=') {
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
      else if (i + 2 < text.size() && text[i + 1] == '\r' && text[i + 2] == '\n') i += 2;
      else if (i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
        out.push_back(static_cast<std::uint8_t>(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2])));
        i += 2;
      } else {
        out.push_back('=');
      }
      continue;
    }
    out.push_back(static_cast<std::uint8_t>(text[i]));
  }
  return out;
}

base::Buffer from_uu(std::string_view lines) {
  base::Buffer out;
  for (std::size_t at = 0; at < lines.size();) {
    const auto line = next_line(lines, at);
    if (line.empty() || line[0] < ' ' || line[0] > '`') continue;
    unsigned size = static_cast<unsigned>(line[0] - ' ') & 63;
    const auto value = [&](std::size_t i) { return i < line.size() ? static_cast<unsigned>(line[i] - ' ') & 63 : 0u; };
    for (std::size_t i = 1; size; i += 4) {
      const auto group = value(i) << 18 | value(i + 1) << 12 | value(i + 2) << 6 | value(i + 3);
      for (int shift = 16; shift >= 0 && size; shift -= 8, --size) out.push_back(static_cast<std::uint8_t>(group >> shift));
    }
  }
  return out;
}

base::Buffer from_yenc(std::string_view lines) {
  base::Buffer out;
  out.reserve(lines.size());
  for (std::size_t at = 0; at < lines.size();) {
    auto line = next_line(lines, at);
    if (line.starts_with("=ypart ")) continue;
    if (line.starts_with("..")) line.remove_prefix(1);
    for (std::size_t i = 0; i < line.size(); ++i) {
      auto c = static_cast<std::uint8_t>(line[i]);
      if (c == '=' && i + 1 < line.size()) c = static_cast<std::uint8_t>(line[++i] - 64);
      out.push_back(static_cast<std::uint8_t>(c - 42));
    }
  }
  return out;
}

base::Buffer from_binhex(std::string_view text) {
  const auto packed = six_bits(text, binhex_values, ':');
  base::Buffer out;
  out.reserve(packed.size());
  for (std::size_t i = 0; i < packed.size(); ++i) {
    if (packed[i] != 0x90 || i + 1 == packed.size()) {
      out.push_back(packed[i]);
      continue;
    }
    const auto count = packed[++i];
    if (count == 0) out.push_back(0x90);
    else if (!out.empty()) out.insert(out.end(), count - 1u, std::uint8_t{out.back()});
  }
  return out;
}

}  // namespace unpack::codec
