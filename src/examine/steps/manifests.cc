// Files that name steps: package.json, binding.gyp, triggers, pyproject.toml, gem metadata, .pth.
// Command texts are handed on as children; files that run are stated as reference:runs.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "examine/steps/steps.h"

namespace examine::hooks {
namespace {

using evidence::Confidence;
using evidence::Facet;

constexpr std::size_t most_manifest = 8u << 20;
constexpr std::size_t most_commands = 200;

base::Result<> hand_on(evidence::Sink& sink, std::string name, std::string_view kind, std::string_view text) {
  artifact::Entry entry;
  entry.name = std::move(name);
  entry.origin = artifact::Origin::step;
  entry.kind = kind;
  return sink.child(entry, base::bytes_of(text));
}

evidence::Item item_of(Facet facet, std::string_view word, std::string value, base::Range range = {}) {
  evidence::Item item;
  item.facet = facet;
  item.word = word;
  item.value = std::move(value);
  item.range = range;
  return item;
}

/// Where a text stands in the artifact, for the range of an item; nothing when it is escaped there.
base::Range range_of(std::string_view whole, std::string_view part) {
  const auto at = part.empty() ? std::string_view::npos : whole.find(part);
  if (at == std::string_view::npos) return {};
  return {at, part.size()};
}

/// npm runs scripts of the package at an archive's root, and of the dependencies bundled with it.
Confidence npm_runs_it(const artifact::Place& place) {
  if (place.inside("deb") || place.inside("rpm")) return Confidence::low;
  const auto path = place.path();
  const bool root = std::ranges::count(path, '/') <= 1;
  return root || path.find("node_modules/") != std::string::npos ? Confidence::high : Confidence::low;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size() && out.size() < 100'000;) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.emplace_back(line);
    at = end + 1;
  }
  return out;
}

std::string trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\"'");
  if (from == std::string_view::npos) return {};
  const auto to = text.find_last_not_of(" \t\"',");
  return to == std::string_view::npos || to < from ? std::string() : std::string(text.substr(from, to - from + 1));
}

}  // namespace

base::Result<> npm_scripts(const evidence::View& view, evidence::Sink& sink) {
  static constexpr std::array<std::string_view, 8> run_by_npm = {"preinstall",  "install", "postinstall", "preprepare",
                                                                  "prepare",     "postprepare", "prepublish", "prepack"};
  const auto text = base::text_of(view.bytes);
  if (text.size() > most_manifest) return base::fail(base::Trouble::limit, "package.json has {} bytes", text.size());
  CHECK_OK(sink.spend(text.size()));
  const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false, true);
  if (json.is_discarded()) return base::fail(base::Trouble::malformed, "package.json is not JSON");
  if (!json.is_object()) return {};
  const auto scripts = json.find("scripts");
  if (scripts == json.end() || !scripts->is_object()) return {};
  if (npm_runs_it(view.place) == Confidence::low) return {};  // nothing runs it there
  for (const auto name : run_by_npm) {
    const auto script = scripts->find(std::string(name));
    if (script == scripts->end() || !script->is_string()) continue;
    const auto& command = script->get_ref<const std::string&>();
    CHECK_OK(hand_on(sink, fmt::format("npm:{}", name), "script/shell", command));
  }
  return {};
}

base::Result<> gyp_commands(const evidence::View& view, evidence::Sink& sink) {
  const auto text = base::text_of(view.bytes);
  CHECK_OK(sink.spend(text.size()));
  if (npm_runs_it(view.place) == Confidence::high) {
    auto item = item_of(Facet::step, "install", "node-gyp rebuild");
    item.attributes["package manager"] = "npm";
    item.attributes["when"] = "when npm installs the package, unless it has an install script";
    sink.state(std::move(item));
  }
  std::size_t count = 0;
  for (std::size_t at = text.find("<!"); at != std::string_view::npos && count < most_commands; at = text.find("<!", at + 2)) {
    const auto open = text.find('(', at);
    if (open == std::string_view::npos || open > at + 3) continue;
    std::size_t depth = 0, end = open;
    for (; end < text.size() && end < open + 8192; ++end) {
      if (text[end] == '(') ++depth;
      if (text[end] == ')' && --depth == 0) break;
    }
    if (end >= text.size() || text[end] != ')') continue;
    CHECK_OK(hand_on(sink, fmt::format("gyp:{}", ++count), "script/shell", text.substr(open + 1, end - open - 1)));
  }
  return {};
}

base::Result<> triggers(const evidence::View& view, evidence::Sink& sink) {
  const auto text = base::text_of(view.bytes);
  CHECK_OK(sink.spend(text.size()));
  for (const auto& line : lines_of(text)) {
    if (!line.starts_with("interest")) continue;
    auto item = item_of(Facet::step, "update", line, range_of(text, line));
    item.attributes["package manager"] = "dpkg";
    item.attributes["when"] = "postinst runs when another package touches this";
    sink.state(std::move(item));
  }
  sink.label({0, view.bytes.size()}, evidence::Label::examined, "steps");
  return {};
}

base::Result<> build_backend(const evidence::View& view, evidence::Sink& sink) {
  const auto text = base::text_of(view.bytes);
  if (text.size() > most_manifest) return base::fail(base::Trouble::limit, "pyproject.toml has {} bytes", text.size());
  CHECK_OK(sink.spend(text.size()));
  std::string section, backend, path;
  for (const auto& line : lines_of(text)) {
    if (line.starts_with('[')) section = line;
    if (!section.starts_with("[build-system]")) continue;
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const auto key = trimmed(line.substr(0, equals));
    auto value = line.substr(equals + 1);
    std::erase_if(value, [](char c) { return c == '[' || c == ']'; });
    if (key == "build-backend") backend = trimmed(value);
    if (key == "backend-path") path = trimmed(value.substr(0, value.find(',')));
  }
  if (backend.empty() || path.empty()) return {};  // a backend from elsewhere is a dependency
  auto item = item_of(Facet::step, "build", backend, range_of(text, backend));
  item.attributes["package manager"] = "pip";
  item.attributes["when"] = "when pip builds from source";
  sink.state(std::move(item));
  std::string file = backend.substr(0, backend.find(':'));
  std::ranges::replace(file, '.', '/');
  sink.state(item_of(Facet::reference, "runs", (path == "." ? "" : path + "/") + file + ".py", range_of(text, backend)));
  return {};
}

base::Result<> gem_extensions(const evidence::View& view, evidence::Sink& sink) {
  if (!view.place.inside("gem")) return {};
  const auto text = base::text_of(view.bytes);
  if (text.size() > most_manifest) return base::fail(base::Trouble::limit, "the gem's metadata has {} bytes", text.size());
  CHECK_OK(sink.spend(text.size()));
  bool listed = false;
  for (const auto& line : lines_of(text)) {
    if (listed && !line.starts_with("- ")) listed = false;
    if (listed) {
      const auto file = trimmed(line.substr(2));
      auto item = item_of(Facet::step, "install", file, range_of(text, file));
      item.attributes["package manager"] = "gem";
      item.attributes["when"] = "when the gem is installed";
      sink.state(std::move(item));
      sink.state(item_of(Facet::reference, "runs", file, range_of(text, file)));
    }
    if (line == "extensions:") listed = true;
  }
  return {};
}

base::Result<> pth_lines(const evidence::View& view, evidence::Sink& sink) {
  const auto text = base::text_of(view.bytes);
  if (text.size() > most_manifest) return base::fail(base::Trouble::limit, "the .pth file has {} bytes", text.size());
  CHECK_OK(sink.spend(text.size()));
  std::size_t number = 0, handed = 0;
  for (const auto& line : lines_of(text)) {
    ++number;
    if (!line.starts_with("import ") && !line.starts_with("import\t")) continue;
    if (++handed > most_commands) return base::fail(base::Trouble::limit, "the .pth file runs more than {} lines", most_commands);
    CHECK_OK(hand_on(sink, fmt::format("pth:{}", number), "script/python", line));
  }
  return {};
}

}  // namespace examine::hooks
