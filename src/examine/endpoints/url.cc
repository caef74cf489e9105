#include "examine/endpoints/url.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "examine/endpoints/address.h"

namespace examine {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t most_url = 1000;

constexpr std::array outside_schemes = {"http"sv, "https"sv, "ftp"sv, "ftps"sv, "sftp"sv, "ssh"sv, "scp"sv, "ws"sv, "wss"sv, "tcp"sv, "udp"sv, "tls"sv, "ssl"sv,
                                        "mqtt"sv, "mqtts"sv, "amqp"sv, "amqps"sv, "redis"sv, "rediss"sv, "mongodb"sv, "mongodb+srv"sv, "mysql"sv, "postgres"sv,
                                        "postgresql"sv, "smtp"sv, "smtps"sv, "imap"sv, "imaps"sv, "pop3"sv, "ldap"sv, "ldaps"sv, "socks4"sv, "socks5"sv, "socks5h"sv,
                                        "stratum+tcp"sv, "stratum+ssl"sv, "rtsp"sv, "rtmp"sv, "rsync"sv, "telnet"sv, "irc"sv, "ircs"sv, "git"sv, "svn"sv, "git+ssh"sv,
                                        "git+https"sv, "git+http"sv, "svn+ssh"sv, "gopher"sv, "smb"sv, "nfs"sv, "xmpp"sv, "coap"sv, "quic"sv, "tor"sv};

bool scheme_character(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '-'; }

bool url_character(char c) {
  if (c <= ' ' || static_cast<unsigned char>(c) >= 0x7f) return false;
  return "\"'`<>|^\\{}"sv.find(c) == std::string_view::npos;
}

// Text up to where the URL ends, without the punctuation of the sentence or code around it.
std::string_view cut(std::string_view rest) {
  std::size_t end = 0;
  int open = 0, square = 0;
  for (; end < rest.size() && end < most_url && url_character(rest[end]); ++end) {
    if (rest[end] == '(') ++open;
    if (rest[end] == ')' && --open < 0) break;
    if (rest[end] == '[') ++square;
    if (rest[end] == ']' && --square < 0) break;
  }
  while (end > 0 && ".,;:!?*_&=#"sv.find(rest[end - 1]) != std::string_view::npos) --end;
  return rest.substr(0, end);
}

bool is_licence_path(std::string_view url) {
  return url.find("/licenses/") != std::string_view::npos || url.find("/license/") != std::string_view::npos || url.ends_with("/licenses");
}

// What stands before a name of a vocabulary: xmlns="…, PUBLIC "…" "…, schemaLocation="…, $schema.
bool after_namespace_word(std::string_view text, std::size_t begin, std::string_view url) {
  const auto from = begin > 120 ? begin - 120 : 0;
  auto before = text.substr(from, begin - from);
  if (const auto line = before.rfind('\n'); line != std::string_view::npos && before.find("DOCTYPE") == std::string_view::npos) before.remove_prefix(line);
  const auto near = before.substr(before.size() > 40 ? before.size() - 40 : 0);
  for (const auto word : {"xmlns"sv, "$schema"sv, "schemaLocation"sv, "targetNamespace"sv})
    if (near.find(word) != std::string_view::npos) return true;
  if (before.find("DOCTYPE") != std::string_view::npos && url.ends_with(".dtd")) return true;
  return false;
}

void read_host(Url& out, std::string_view host) {
  if (host.starts_with('[')) {
    const auto close = host.find(']');
    const auto address = close == std::string_view::npos ? std::nullopt : read_ipv6(host.substr(1, close - 1));
    if (address) out.host = write_ipv6(*address), out.host_word = "ipv6", out.label = label_of_ipv6(*address);
    else out.label = "template";
    return;
  }
  if (const auto port = host.find(':'); port != std::string_view::npos) host = host.substr(0, port);
  if (const auto address = read_ipv4(host)) {
    out.host = std::string(host), out.host_word = "ipv4", out.label = label_of_ipv4(*address);
    return;
  }
  if (const auto name = read_host_name(host)) {
    out.host = name->name, out.label = name->label;
    out.host_word = name->onion ? (name->broken ? "" : "onion") : "host";
    if (name->onion && name->broken) out.label = "unregistrable";
    return;
  }
  const bool plain = std::ranges::all_of(host, [](char c) { return scheme_character(c) && c != '+'; });
  out.label = plain && !host.empty() ? "unregistrable" : "template";
  if (plain) out.host = std::string(host);
}

}  // namespace

std::optional<Url> read_url(std::string_view text, std::size_t colon) {
  const bool escaped = text.substr(colon).starts_with(":\\/\\/");
  if (!escaped && !text.substr(colon).starts_with("://")) return std::nullopt;
  std::size_t begin = colon;
  while (begin > 0 && colon - begin < 16 && scheme_character(text[begin - 1])) --begin;
  while (begin < colon && !((text[begin] | 32) >= 'a' && (text[begin] | 32) <= 'z')) ++begin;
  if (begin == colon) return std::nullopt;
  Url out;
  out.scheme = std::string(text.substr(begin, colon - begin));
  for (auto& c : out.scheme)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  // Text that runs into the scheme without a boundary ("xhttp://"): the longest known scheme wins.
  bool known = std::ranges::find(outside_schemes, out.scheme) != outside_schemes.end();
  for (std::size_t drop = 1; !known && drop < out.scheme.size(); ++drop)
    if (const auto tail = std::string_view(out.scheme).substr(drop); (tail == "http" || tail == "https") ) {
      begin += drop, out.scheme = std::string(tail), known = true;
    }
  std::string_view rest = text.substr(colon + (escaped ? 5 : 3), most_url);
  std::string undone;
  std::size_t used;
  if (escaped) {
    std::size_t i = 0;
    std::vector<std::size_t> ends{0};
    for (; i < rest.size(); ++i) {
      if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '/') ++i;
      if (!url_character(rest[i])) break;
      undone += rest[i];
      ends.push_back(i + 1);
    }
    const auto kept = cut(undone).size();
    undone.resize(kept);
    used = ends[kept];
    rest = undone;
  } else {
    rest = cut(rest);
    used = rest.size();
  }
  if (rest.empty()) return std::nullopt;
  const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  auto authority = rest.substr(0, authority_end);
  if (authority.empty()) return std::nullopt;  // file:///…: nothing outside
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    const auto user = authority.substr(0, at);
    const auto colon_at = user.find(':');
    out.credentials = colon_at != std::string_view::npos && colon_at + 1 < user.size() && user.find_first_of("$%*") == std::string_view::npos;
    authority.remove_prefix(at + 1);
  }
  read_host(out, authority);
  if (!known && out.host_word.empty()) return std::nullopt;
  std::string lower_authority(rest.substr(0, authority_end));
  const auto host_from = lower_authority.size() - authority.size();
  for (std::size_t i = host_from; i < lower_authority.size(); ++i)
    if (lower_authority[i] >= 'A' && lower_authority[i] <= 'Z') lower_authority[i] = static_cast<char>(lower_authority[i] + 32);
  out.text = fmt::format("{}://{}{}", out.scheme, lower_authority, rest.substr(authority_end));
  out.begin = begin;
  out.end = colon + (escaped ? 5 : 3) + used;
  if (out.label.empty() && (after_namespace_word(text, begin, out.text) || is_licence_path(out.text))) out.label = "namespace-uri";
  return out;
}

}  // namespace examine
