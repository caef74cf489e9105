#include "render/areas.h"

#include <algorithm>
#include <map>

namespace render {
namespace {

constexpr std::size_t most_depth = 48;

Mark mark_of(report::Effect effect) {
  return effect == report::Effect::fail ? Mark::fail : effect == report::Effect::conditional ? Mark::conditional : Mark::disclose;
}

struct Builder {
  std::vector<Area> all;
  std::vector<std::size_t> depth;
  std::map<std::pair<std::size_t, std::string>, std::size_t> directories;

  std::size_t add(std::size_t parent, std::string label) {
    Area a;
    a.parent = parent;
    a.label = std::move(label);
    all.push_back(std::move(a));
    depth.push_back(all.size() == 1 ? 0 : depth[parent] + 1);
    if (all.size() > 1) all[parent].children.push_back(all.size() - 1);
    return all.size() - 1;
  }
  /// The area of a directory of names, made when first met.
  std::size_t directory(std::size_t parent, const std::string& label) {
    const auto [at, added] = directories.try_emplace({parent, label}, 0);
    if (added) at->second = add(parent, label);
    return at->second;
  }
  /// Walks the directories of a name; returns the area above its last part, and leaves that part.
  std::size_t above(std::size_t parent, std::string& path) {
    for (auto slash = path.find('/'); slash != std::string::npos && depth[parent] + 2 < most_depth; slash = path.find('/')) {
      parent = directory(parent, path.substr(0, slash));
      path.erase(0, slash + 1);
    }
    return parent;
  }
};

}  // namespace

std::vector<Area> areas(const report::Report& report) {
  Builder b;
  b.add(0, "");
  std::vector<std::size_t> area_of(report.artifacts.size(), 0);
  for (artifact::NodeId node = 1; node < report.artifacts.size(); ++node) {
    const auto& a = report.artifacts[node];
    auto parent = a.parent < node ? area_of[a.parent] : 0;
    while (b.depth[parent] + 1 >= most_depth) parent = b.all[parent].parent;
    auto path = artifact::normal_path(a.name);
    if (path.empty()) path = "(" + a.origin + ")";
    parent = b.above(parent, path);
    // A directory that the container lists by itself is the one that its members' names made.
    const auto area = a.nature == "directory" ? b.directory(parent, path) : b.add(parent, path);
    area_of[node] = area;
    auto& made = b.all[area];
    made.node = node;
    made.own = a.tally;
    made.own.bytes[static_cast<std::size_t>(evidence::Label::handed_on)] = 0;
    made.artifacts = a.nature == "file";
    made.complete = a.complete;
  }
  if (!report.artifacts.empty()) b.all[0].node = 0;
  for (const auto& f : report.findings)
    for (const auto node : f.places)
      if (node && node < area_of.size()) b.all[area_of[node]].own_mark = std::max(b.all[area_of[node]].own_mark, mark_of(f.effect));
  for (auto i = b.all.size(); i-- > 0;) {
    auto& a = b.all[i];
    a.all.add(a.own);
    a.mark = std::max(a.mark, a.own_mark);
    if (i == 0) break;
    auto& parent = b.all[a.parent];
    parent.all.add(a.all);
    parent.mark = std::max(parent.mark, a.mark);
    parent.artifacts += a.artifacts;
    parent.complete = parent.complete && a.complete;
  }
  return std::move(b.all);
}

}  // namespace render
