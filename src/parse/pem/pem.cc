#include "parse/pem/pem.h"

#include <array>
#include <cstring>

namespace parse::pem {
namespace {

constexpr auto values = [] {
  std::array<std::int8_t, 256> out{};
  out.fill(-1);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) out[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  out['-'] = 62;
  out['_'] = 63;
  return out;
}();

int value_of(char c) { return values[static_cast<std::uint8_t>(c)]; }

struct Base64 {
  base::Buffer out;
  std::uint32_t bits = 0;
  int have = 0;
  void add(int value) {
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    if ((have += 6) >= 8) {
      have -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> have));
    }
  }
};

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text)
    if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '_' || c == '.')) return false;
  return true;
}

/// Turns a body from program text into plain lines: \n and \r as two characters become line ends,
/// and `" + "` (with any of the usual joining signs, comments excluded) disappears.
std::string plain_lines(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '\\' && i + 1 < body.size()) {
      const char n = body[i + 1];
      if (n == 'n' || n == 'r' || n == 't') {
        out += '\n';
        ++i;
        continue;
      }
      if (n == '\n' || n == '\r' || n == '/' || n == '\\') continue;  // continued line, escaped sign
    }
    if (c == '"' || c == '\'' || c == '`') {
      std::size_t k = i + 1;
      while (k < body.size() && std::strchr(" \t\r\n+.,&;\\", body[k]) && body[k]) ++k;
      if (k < body.size() && (body[k] == '"' || body[k] == '\'' || body[k] == '`')) i = k;
      continue;
    }
    out += c;
  }
  return out;
}

void decode_body(std::string_view raw, Block& block) {
  const auto text = plain_lines(raw);
  Base64 coded;
  block.clean = true;
  bool ended = false;  // after '=' only white space and an OpenPGP checksum may come
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (!line.empty() && std::strchr(" \t\r#*/", line.front()) && line.front() != '/') line.remove_prefix(1);
    while (!line.empty() && std::strchr(" \t\r", line.back())) line.remove_suffix(1);
    if (line.empty()) continue;
    if (const auto colon = line.find(": "); colon != std::string_view::npos && colon < 64 && coded.out.empty()) {
      if (block.headers.size() < 32) block.headers[std::string(line.substr(0, colon))] = std::string(line.substr(colon + 2, 256));
      continue;
    }
    if (line.front() == '=' && line.size() == 5) continue;  // OpenPGP's CRC-24
    for (const char c : line) {
      if (c == ' ' || c == '\t' || c == '\r') continue;
      if (c == '=') {
        ended = true;
        continue;
      }
      const int v = value_of(c);
      if (v < 0 || ended || c == '-' || c == '_') {
        block.clean = false;
        return;
      }
      coded.add(v);
    }
  }
  block.content = std::move(coded.out);
  if (block.content.empty()) block.clean = false;
}

}  // namespace

std::optional<base::Buffer> decode_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  Base64 coded;
  coded.out.reserve(text.size() * 3 / 4);
  for (const char c : text) {
    const int v = value_of(c);
    if (v < 0) return std::nullopt;
    coded.add(v);
  }
  return std::move(coded.out);
}

std::vector<Block> find(base::Bytes bytes, std::size_t most) {
  static constexpr std::string_view begin = "-----BEGIN ", dashes = "-----";
  const auto text = base::text_of(bytes);
  std::vector<Block> out;
  for (std::size_t at = 0; out.size() < most;) {
    at = text.find(begin, at);
    if (at == std::string_view::npos) break;
    const auto label_at = at + begin.size();
    const auto label_end = text.substr(label_at, 80).find(dashes);
    if (label_end == std::string_view::npos || !is_label(text.substr(label_at, label_end))) {
      at = label_at;
      continue;
    }
    Block block;
    block.type = std::string(text.substr(label_at, label_end));
    const auto body_at = label_at + label_end + dashes.size();
    const auto window = text.substr(body_at, most_body);
    const auto last = "-----END " + block.type + "-----";
    // The next BEGIN bounds an open block, so that a thousand BEGINs cost one pass, not a thousand.
    const auto next = window.find(begin);
    const auto close = window.substr(0, next).find(last);
    block.closed = close != std::string_view::npos;
    const auto length = block.closed ? close : std::min<std::size_t>(next == std::string_view::npos ? window.size() : next, 65536);
    decode_body(window.substr(0, length), block);
    const auto end = body_at + length + (block.closed ? last.size() : 0);
    block.range = {at, end - at};
    if (!block.closed) block.range.size = body_at - at;
    out.push_back(std::move(block));
    at = out.back().closed ? end : body_at;
  }
  return out;
}

}  // namespace parse::pem
