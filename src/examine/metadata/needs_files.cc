// Dependencies in TOML and XML. https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html;
// https://maven.apache.org/pom.html; https://learn.microsoft.com/nuget/reference/nuspec
#include <algorithm>
#include <array>

#include "examine/metadata/needs.h"
#include "parse/toml/toml.h"
#include "parse/xml/xml.h"

namespace examine::package {
namespace {

using namespace std::string_view_literals;
using parse::xml::Element;
using Texts = std::map<std::string, std::string, std::less<>>;

std::string trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  return from == std::string_view::npos ? std::string() : std::string(text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1));
}

// --- Cargo

std::string_view purpose_of_cargo(std::string_view table) {
  if (table == "dependencies") return "run";
  if (table == "build-dependencies" || table == "build_dependencies") return "build";
  if (table == "dev-dependencies" || table == "dev_dependencies") return "test";
  return {};
}

struct CargoNeed {
  std::string_view purpose;
  base::Range range;
  Texts keys;
};

/// The dependencies of a manifest by their path, which holds the target for which they are named.
using CargoNeeds = std::map<std::vector<std::string>, CargoNeed>;

void gather(const parse::toml::Value& value, CargoNeeds& into) {
  const auto& path = value.path;
  const std::size_t table = path.size() > 2 && path[0] == "target" ? 2 : 0;
  if (path.size() < table + 2) return;
  const auto purpose = purpose_of_cargo(path[table]);
  const std::vector<std::string> key(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(table) + 2);
  if (purpose.empty() || (into.size() > most_needs && !into.contains(key))) return;
  auto& need = into[key];
  need.purpose = purpose;
  if (need.range.size == 0) need.range = value.range;
  if (path.size() == table + 2 && value.kind == parse::toml::Kind::string) need.keys["version"] = value.text;
  if (path.size() == table + 3) need.keys[path.back()] = value.text;
}

// --- Maven

/// ${name} by the project's own properties, a few times over; what is not known stays as written.
std::string filled(std::string text, const Texts& properties) {
  std::size_t from = 0;
  for (int turns = 0; turns < 20 && text.size() < 1000; ++turns) {
    const auto open = text.find("${", from), close = text.find('}', open);
    if (open == std::string::npos || close == std::string::npos) break;
    const auto known = properties.find(std::string_view(text).substr(open + 2, close - open - 2));
    if (known == properties.end()) {
      from = close;
    } else {
      text.replace(open, close - open + 1, known->second);
    }
  }
  return text;
}

constexpr std::size_t most_property = 1000;  ///< bytes

Texts properties_of(const Element& project) {
  Texts out;
  const auto* parent = project.child("parent");
  for (const auto key : {"groupId", "version"}) {
    auto value = trimmed(project.text_of(key));
    if (value.empty() && parent) value = trimmed(parent->text_of(key));
    for (const auto prefix : {"project.", "pom.", ""}) out[std::string(prefix) + key] = value.substr(0, most_property);
  }
  if (const auto* properties = project.child("properties"))
    for (const auto& p : properties->children) out[std::string(p.name)] = trimmed(p.text).substr(0, most_property);
  return out;
}

/// A tag from its '<' to the end of the element, or to where an excerpt ends.
base::Range range_of(const Needs& needs, const Element& element, std::string_view closing) {
  auto range = needs.range_of(element.name);
  if (range.offset) --range.offset;
  const auto window = needs.text().substr(range.offset, 400);
  const auto end = window.find(closing);
  range.size = end == std::string_view::npos ? element.name.size() + 1 : end + closing.size();
  return range;
}

void add_maven(Needs& needs, const Element& holder, const Texts& properties) {
  const auto* list = holder.child("dependencies");
  if (!list) return;
  for (const auto& d : list->children) {
    if (d.name != "dependency") continue;
    const auto text = [&](std::string_view key) { return filled(trimmed(d.text_of(key)), properties); };
    const auto group = text("groupId"), name = text("artifactId"), scope = text("scope");
    const auto purpose = scope == "test" ? "test"sv : text("optional") == "true" ? "optional"sv : scope == "provided" ? "peer"sv : "run"sv;
    if (!name.empty()) needs.add({.name = group.empty() ? name : group + ":" + name, .version = text("version"), .purpose = purpose, .range = range_of(needs, d, "</dependency>")});
  }
}

void add_nuget(Needs& needs, const Element& list) {
  for (const auto& d : list.children) {
    if (d.name == "group") {
      for (const auto& inner : d.children)
        if (inner.name == "dependency") needs.add({.name = std::string(inner.attribute("id")), .version = std::string(inner.attribute("version")), .range = range_of(needs, inner, ">")});
    } else if (d.name == "dependency") {
      needs.add({.name = std::string(d.attribute("id")), .version = std::string(d.attribute("version")), .range = range_of(needs, d, ">")});
    }
  }
}

}  // namespace

base::Result<> state_cargo_needs(std::string_view toml, evidence::Sink& sink) {
  CargoNeeds table;
  const auto read = parse::toml::read(toml, [&](const parse::toml::Value& v) { gather(v, table); });
  Needs needs(toml, "cargo", sink);
  for (auto& [path, need] : table) {
    auto& keys = need.keys;
    const bool renamed = !keys["package"].empty();
    const auto& address = !keys["git"].empty() ? keys["git"] : keys["path"];
    Need out{.name = renamed ? keys["package"] : path.back(), .version = keys["version"].empty() ? address : keys["version"], .purpose = keys["optional"] == "true" ? "optional" : need.purpose, .range = need.range};
    if (renamed) out.also["as"] = path.back().substr(0, most_version_bytes);
    if (path.size() == 4) out.also["when"] = path[1].substr(0, most_version_bytes);
    needs.add(std::move(out));
  }
  CHECK_OK(read);
  return needs.done();
}

base::Result<> state_maven_needs(std::string_view pom, evidence::Sink& sink) {
  const auto project = TRY(parse::xml::read(pom));
  const auto properties = properties_of(project);
  Needs needs(pom, "maven", sink);
  add_maven(needs, project, properties);
  if (const auto* profiles = project.child("profiles"))
    for (const auto& profile : profiles->children) add_maven(needs, profile, properties);
  return needs.done();
}

base::Result<> state_nuget_needs(std::string_view nuspec, evidence::Sink& sink) {
  const auto package = TRY(parse::xml::read(nuspec));
  Needs needs(nuspec, "nuget", sink);
  const auto* metadata = package.child("metadata");
  if (const auto* list = metadata ? metadata->child("dependencies") : nullptr) add_nuget(needs, *list);
  return needs.done();
}

}  // namespace examine::package
