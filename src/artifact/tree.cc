#include "artifact/tree.h"

#include <algorithm>
#include <array>

namespace artifact {

Place Tree::place(NodeId id) const {
  Place out;
  for (NodeId at = id; at != no_node && at != 0; at = nodes[at].parent)
    out.links.push_back({nodes[at].entry.name, nodes[at].kind, nodes[at].entry.origin});
  std::ranges::reverse(out.links);
  return out;
}

std::vector<NodeId> Tree::settle() {
  std::vector<NodeId> renamed(nodes.size(), no_node);
  std::vector<Node> ordered;
  ordered.reserve(nodes.size());
  std::vector<NodeId> stack;
  if (!nodes.empty()) stack.push_back(0);
  while (!stack.empty()) {
    const NodeId old = stack.back();
    stack.pop_back();
    renamed[old] = static_cast<NodeId>(ordered.size());
    const auto& children = nodes[old].children;
    stack.insert(stack.end(), children.rbegin(), children.rend());
    ordered.push_back(std::move(nodes[old]));
  }
  for (auto& node : ordered) {
    if (node.parent != no_node) node.parent = renamed[node.parent];
    for (auto& child : node.children) child = renamed[child];
  }
  nodes = std::move(ordered);
  return renamed;
}

NodeId Tree::package_of(NodeId id) const {
  NodeId found = 0;
  for (NodeId at = id; at != no_node && at != 0; at = nodes[at].parent)
    if (is_package_kind(nodes[at].kind)) found = at;
  return found;
}

bool is_package_kind(std::string_view kind) {
  static constexpr std::array<std::string_view, 16> kinds = {
      "aab", "apk", "appimage", "crate", "crx", "deb", "gem", "ipa", "jar", "npm", "nupkg", "oci-image", "rpm", "vsix", "wheel", "xpi"};
  return std::ranges::binary_search(kinds, kind);
}

}  // namespace artifact
