// Dependencies in formats of header lines.
// Debian Policy 7.1 (syntax of relationship fields); PEP 508 (Requires-Dist); OSGi Core 3.13.1
// (Require-Bundle).
#include "examine/metadata/needs.h"

#include <algorithm>

#include <fmt/format.h>

namespace examine::package {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view blank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(blank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(blank) - from + 1);
}

/// Cut to `most` bytes, not inside a UTF-8 sequence.
std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return std::string(text.substr(0, most));
}

template <class Use>
void each_part(std::string_view text, char separator, Use use) {
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(separator, at), text.size());
    use(text.substr(at, end - at));
    at = end + 1;
  }
}

bool is_name_of_python(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_'; }

/// PEP 503: names that differ in letter case, or in how many of - _ . stand between words, are one name.
std::string python_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool between = c == '-' || c == '_' || c == '.';
    if (between && out.ends_with('-')) continue;
    out += between ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

void add_python(Needs& needs, std::string_view value) {
  const auto whole = trimmed(value);
  const auto name = whole.substr(0, std::ranges::find_if_not(whole, is_name_of_python) - whole.begin());
  if (name.empty()) return;
  auto rest = trimmed(whole.substr(name.size()));
  if (rest.starts_with('[')) rest = trimmed(rest.substr(std::min(rest.find(']'), rest.size() - 1) + 1));
  // Behind an address the marker's semicolon follows a blank, since an address may hold one.
  const bool address = rest.starts_with('@');
  const auto marker_at = std::min(address ? rest.find(" ;") : rest.find(';'), rest.size());
  const auto marker = rest.substr(marker_at);
  auto version = trimmed(rest.substr(address ? 1 : 0, marker_at - (address && marker_at ? 1 : 0)));
  if (version.starts_with('(') && version.ends_with(')')) version = trimmed(version.substr(1, version.size() - 2));
  needs.add({.name = python_name(name), .version = std::string(version), .purpose = marker.find("extra") == std::string_view::npos ? "run" : "optional", .range = needs.range_of(whole)});
}

void add_debian(Needs& needs, std::string_view relation, std::string_view purpose) {
  relation = trimmed(relation);
  const auto name = relation.substr(0, relation.find_first_of(" \t\r\n([<:"));
  if (name.empty() || name.starts_with('$')) return;
  const auto open = relation.find('('), close = relation.find(')', open);
  const auto version = open == std::string_view::npos ? ""sv : trimmed(relation.substr(open + 1, close == std::string_view::npos ? close : close - open - 1));
  needs.add({.name = std::string(name), .version = std::string(version), .purpose = purpose, .range = needs.range_of(relation)});
}

}  // namespace

void Needs::add(Need need) {
  if (need.name.empty() || ++count_ > most_needs) return;
  evidence::Item item;
  item.facet = evidence::Facet::reference;
  item.word = "needs";
  item.value = std::move(need.name);
  item.range = need.range;
  item.attributes = std::move(need.also);
  item.attributes["ecosystem"] = ecosystem_;
  item.attributes["for"] = need.purpose;
  if (!need.version.empty()) item.attributes["version"] = cut(need.version, most_version_bytes);
  sink_.state(std::move(item));
}

base::Range Needs::search(std::string_view wanted, std::size_t from) {
  if (wanted.empty() || from >= text_.size() || count_ >= most_needs || search_left_ == 0) return {};
  const auto window = text_.substr(from, search_left_);
  const auto at = window.find(wanted);
  search_left_ -= at == std::string_view::npos ? window.size() : at;
  if (at == std::string_view::npos) return {};
  return {from + at, wanted.size()};
}

base::Result<> Needs::done() const {
  if (count_ > most_needs) return base::fail(base::Trouble::limit, "it names {} dependencies, of which {} are stated", count_, most_needs);
  return {};
}

void each_header_field(std::string_view text, const std::function<void(const std::string& key, std::string_view value)>& use) {
  std::string key;
  std::string_view value;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;  // a body or another section follows
    if (line[0] == ' ' || line[0] == '\t') {
      if (!key.empty()) value = {value.data(), static_cast<std::size_t>(line.data() + line.size() - value.data())};
      continue;
    }
    if (!key.empty()) use(key, value);
    key.clear();
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    key = std::string(trimmed(line.substr(0, colon)));
    std::ranges::transform(key, key.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
  }
  if (!key.empty()) use(key, value);
}

base::Result<> state_debian_needs(std::string_view control, evidence::Sink& sink) {
  Needs needs(control, "deb", sink);
  each_header_field(control, [&](const std::string& key, std::string_view value) {
    const auto purpose = key == "depends" ? "run"sv : key == "pre-depends" ? "install"sv : key == "recommends" ? "optional"sv : ""sv;
    if (purpose.empty()) return;
    each_part(value, ',', [&](std::string_view group) { each_part(group, '|', [&](std::string_view one) { add_debian(needs, one, purpose); }); });
  });
  return needs.done();
}

base::Result<> state_python_needs(std::string_view metadata, evidence::Sink& sink) {
  Needs needs(metadata, "pypi", sink);
  each_header_field(metadata, [&](const std::string& key, std::string_view value) {
    if (key == "requires-dist") add_python(needs, value);
  });
  return needs.done();
}

base::Result<> state_bundle_needs(std::string_view manifest, const std::string& value, evidence::Sink& sink) {
  Needs needs(manifest, "maven", sink);
  bool quoted = false;
  for (std::size_t from = 0, at = 0; at <= value.size(); ++at) {
    if (at < value.size() && value[at] == '"') quoted = !quoted;
    if (at < value.size() && (quoted || value[at] != ',')) continue;
    const auto one = trimmed(std::string_view(value).substr(from, at - from));
    from = at + 1;
    const auto name = trimmed(one.substr(0, one.find(';')));
    std::string version;
    if (const auto key = one.find("bundle-version="); key != std::string_view::npos) {
      version = one.substr(key + "bundle-version="sv.size());
      version = version.starts_with('"') ? version.substr(1, version.find('"', 1) - 1) : version.substr(0, version.find(';'));
    }
    const bool optional = one.find("resolution:=optional") != std::string_view::npos || one.find("resolution:=\"optional\"") != std::string_view::npos;
    needs.add({.name = std::string(name), .version = version, .purpose = optional ? "optional" : "run", .range = needs.search(name)});
  }
  return needs.done();
}

}  // namespace examine::package
