// Dependencies in JSON and YAML. https://docs.npmjs.com/cli/configuring-npm/package-json;
// https://guides.rubygems.org/specification-reference/
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <yaml-cpp/yaml.h>

#include "examine/metadata/needs.h"

namespace examine::package {
namespace {

using namespace std::string_view_literals;
using Json = nlohmann::json;

/// "npm:real@1" under another name installs the package `real`: that is the one that is needed.
Need npm_need(const std::string& name, const std::string& version, std::string_view purpose) {
  Need need{.name = name, .version = version, .purpose = purpose};
  if (!version.starts_with("npm:")) return need;
  const auto real = version.substr(4);
  const auto at = real.find('@', 1);
  need.name = real.substr(0, at);
  need.version = at == std::string::npos ? "" : real.substr(at + 1);
  if (need.name != name) need.also["as"] = name.substr(0, most_version_bytes);
  return need;
}

/// From a key in quotes to the end of the text in quotes behind its colon.
base::Range with_value(std::string_view text, base::Range key) {
  auto at = text.find_first_not_of(" \t\r\n", key.end());
  if (key.size == 0 || at == std::string_view::npos || text[at] != ':') return key;
  at = text.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string_view::npos || text[at] != '"') return key;
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return {key.offset, std::min(at + 1, text.size()) - key.offset};
}

/// Names of bundledDependencies, which is a list, or `true` for all.
std::set<std::string> bundled_in(const Json& package) {
  std::set<std::string> out;
  for (const auto key : {"bundledDependencies", "bundleDependencies"})
    if (const auto found = package.find(key); found != package.end() && found->is_array())
      for (const auto& name : *found)
        if (name.is_string() && out.size() <= most_needs) out.insert(name.get<std::string>());
  return out;
}

bool bundles_all(const Json& package) {
  for (const auto key : {"bundledDependencies", "bundleDependencies"})
    if (const auto found = package.find(key); found != package.end() && found->is_boolean() && found->get<bool>()) return true;
  return false;
}

/// npm reads a list of "name@range" as well, and a text of such, apart by blanks or commas.
void each_of_list(std::string_view text, const std::function<void(const std::string& name, const std::string& version)>& use) {
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t\r\n,", at)) != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(" \t\r\n,", at), text.size());
    const auto one = text.substr(at, end - at);
    at = end;
    const auto version = std::min(one.find_first_of("@<>=", 1), one.size());
    use(std::string(one.substr(0, version)), std::string(one.substr(version + (version < one.size() && one[version] == '@'))));
  }
}

std::string scalar(const YAML::Node& node) { return node && node.IsScalar() ? node.as<std::string>("") : std::string(); }

/// [[">=", {version: 1.0}], …] as ">= 1.0, …".
std::string gem_versions(const YAML::Node& requirement) {
  std::string out;
  if (!requirement || !requirement.IsMap()) return out;
  const auto list = requirement["requirements"];
  if (!list || !list.IsSequence()) return out;
  for (const auto& one : list) {
    if (!one.IsSequence() || one.size() != 2 || !one[1].IsMap() || out.size() > most_version_bytes) continue;
    if (!out.empty()) out += ", ";
    out += scalar(one[0]) + " " + scalar(one[1]["version"]);
  }
  return out;
}

}  // namespace

base::Result<> state_npm_needs(const Json& package, std::string_view text, evidence::Sink& sink) {
  static constexpr std::array<std::pair<const char*, std::string_view>, 4> parts = {{{"dependencies", "run"}, {"optionalDependencies", "optional"}, {"peerDependencies", "peer"}, {"devDependencies", "build"}}};
  Needs needs(text, "npm", sink);
  auto bundled = bundled_in(package);
  const bool all = bundles_all(package);
  for (const auto& [key, purpose] : parts) {
    const auto found = package.find(key);
    if (found == package.end()) continue;
    const auto section = text.find("\"" + std::string(key) + "\"");
    const auto add = [&](const std::string& name, const std::string& version) {
      auto need = npm_need(name, version, purpose);
      need.range = section == std::string_view::npos ? base::Range{} : with_value(text, needs.search("\"" + name + "\"", section));
      if (purpose != "build" && (bundled.erase(name) || (all && purpose == "run"))) need.also["bundled"] = "yes";
      needs.add(std::move(need));
    };
    if (found->is_object())
      for (const auto& [name, version] : found->items())
        if (version.is_string()) add(name, version.get_ref<const std::string&>());
    if (found->is_string()) each_of_list(found->get_ref<const std::string&>(), add);
    if (found->is_array())
      for (const auto& one : *found)
        if (one.is_string()) each_of_list(one.get_ref<const std::string&>(), add);
  }
  for (const auto& name : bundled) needs.add({.name = name, .range = needs.search("\"" + name + "\""), .also = {{"bundled", "yes"}}});
  return needs.done();
}

base::Result<> state_gem_needs(const YAML::Node& specification, std::string_view text, evidence::Sink& sink) {
  Needs needs(text, "gem", sink);
  const auto list = specification["dependencies"];
  if (!list || !list.IsSequence()) return {};
  const auto section = text.find("dependencies:");
  for (const auto& one : list) {
    if (!one.IsMap()) continue;
    const auto name = scalar(one["name"]), type = scalar(one["type"]);
    const auto requirement = one["requirement"] ? one["requirement"] : one["version_requirements"];
    needs.add({.name = name, .version = gem_versions(requirement), .purpose = type == ":development" ? "build" : "run", .range = needs.search("name: " + name, std::min(section, text.size()))});
  }
  return needs.done();
}

}  // namespace examine::package
