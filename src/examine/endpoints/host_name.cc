#include "examine/endpoints/host_name.h"

#include <algorithm>
#include <array>

#include <libpsl.h>

#include "examine/encodings/keccak.h"

namespace examine {
namespace {

using namespace std::string_view_literals;

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

bool ends_with_label(std::string_view name, std::string_view suffix) {
  return name == suffix || (name.size() > suffix.size() && name.ends_with(suffix) && name[name.size() - suffix.size() - 1] == '.');
}

std::string label_of(std::string_view name) {
  if (ends_with_label(name, "localhost") || name == "localhost.localdomain") return "loopback";
  for (const auto reserved : {"invalid"sv, "example"sv, "test"sv, "example.com"sv, "example.net"sv, "example.org"sv})
    if (ends_with_label(name, reserved)) return "reserved";
  for (const auto local : {"local"sv, "internal"sv, "lan"sv, "home.arpa"sv, "localdomain"sv, "intranet"sv, "corp"sv})
    if (ends_with_label(name, local)) return "private";
  return "";
}

}  // namespace

bool is_onion_v3(std::string_view label) {
  if (label.size() != 56) return false;
  std::array<std::uint8_t, 35> raw{};
  unsigned bits = 0, held = 0;
  std::size_t at = 0;
  for (const char c : label) {
    const int value = c >= 'a' && c <= 'z' ? c - 'a' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
    if (value < 0) return false;
    held = (held << 5 | static_cast<unsigned>(value)) & 0xfff;
    if ((bits += 5) >= 8) raw[at++] = static_cast<std::uint8_t>(held >> (bits -= 8));
  }
  if (raw[34] != 3) return false;
  std::string message = ".onion checksum";
  message.append(reinterpret_cast<const char*>(raw.data()), 32);
  message += '\x03';
  const auto sum = sha3_256(base::bytes_of(message));
  return sum[0] == raw[32] && sum[1] == raw[33];
}

std::optional<HostName> read_host_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() < 3 || text.size() > 253) return std::nullopt;
  HostName out;
  out.name.assign(text);
  for (auto& c : out.name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  std::string_view rest = out.name, last, before;
  std::size_t labels = 0;
  while (true) {
    const auto dot = rest.find('.');
    before = last;
    last = rest.substr(0, dot);
    if (!is_label(last)) return std::nullopt;
    ++labels;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  out.label = label_of(out.name);
  if (last == "onion") {
    out.onion = true;
    if (labels < 2) return std::nullopt;
    out.broken = !is_onion_v3(before);
    out.domain = std::string(before) + ".onion";
    return out;
  }
  if (labels < 2) return out.name == "localhost" ? std::optional(out) : std::nullopt;
  if (!std::ranges::any_of(last, [](char c) { return c >= 'a' && c <= 'z'; })) return std::nullopt;
  if (!out.label.empty()) {
    out.domain = std::string(before) + "." + std::string(last);
    return out;
  }
  const auto* list = psl_builtin();
  const std::string suffix(last);
  if (!list || !psl_is_public_suffix2(list, suffix.c_str(), PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE)) return std::nullopt;
  const char* domain = psl_registrable_domain(list, out.name.c_str());
  if (!domain) return std::nullopt;
  out.domain = domain;
  return out;
}

bool is_plain_host_literal(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const auto last = name.substr(dot + 1);
  const auto first = name.substr(0, name.find('.'));
  // org.apache.net, com.vendor.org: a package turned round.
  for (const auto space : {"com"sv, "org"sv, "net"sv, "edu"sv, "io"sv, "java"sv, "javax"sv, "system"sv})
    if (first == space) return false;
  for (const auto plain : {"com"sv, "net"sv, "org"sv, "edu"sv, "gov"sv, "mil"sv, "onion"sv, "invalid"sv, "example"sv, "test"sv, "ru"sv, "cn"sv, "de"sv,
                           "uk"sv, "fr"sv, "jp"sv, "br"sv, "xyz"sv, "su"sv, "nl"sv, "eu"sv})
    if (last == plain) return true;
  return false;
}

}  // namespace examine
