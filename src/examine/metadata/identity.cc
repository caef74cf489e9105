// Package URLs, and the header format that Debian, Python and Java share.
// https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst
#include <algorithm>

#include <fmt/format.h>

#include "examine/metadata/metadata.h"

namespace examine::package {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// Percent-encoding of purl: everything but letters, digits and .-_~ (and : in versions).
std::string encoded(std::string_view text, std::string_view also = "") {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_' || c == '~' || also.find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

std::string purl_of(const Identity& id) {
  if (id.name.empty()) return {};
  std::string path = encoded(id.name);
  if (id.ecosystem == "deb") path = "debian/" + encoded(lower(id.name));
  if (id.ecosystem == "pypi") {
    auto name = lower(id.name);
    std::ranges::replace(name, '_', '-');
    path = encoded(name);
  }
  if (id.ecosystem == "npm" && id.name.starts_with('@')) {
    const auto slash = id.name.find('/');
    path = "%40" + encoded(id.name.substr(1, slash - 1)) + (slash == std::string::npos ? "" : "/" + encoded(id.name.substr(slash + 1)));
  }
  if (id.ecosystem == "maven")
    if (const auto colon = id.name.find(':'); colon != std::string::npos) path = encoded(id.name.substr(0, colon)) + "/" + encoded(id.name.substr(colon + 1));
  std::string out = "pkg:" + id.ecosystem + "/" + path;
  if (!id.version.empty()) out += "@" + encoded(id.version, ":");
  if (!id.arch.empty()) out += "?arch=" + encoded(id.arch);
  return out;
}

std::map<std::string, std::string> header_fields(std::string_view text) {
  std::map<std::string, std::string> out;
  std::string key;
  for (std::size_t at = 0; at < text.size() && out.size() < 500;) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;  // a body or another section follows
    if (line[0] == ' ' || line[0] == '\t') {
      if (!key.empty() && out[key].size() < 4096) out[key] += "\n" + std::string(line.substr(1));
      continue;
    }
    const auto colon = line.find(':');
    key.clear();
    if (colon == std::string_view::npos || colon == 0) continue;
    const auto name = lower(line.substr(0, colon));
    auto value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    if (out.emplace(name, value).second) key = name;
  }
  return out;
}

void state_identity(const Identity& id, evidence::Sink& sink) {
  if (id.name.empty()) return;
  const auto state = [&](std::string_view word, const std::string& value) {
    if (value.empty()) return;
    evidence::Item item;
    item.facet = evidence::Facet::identity;
    item.word = word;
    item.value = value;
    item.attributes["ecosystem"] = id.ecosystem;
    if (word == "package") {
      item.attributes["purl"] = purl_of(id);
      if (!id.arch.empty()) item.attributes["arch"] = id.arch;
      if (!id.description.empty()) item.attributes["description"] = id.description.substr(0, 500);
    }
    sink.state(std::move(item));
  };
  state("package", id.name);
  state("version", id.version);
  state("maker", id.maker);
}

}  // namespace examine::package
