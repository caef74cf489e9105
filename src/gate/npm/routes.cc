#include "gate/npm/routes.h"

#include <vector>

#include "gate/proxy/origins.h"

namespace gate {
namespace {

// Names as npm takes them (validate-npm-package-name): what needs no escaping in an address.
bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 214 || text.front() == '.' || text.front() == '-') return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~')) return false;
  return true;
}

bool is_version(std::string_view text) {
  if (text.empty() || text.size() > 256 || text == "-") return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '+' || c == '~')) return false;
  return true;
}

}  // namespace

NpmRoute route_of(std::string_view method, std::string_view target) {
  const auto cleaned = clean_path(target);
  if (!cleaned) return {};
  const auto path = unescaped(std::string_view(*cleaned).substr(0, cleaned->find('?')));
  if (!path) return {};
  std::vector<std::string> parts;
  for (std::size_t at = 1; at <= path->size();) {
    const auto end = std::min(path->find('/', at), path->size());
    parts.push_back(path->substr(at, end - at));
    at = end + 1;
  }
  const bool reads = method == "GET" || method == "HEAD";
  const auto starts = [&](std::string_view what) { return std::string_view(*path).starts_with(what); };
  if (starts("/-/npm/v1/security/") && method == "POST") return {NpmRoute::Kind::passed, {}, {}};
  if (!reads) return {NpmRoute::Kind::refused, {}, {}};
  if (starts("/-/from/")) return {NpmRoute::Kind::file, {}, {}};
  if (*path == "/-/ping" || *path == "/") return {NpmRoute::Kind::ping, {}, {}};
  if (starts("/-/v1/search") || starts("/-/npm/v1/keys") || starts("/-/npm/v1/attestations/")) return {NpmRoute::Kind::passed, {}, {}};
  if (parts.empty() || parts[0].empty() || parts[0] == "-") return {};
  std::string package;
  std::size_t used = 1;
  if (parts[0].starts_with('@')) {
    if (parts.size() < 2 || !is_name(std::string_view(parts[0]).substr(1)) || !is_name(parts[1])) return {};
    package = parts[0] + "%2f" + parts[1];
    used = 2;
  } else {
    if (!is_name(parts[0])) return {};
    package = parts[0];
  }
  if (parts.size() == used) return {NpmRoute::Kind::packument, package, {}};
  if (parts.size() == used + 1 && is_version(parts[used])) return {NpmRoute::Kind::version, package, parts[used]};
  return {NpmRoute::Kind::file, {}, {}};
}

}  // namespace gate
