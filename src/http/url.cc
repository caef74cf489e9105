#include <fmt/format.h>

#include "base/bytes.h"
#include "http/fetch.h"

namespace http {

base::Result<Url> Url::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) { return base::fail(base::Trouble::usage, "{} is no address: {}", base::printable(text), why); };
  for (const unsigned char c : text)
    if (c <= ' ' || c == 0x7F) return wrong("it holds a space or a control character");
  const auto colon = text.find("://");
  if (colon == text.npos) return wrong("it has no scheme; write http://, https:// or file://");
  Url out;
  out.scheme = text.substr(0, colon);
  text.remove_prefix(colon + 3);
  if (out.scheme != "http" && out.scheme != "https" && out.scheme != "file") return wrong("only http, https and file are read");
  const auto slash = text.find('/');
  auto authority = text.substr(0, slash);
  out.path = slash == text.npos ? "/" : text.substr(slash);
  if (out.scheme == "file") return authority.empty() ? base::Result<Url>(out) : wrong("a file's address has three slashes");
  if (authority.find('@') != authority.npos) return wrong("names and passwords don't belong into an address");
  out.port = out.scheme == "https" ? 443 : 80;
  const auto closed = authority.rfind(']');  // an IPv6 address stands in brackets
  if (const auto at = authority.rfind(':'); at != authority.npos && (closed == authority.npos || at > closed)) {
    const auto digits = authority.substr(at + 1);
    if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != digits.npos) return wrong("its port is no number");
    out.port = std::stoi(std::string(digits));
    if (out.port == 0 || out.port > 65535) return wrong("its port is no port");
    authority = authority.substr(0, at);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return wrong("it names no host");
  out.host = authority;
  return out;
}

std::string Url::origin() const {
  if (scheme == "file") return "file://";
  return host.find(':') == host.npos ? fmt::format("{}://{}:{}", scheme, host, port) : fmt::format("{}://[{}]:{}", scheme, host, port);
}

}  // namespace http
