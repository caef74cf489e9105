#include "gate/oci/image_name.h"

#include <algorithm>

#include "gate/oci/manifest.h"
#include "gate/proxy/origins.h"

namespace gate {

using base::Trouble;

bool is_repository_name(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  bool after_mark = true;   // a part begins, or a separator stands before
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!letter && c != '.' && c != '_' && c != '-' && c != '/') return false;
    if (!letter && after_mark && c != '_' && c != '-') return false;
    after_mark = !letter;
  }
  return !after_mark;
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > 128 || text.front() == '.' || text.front() == '-') return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == text.npos;
}

OciRoute oci_route_of(std::string_view method, std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  if (path == "/v2" || path == "/v2/") return {OciRoute::Kind::base, {}, {}};
  if (!path.starts_with("/v2/")) return {};
  if (method != "GET" && method != "HEAD") return {OciRoute::Kind::refused, {}, {}};
  const auto rest = path.substr(4);
  const auto last = rest.rfind('/');
  const auto before = last == rest.npos || last == 0 ? rest.npos : rest.rfind('/', last - 1);
  if (before == rest.npos) return {};
  OciRoute out;
  const auto kind = rest.substr(before + 1, last - before - 1);
  out.name = rest.substr(0, before);
  out.reference = rest.substr(last + 1);
  if (!is_repository_name(out.name)) return {};
  const bool digest = digest_from(out.reference).has_value();
  if (kind == "manifests" && (digest || is_tag(out.reference))) out.kind = OciRoute::Kind::manifest;
  else if (kind == "blobs" && digest) out.kind = OciRoute::Kind::blob;
  else if (kind == "referrers" && digest) out.kind = OciRoute::Kind::referrers;
  else if (kind == "tags" && out.reference == "list") out.kind = OciRoute::Kind::tags;
  return out;
}

base::Result<ImageName> ImageName::parse(std::string_view text) {
  const auto wrong = base::fail(Trouble::usage, "{} is no image: write HOST[:PORT]/NAME:TAG or HOST[:PORT]/NAME@sha256:DIGEST", base::printable(text));
  ImageName out;
  const auto slash = text.find('/');
  if (slash == text.npos || slash == 0) return wrong;
  out.host = text.substr(0, slash);
  if (out.host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") != out.host.npos) return wrong;
  auto rest = text.substr(slash + 1);
  if (const auto at = rest.find('@'); at != rest.npos) {
    out.digest = digest_from(rest.substr(at + 1));
    if (!out.digest) return wrong;
    rest = rest.substr(0, at);
  }
  if (const auto colon = rest.find(':'); colon != rest.npos) {
    out.tag = rest.substr(colon + 1);
    if (!is_tag(out.tag)) return wrong;
    rest = rest.substr(0, colon);
  }
  out.repository = rest;
  if (!is_repository_name(out.repository)) return wrong;
  if (!out.digest && out.tag.empty()) out.tag = "latest";
  return out;
}

std::optional<base::Digest> pinned_digest(std::string_view image) {
  const auto at = image.rfind('@');
  if (at == image.npos || at == 0 || image.size() > 1024) return std::nullopt;
  for (const unsigned char c : image.substr(0, at))
    if (c <= ' ' || c >= 0x7F || c == '@') return std::nullopt;
  return digest_from(image.substr(at + 1));
}

}  // namespace gate
