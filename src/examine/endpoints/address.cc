#include "examine/endpoints/address.h"

#include <algorithm>
#include <bit>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace examine {

std::optional<std::array<std::uint8_t, 4>> read_ipv4(std::string_view text) {
  std::array<std::uint8_t, 4> out{};
  for (std::size_t part = 0; part < 4; ++part) {
    const auto dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot == 0 || dot > 3 || dot > text.size()) return std::nullopt;
    if (dot > 1 && text[0] == '0') return std::nullopt;
    unsigned value = 0;
    for (const char c : text.substr(0, dot)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255) return std::nullopt;
    out[part] = static_cast<std::uint8_t>(value);
    text.remove_prefix(std::min(text.size(), dot + 1));
  }
  return out;
}

std::optional<std::array<std::uint8_t, 16>> read_ipv6(std::string_view text) {
  if (text.size() < 2 || text.size() > 45) return std::nullopt;
  std::array<std::uint8_t, 16> out{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), out.data()) != 1) return std::nullopt;
  return out;
}

std::string label_of_ipv4(const std::array<std::uint8_t, 4>& a) {
  const auto word = std::uint32_t{a[0]} << 24 | std::uint32_t{a[1]} << 16 | std::uint32_t{a[2]} << 8 | a[3];
  const auto in = [&](std::uint32_t net, int bits) { return (word ^ net) >> (32 - bits) == 0; };
  if (word == 0 || a[0] == 127) return "loopback";
  if (a[0] == 255 && std::countl_one(word) + std::countr_zero(word) == 32) return "netmask";
  if (word == 0xffffffff) return "netmask";
  if (in(0xc0000200, 24) || in(0xc6336400, 24) || in(0xcb007100, 24)) return "documentation";
  if (a[0] == 10 || in(0xac100000, 12) || in(0xc0a80000, 16) || in(0xa9fe0000, 16) || in(0x64400000, 10)) return "private";
  if (in(0xe0000000, 4)) return "multicast";
  if (a[0] == 0 || in(0xf0000000, 4) || in(0xc6120000, 15) || in(0xc0000000, 24)) return "reserved";
  return "";
}

std::string label_of_ipv6(const std::array<std::uint8_t, 16>& a) {
  const bool zeros = std::all_of(a.begin(), a.begin() + 15, [](auto b) { return b == 0; });
  if (zeros && a[15] <= 1) return "loopback";
  if (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8) return "documentation";
  if (a[0] == 0x3f && a[1] == 0xff && a[2] < 0x10) return "documentation";
  if ((a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)) return "private";
  if (a[0] == 0xff) return "multicast";
  if (std::all_of(a.begin(), a.begin() + 10, [](auto b) { return b == 0; }) && a[10] == 0xff && a[11] == 0xff)
    return label_of_ipv4({a[12], a[13], a[14], a[15]});
  if ((a[0] & 0xe0) != 0x20) return "reserved";
  return "";
}

std::string write_ipv6(const std::array<std::uint8_t, 16>& address) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, address.data(), text, sizeof text);
  return text;
}

}  // namespace examine
