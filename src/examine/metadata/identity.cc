// Package URLs, and the header format that Debian, Python and Java share.
// https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst
#include <algorithm>

#include <fmt/format.h>

#include "examine/metadata/metadata.h"
#include "examine/metadata/needs.h"

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
  each_header_field(text, [&](const std::string& key, std::string_view value) {
    if (out.size() >= 500 || out.contains(key)) return;
    auto& into = out[key];
    for (std::size_t at = 0; at <= value.size() && into.size() < 4096;) {
      const auto end = std::min(value.find('\n', at), value.size());
      auto line = value.substr(at, end - at);
      if (line.ends_with('\r')) line.remove_suffix(1);
      into += at == 0 ? std::string(line) : "\n" + std::string(line.substr(std::min<std::size_t>(1, line.size())));
      at = end + 1;
    }
  });
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
