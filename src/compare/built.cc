// Files that a build wrote, against the source that stands beside them.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "compare/names.h"
#include "compare/stated.h"

namespace compare {
namespace {

using artifact::NodeId;

/// Written by a build: its name says so. What a maker gains by another name is that it counts as source, whose
/// every change is shown as such.
bool is_built(std::string_view place) {
  if (place.find(".min.") != std::string_view::npos || place.find(".bundle.") != std::string_view::npos) return true;
  for (const std::string_view folder : {"/dist/", "/build/", "/umd/", "/out/"})
    if (place.find(folder) != std::string_view::npos) return true;
  return false;
}

bool counts(const evidence::Item& item) { return is_deed(item) && item.confidence != evidence::Confidence::low; }

/// The folder of a project that a file belongs to: its own folder without those that only tell source from built files.
std::string project_of(std::string_view place) {
  std::string out;
  auto folder = place.substr(0, place.rfind('/') + 1);
  while (!folder.empty()) {
    const auto slash = folder.find('/');
    const auto part = folder.substr(0, slash);
    folder.remove_prefix(slash + 1);
    static constexpr std::array<std::string_view, 12> layout = {"src", "source", "lib", "dist", "build", "umd", "out", "cjs", "esm", "es", "min", "bundle"};
    if (!part.empty() && std::ranges::find(layout, part) == layout.end()) (out += part) += '/';
  }
  return out;
}

/// The scripts of a version that no build wrote, by project: the first of them, and what all of them do.
struct Sources {
  std::map<std::string, NodeId> first;
  std::map<std::string, std::set<std::string>> deeds;
};

Sources sources_of(const Edition& e, const std::vector<std::string>& places) {
  Sources out;
  for (NodeId id = 0; id < e.tree.nodes.size() && id < e.dossiers.size(); ++id) {
    if (!is_script(e.tree.nodes[id]) || is_built(places[id])) continue;
    const auto project = project_of(places[id]);
    out.first.emplace(project, id);
    for (const auto& item : e.dossiers[id].items)
      if (counts(item)) out.deeds[project].insert(deed(item));
  }
  return out;
}

/// The source beside a built file was there, and is gone: nobody can compare them any more.
void state_source_gone(const Edition& before, const Edition& now, const Sources& sources, const std::vector<std::string>& places, Found& out) {
  std::map<std::string, NodeId> built;
  for (NodeId id = 0; id < now.tree.nodes.size() && id < now.dossiers.size(); ++id)
    if (is_script(now.tree.nodes[id]) && is_built(places[id])) built.emplace(project_of(places[id]), id);
  if (built.empty()) return;
  const auto past_places = place_keys(before.tree);
  const auto past = sources_of(before, past_places);
  for (const auto& [project, id] : built) {
    const auto was = past.first.find(project);
    if (was == past.first.end() || sources.first.contains(project)) continue;
    auto found = stated("unexplained", "source-gone");
    found.attributes["source"] = before.tree.nodes[was->second].entry.name;
    state(out, id, std::move(found));
  }
}

}  // namespace

/// A built file gained a deed that no source of its project knows. Sources are the scripts of the same project that
/// no build wrote.
void state_built(const Edition& before, const Edition& now, const Comparison& c, Found& out) {
  const auto places = place_keys(now.tree);
  auto sources = sources_of(now, places);
  state_source_gone(before, now, sources, places, out);
  for (const auto& change : c.changes) {
    if (change.state != State::gained || change.reach == Reach::file || !is_built(places[change.now]) || !is_script(now.tree.nodes[change.now])) continue;
    const auto& item = now.dossiers[change.now].items[change.now_item];
    const auto source = sources.first.find(project_of(places[change.now]));
    if (!counts(item) || source == sources.first.end() || sources.deeds[source->first].contains(deed(item))) continue;
    auto found = stated("beyond-source", deed(item));
    found.attributes["source"] = now.tree.nodes[source->second].entry.name;
    found.range = item.range;
    found.excerpt = item.excerpt;
    found.confidence = item.confidence;
    found.secret = item.secret;
    state(out, change.now, std::move(found));
  }
}

}  // namespace compare
