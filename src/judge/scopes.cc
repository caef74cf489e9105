// One pass over the tree and one over the items. Paths and packages are found top down, so that a
// product of many artifacts costs one step each.
#include "judge/scopes.h"

namespace judge {
namespace {

using artifact::NodeId;
using artifact::Origin;
using evidence::Facet;

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

/// Resolves "." and ".." inside the package; never leaves it.
std::string joined(std::string_view folder, std::string_view relative) {
  std::vector<std::string_view> parts;
  const auto walk = [&](std::string_view text) {
    while (!text.empty()) {
      const auto slash = text.find('/');
      const auto part = text.substr(0, slash);
      text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        if (!parts.empty()) parts.pop_back();
      } else {
        parts.push_back(part);
      }
    }
  };
  walk(folder);
  walk(relative);
  return fmt::format("{}", fmt::join(parts, "/"));
}

}  // namespace

Scopes::Scopes(const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers) : member_(tree.nodes.size()) {
  make_files(tree);
  make_packages(tree);
  for (NodeId id = 0; id < tree.nodes.size(); ++id) {
    if (id >= dossiers.size()) break;
    if (!dossiers[id].complete)
      for (const auto i : {member_[id].file, member_[id].package, product_}) instances[i].complete = false;
    // The top level of a program is a function too; facts of an artifact as a whole stand in no function.
    for (const auto& item : dossiers[id].items)
      if (!item.unit.empty() || tree.nodes[id].kind.starts_with("script/")) {
        if (member_[id].functions.contains(item.unit)) continue;
        const auto at = make(Reach::function, id, item.unit);
        instances[at].complete = dossiers[id].complete;
        member_[id].functions.emplace(item.unit, at);
      }
  }
  index_paths(tree);
  make_steps(tree, dossiers);
}

std::uint32_t Scopes::make(Reach reach, NodeId anchor, std::string unit) {
  instances.push_back({reach, anchor, std::move(unit), true, {}});
  return static_cast<std::uint32_t>(instances.size() - 1);
}

void Scopes::make_files(const artifact::Tree& tree) {
  file_nodes_.resize(tree.nodes.size());
  for (NodeId id = 0; id < tree.nodes.size(); ++id) {
    const auto& node = tree.nodes[id];
    NodeId root = id;
    if (node.entry.origin == Origin::decoded && node.parent != artifact::no_node && node.parent < id) {
      member_[id].file = member_[node.parent].file;
      root = instances[member_[id].file].anchor;
    } else {
      member_[id].file = make(Reach::file, id);
    }
    file_nodes_[root].push_back(id);
  }
}

void Scopes::make_packages(const artifact::Tree& tree) {
  package_.resize(tree.nodes.size(), 0);
  std::map<NodeId, std::uint32_t> made;
  product_ = make(Reach::product, 0);
  for (NodeId id = 0; id < tree.nodes.size(); ++id) {
    const auto& node = tree.nodes[id];
    if (id != 0 && node.parent < id) {
      const auto above = package_[node.parent];
      package_[id] = above == 0 && artifact::is_package_kind(node.kind) ? id : above;
    }
    auto [at, fresh] = made.emplace(package_[id], 0);
    if (fresh) at->second = make(Reach::package, package_[id]);
    member_[id].package = at->second;
  }
}

void Scopes::index_paths(const artifact::Tree& tree) {
  path_.resize(tree.nodes.size());
  for (NodeId id = 0; id < tree.nodes.size(); ++id) {
    const auto& node = tree.nodes[id];
    const auto origin = node.entry.origin;
    const bool named = !node.entry.name.empty() && (origin == Origin::member || origin == Origin::product || origin == Origin::hidden);
    if (named) path_[id] = artifact::normal_path(node.entry.name);
    else if (id != 0 && node.parent < id) path_[id] = path_[node.parent];
    if (named && origin != Origin::product) by_path_[{package_[id], path_[id]}].push_back(id);
  }
}

std::vector<NodeId> Scopes::resolve(NodeId from, std::string_view value) const {
  if (const auto end = value.find_first_of(" \t\n?#"); end != std::string_view::npos) value = value.substr(0, end);
  if (value.empty()) return {};
  std::vector<std::string> bases;
  if (value[0] == '/') {
    bases.push_back(joined("", value));
  } else {
    bases.push_back(joined(folder_of(path_[from]), value));
    if (!value.starts_with('.')) bases.push_back(joined("", value));
    std::string dotted(value);  // Python's module names
    if (value.find('/') == std::string_view::npos && value.find('.') != std::string_view::npos) {
      std::ranges::replace(dotted, '.', '/');
      bases.push_back(joined(folder_of(path_[from]), dotted));
      bases.push_back(joined("", dotted));
    }
  }
  for (const auto& base : bases)
    for (const auto tail : {"", ".js", ".cjs", ".mjs", ".py", ".sh", ".pl", ".rb", ".php", "/index.js", "/__init__.py"}) {
      const auto at = by_path_.find({package_[from], base + tail});
      if (at != by_path_.end()) return at->second;
    }
  return {};
}

std::set<NodeId> Scopes::reached(NodeId root, const std::vector<evidence::Dossier>& dossiers) const {
  std::set<NodeId> files = {root};
  std::vector<NodeId> edge = {root};
  for (std::size_t depth = 0; depth < most_reference_depth && !edge.empty(); ++depth) {
    std::vector<NodeId> next;
    for (const auto file : edge)
      for (const auto node : file_nodes_[file])
        for (const auto& item : node < dossiers.size() ? std::span(dossiers[node].items) : std::span<const evidence::Item>()) {
          if (item.facet != Facet::reference || (item.word != "runs" && item.word != "loads" && item.word != "includes")) continue;
          for (const auto to : resolve(node, item.value)) {
            const auto target = instances[member_[to].file].anchor;
            if (files.insert(target).second) next.push_back(target);
          }
        }
    edge = std::move(next);
  }
  return files;
}

void Scopes::make_steps(const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers) {
  std::set<NodeId> roots;
  for (NodeId id = 0; id < tree.nodes.size() && id < dossiers.size(); ++id) {
    const bool step = tree.nodes[id].entry.origin == Origin::step ||
                      std::ranges::any_of(dossiers[id].items, [](const auto& i) { return i.facet == Facet::step || (i.facet == Facet::account && i.word == "service"); });
    if (step) roots.insert(instances[member_[id].file].anchor);
  }
  for (const auto root : roots) {
    const auto at = make(Reach::step, root);
    for (const auto file : reached(root, dossiers)) {
      for (const auto node : file_nodes_[file]) member_[node].steps.push_back(at);
      if (!instances[member_[file].file].complete) instances[at].complete = false;
    }
  }
}

void Scopes::put(std::uint32_t instance, AtomId atom, const Hit& hit) {
  auto& hits = instances[instance].hits[atom];
  if (hits.empty()) holding_[{instances[instance].reach, atom}].push_back(instance);
  hits.push_back(hit);
}

void Scopes::add(AtomId atom, const Hit& hit, Reach from, const std::string* unit) {
  const auto& member = member_[hit.node];
  const auto mask = asked.empty() ? 0xff : asked[atom];
  const auto wanted = [&](Reach reach) { return from <= reach && (mask >> static_cast<int>(reach) & 1) != 0; };
  if (wanted(Reach::function)) {
    if (!unit) {
      for (const auto& [name, at] : member.functions) put(at, atom, hit);
    } else if (const auto at = member.functions.find(*unit); at != member.functions.end()) {
      put(at->second, atom, hit);
    }
  }
  if (wanted(Reach::file)) put(member.file, atom, hit);
  if (!wanted(Reach::step)) {
  } else if (from == Reach::step) {  // a step's answer stays in the step of its own anchor
    for (const auto at : member.steps)
      if (instances[at].anchor == hit.node) put(at, atom, hit);
  } else {
    for (const auto at : member.steps) put(at, atom, hit);
  }
  if (wanted(Reach::package)) put(member.package, atom, hit);
  if (wanted(Reach::product)) put(product_, atom, hit);
}

const std::vector<std::uint32_t>& Scopes::holding(Reach reach, AtomId atom) const {
  static const std::vector<std::uint32_t> none;
  const auto at = holding_.find({reach, atom});
  return at == holding_.end() ? none : at->second;
}

std::vector<std::uint32_t> Scopes::all(Reach reach) const {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < instances.size(); ++i)
    if (instances[i].reach == reach) out.push_back(i);
  return out;
}

}  // namespace judge
