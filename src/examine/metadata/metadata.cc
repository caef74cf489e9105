// Reads who a package says it is, what it says it needs, and the rights that its platform's metadata
// asks for. All are the maker's claims: they inform the report and excuse nothing.
// Debian control: https://www.debian.org/doc/debian-policy/ch-controlfields.html
// Python core metadata: https://packaging.python.org/en/latest/specifications/core-metadata/
// Binary Android manifests, RPM headers (stated by their unpacker) and MSI tables are not read here.
#include "examine/metadata/metadata.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <fmt/format.h>

#include "examine/metadata/needs.h"

namespace examine {
namespace {

using evidence::Facet;
using package::Identity;

constexpr std::size_t most_bytes = 4u << 20;
constexpr int most_json_depth = 100;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string text_in(const nlohmann::json& json, std::string_view key) {
  const auto found = json.find(std::string(key));
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The text between <tag ...> and </tag>; the first one.
std::string element(std::string_view xml, std::string_view tag) {
  for (auto at = xml.find("<" + std::string(tag)); at != std::string_view::npos; at = xml.find("<" + std::string(tag), at + 1)) {
    const auto next = at + 1 + tag.size();
    if (next >= xml.size() || (xml[next] != '>' && xml[next] != ' ')) continue;
    const auto open = xml.find('>', at), close = xml.find("</" + std::string(tag) + ">", at);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
    return std::string(xml.substr(open + 1, close - open - 1));
  }
  return {};
}

/// `key = "value"` of one section of a TOML file.
std::string toml_value(std::string_view text, std::string_view section, std::string_view key) {
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with('[')) inside = line.starts_with(section);
    if (!inside || !line.starts_with(key)) continue;
    const auto rest = line.substr(key.size());
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos || rest.substr(0, equals).find_first_not_of(' ') != std::string_view::npos) continue;
    const auto from = rest.find('"', equals), to = from == std::string_view::npos ? from : rest.find('"', from + 1);
    if (to != std::string_view::npos) return std::string(rest.substr(from + 1, to - from - 1));
  }
  return {};
}

void permit(evidence::Sink& sink, std::string value, std::string_view platform) {
  evidence::Item item;
  item.facet = Facet::permission;
  item.value = std::move(value);
  item.attributes["platform"] = platform;
  item.attributes["declaration"] = "weak";
  sink.state(std::move(item));
}

bool is_debian_control(const artifact::Place& place) {
  const auto& links = place.links;
  for (std::size_t i = 0; i + 2 < links.size(); ++i)
    if (links[i].kind == "deb" && artifact::normal_path(links[i + 1].name).starts_with("control.tar")) return artifact::normal_path(links.back().name) == "control";
  return false;
}

Identity from_json(const nlohmann::json& json) {
  Identity id{.ecosystem = "npm", .name = text_in(json, "name"), .version = text_in(json, "version"), .description = text_in(json, "description")};
  const auto person = [](const nlohmann::json& who) { return who.is_string() ? who.get<std::string>() : who.is_object() ? text_in(who, "name") : std::string(); };
  if (const auto author = json.find("author"); author != json.end()) id.maker = person(*author);
  if (const auto all = json.find("maintainers"); id.maker.empty() && all != json.end() && all->is_array() && !all->empty()) id.maker = person(all->front());
  return id;
}

void extension_manifest(const nlohmann::json& json, evidence::Sink& sink) {
  if (!json.contains("manifest_version")) return;
  package::state_identity({.ecosystem = "webextension", .name = text_in(json, "name"), .version = text_in(json, "version"), .maker = text_in(json, "author"), .description = text_in(json, "description")}, sink);
  for (const auto key : {"permissions", "optional_permissions", "host_permissions"}) {
    const auto list = json.find(key);
    if (list == json.end() || !list->is_array()) continue;
    for (const auto& p : *list)
      if (p.is_string()) permit(sink, p.get<std::string>(), "webextension");
  }
}

void snap(const YAML::Node& root, evidence::Sink& sink) {
  const auto scalar = [&](const char* key) { return root[key] && root[key].IsScalar() ? root[key].as<std::string>() : std::string(); };
  package::state_identity({.ecosystem = "snap", .name = scalar("name"), .version = scalar("version"), .description = first_line(scalar("summary"))}, sink);
  const auto plugs = [&](const YAML::Node& list) {
    if (list && list.IsSequence())
      for (const auto& p : list)
        if (p.IsScalar()) permit(sink, p.as<std::string>(), "snap");
    if (list && list.IsMap())
      for (const auto& p : list) permit(sink, p.first.as<std::string>(""), "snap");
  };
  if (const auto base = scalar("base"); !base.empty()) {
    package::Needs needs({}, "snap", sink);
    needs.add({.name = base});
  }
  plugs(root["plugs"]);
  if (root["apps"] && root["apps"].IsMap())
    for (const auto& app : root["apps"])
      if (app.second.IsMap()) plugs(app.second["plugs"]);
}

class Metadata final : public evidence::Reader {
 public:
  const evidence::Card& card() const override {
    static const evidence::Card card{
        .name = "metadata",
        .finds = "the product's name, version and maker, the packages that its manifest needs, and the rights that its metadata asks for",
        .kinds = {"*"},
        .states = {Facet::identity, Facet::permission, Facet::reference},
        .blind_spots = {"binary Android manifests are not decoded", "metadata is the maker's claim and is not checked against anything",
                        "dependencies in lock files, in an sdist's setup.py, and of manifests other than those of npm, Debian, Python, RubyGems, Cargo, Maven, OSGi, NuGet, Flatpak and snap"},
        .version = 2,
        .references = "https://github.com/package-url/purl-spec",
    };
    return card;
  }

  base::Result<> read(const evidence::View& view, evidence::Sink& sink) const override {
    if (!view.has_content() || view.place.links.empty()) return {};
    const auto file = view.place.file_name();
    const auto path = view.place.path();
    const auto text = base::text_of(view.bytes);
    const bool debian = file == "control" && is_debian_control(view.place);
    // A package.json of another place names dependencies too, and is nobody's identity.
    const bool node = file == "package.json";
    const bool npm = node && view.place.inside("npm") && std::ranges::count(path, '/') <= 1;
    const bool python = (file == "METADATA" && path.find(".dist-info/") != std::string::npos) || file == "PKG-INFO";
    const bool java = path == "META-INF/MANIFEST.MF";
    const bool gem = (file == "metadata" || path == "metadata.gz") && view.place.inside("gem") && view.kind != "gzip";
    const bool xml = file.ends_with(".nuspec") || file == "pom.xml";
    const bool cargo = file == "Cargo.toml" && view.place.inside("crate");
    const bool other = file == "snap.yaml" || file == "snapcraft.yaml" || (file == "manifest.json" && std::ranges::count(path, '/') <= 1) || file.ends_with(".desktop") ||
                       (file == "metadata" && text.starts_with("[Application]"));
    if (!debian && !node && !python && !java && !gem && !xml && !cargo && !other) return {};
    if (text.size() > most_bytes) return base::fail(base::Trouble::limit, "{} has {} bytes", base::printable(file), text.size());
    CHECK_OK(sink.spend(2 * text.size()));
    if (debian) return state_debian(view, sink);
    if (node) return state_npm(text, npm, sink);
    if (python) return state_python(text, sink);
    if (java) return state_java(text, sink);
    if (cargo) return state_cargo(text, sink);
    if (xml) return state_xml(text, file, sink);
    if (gem) return with_yaml(text, [&](const YAML::Node& root) { return state_gem(root, text, sink); });
    if (file == "manifest.json") return with_json(text, [&](const auto& json) { return extension_manifest(json, sink), base::Result<>(); });
    if (file.ends_with(".yaml")) return with_yaml(text, [&](const YAML::Node& root) { return snap(root, sink), base::Result<>(); });
    return state_keyed(text, file, sink);
  }

 private:
  static base::Result<> with_json(std::string_view text, const std::function<base::Result<>(const nlohmann::json&)>& use) {
    bool too_deep = false;
    const auto shallow = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth <= most_json_depth || !(too_deep = true); };
    const auto json = nlohmann::json::parse(text.begin(), text.end(), shallow, false, true);
    if (too_deep) return base::fail(base::Trouble::limit, "the metadata is JSON deeper than {}", most_json_depth);
    if (json.is_discarded()) return base::fail(base::Trouble::malformed, "the metadata is not JSON");
    return json.is_object() ? use(json) : base::Result<>();
  }

  static base::Result<> with_yaml(std::string_view text, const std::function<base::Result<>(const YAML::Node&)>& use) {
    if (text.size() > (1u << 20)) return base::fail(base::Trouble::limit, "the metadata has {} bytes", text.size());
    try {
      const auto root = YAML::Load(std::string(text));
      if (root.IsMap()) return use(root);
    } catch (const YAML::Exception& e) {
      return base::fail(base::Trouble::malformed, "the metadata is not YAML: {}", e.what());
    }
    return {};
  }

  static base::Result<> state_debian(const evidence::View& view, evidence::Sink& sink) {
    const auto f = package::header_fields(base::text_of(view.bytes));
    const auto get = [&](const char* key) { return f.contains(key) ? f.at(key) : std::string(); };
    package::state_identity({"deb", get("package"), get("version"), get("maintainer"), get("architecture"), first_line(get("description"))}, sink);
    sink.label({0, view.bytes.size()}, evidence::Label::examined, "metadata");
    return package::state_debian_needs(base::text_of(view.bytes), sink);
  }

  /// `package`: it is the manifest of the npm package itself.
  static base::Result<> state_npm(std::string_view text, bool package, evidence::Sink& sink) {
    auto read = with_json(text, [&](const auto& json) {
      if (package) package::state_identity(from_json(json), sink);
      return package::state_npm_needs(json, text, sink);
    });
    // Elsewhere it may be a template or a test's fixture; the examiner of steps says that it is broken.
    if (!read && !package && read.error().trouble == base::Trouble::malformed) return {};
    return read;
  }

  static base::Result<> state_python(std::string_view text, evidence::Sink& sink) {
    const auto f = package::header_fields(text);
    const auto get = [&](const char* key) { return f.contains(key) ? f.at(key) : std::string(); };
    package::state_identity({"pypi", get("name"), get("version"), get("author").empty() ? get("author-email") : get("author"), "", get("summary")}, sink);
    return package::state_python_needs(text, sink);
  }

  static base::Result<> state_java(std::string_view text, evidence::Sink& sink) {
    const auto f = package::header_fields(text);
    const auto get = [&](const char* key) { return f.contains(key) ? f.at(key) : std::string(); };
    const auto name = !get("bundle-symbolicname").empty() ? get("bundle-symbolicname") : get("implementation-title");
    package::state_identity({"maven", name.substr(0, name.find(';')), !get("bundle-version").empty() ? get("bundle-version") : get("implementation-version"),
                             !get("implementation-vendor").empty() ? get("implementation-vendor") : get("bundle-vendor"), "", get("bundle-description")},
                            sink);
    auto bundles = get("require-bundle");
    std::erase(bundles, '\n');  // lines are folded anywhere
    return package::state_bundle_needs(text, bundles, sink);
  }

  static base::Result<> state_cargo(std::string_view text, evidence::Sink& sink) {
    const auto get = [&](std::string_view key) { return toml_value(text, "[package]", key); };
    package::state_identity({"cargo", get("name"), get("version"), get("authors"), "", get("description")}, sink);
    return package::state_cargo_needs(text, sink);
  }

  static base::Result<> state_xml(std::string_view text, std::string_view file, evidence::Sink& sink) {
    if (file == "pom.xml") {
      const auto group = element(text, "groupId"), name = element(text, "artifactId");
      package::state_identity({"maven", group.empty() ? name : group + ":" + name, element(text, "version"), element(text, "organization"), "", element(text, "description")}, sink);
      return package::state_maven_needs(text, sink);
    }
    package::state_identity({"nuget", element(text, "id"), element(text, "version"), element(text, "authors"), "", element(text, "description")}, sink);
    return package::state_nuget_needs(text, sink);
  }

  static base::Result<> state_gem(const YAML::Node& root, std::string_view text, evidence::Sink& sink) {
    const auto scalar = [](const YAML::Node& n) { return n && n.IsScalar() ? n.as<std::string>() : std::string(); };
    Identity id{.ecosystem = "gem", .name = scalar(root["name"]), .description = scalar(root["summary"])};
    if (root["version"] && root["version"].IsMap()) id.version = scalar(root["version"]["version"]);
    if (root["authors"] && root["authors"].IsSequence() && root["authors"].size()) id.maker = scalar(root["authors"][0]);
    package::state_identity(id, sink);
    return package::state_gem_needs(root, text, sink);
  }

  /// Flatpak metadata and desktop files: [Section] key=value.
  static base::Result<> state_keyed(std::string_view text, std::string_view file, evidence::Sink& sink) {
    std::string section;
    package::Needs needs(text, "flatpak", sink);
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      const auto line = text.substr(at, end - at);
      at = end + 1;
      if (line.starts_with('[')) section = line;
      const auto equals = line.find('=');
      if (equals == std::string_view::npos) continue;
      const auto key = line.substr(0, equals), value = line.substr(equals + 1);
      if (section.starts_with("[Context]") && !file.ends_with(".desktop"))
        for (std::size_t from = 0; from < value.size();) {
          const auto to = std::min(value.find(';', from), value.size());
          if (to > from) permit(sink, fmt::format("{}={}", key, value.substr(from, to - from)), "flatpak");
          from = to + 1;
        }
      if (section.starts_with("[Application]") && !file.ends_with(".desktop") && (key == "runtime" || key == "sdk")) needs.add(flatpak_need(needs, key, value));
      if (section.starts_with("[Application]") && key == "name") package::state_identity({.ecosystem = "flatpak", .name = std::string(value)}, sink);
    }
    return needs.done();
  }

  /// runtime=name/architecture/branch
  static package::Need flatpak_need(const package::Needs& needs, std::string_view key, std::string_view value) {
    const auto slash = value.find('/'), last = value.rfind('/');
    return {.name = std::string(value.substr(0, slash)), .version = last == std::string_view::npos ? "" : std::string(value.substr(last + 1)), .purpose = key == "sdk" ? "build" : "run", .range = needs.range_of(value)};
  }
};

}  // namespace

const evidence::Reader& metadata() {
  static const Metadata reader;
  return reader;
}

}  // namespace examine
