// Who the product says it is. The maker's words: they inform the report and improve no verdict.
#include "intake/intake.h"

namespace intake {
namespace {

using artifact::NodeId;
using evidence::Facet;

struct Said {
  std::string value;
  std::map<std::string, std::string> attributes;
};

const evidence::Item* first(const std::vector<evidence::Dossier>& dossiers, const std::vector<NodeId>& nodes, std::string_view word) {
  for (const auto id : nodes)
    for (const auto& item : dossiers[id].items)
      if (item.facet == Facet::identity && item.word == word) return &item;
  return nullptr;
}

// Nodes of the outermost package, nearest to the root first, so that a package inside it can't speak for it.
std::vector<NodeId> by_depth(const artifact::Tree& tree) {
  std::vector<NodeId> order = {0};
  for (std::size_t i = 0; i < order.size(); ++i)
    for (const auto child : tree.nodes[order[i]].children) order.push_back(child);
  return order;
}

std::string attribute(const evidence::Item& item, const std::string& name) {
  const auto found = item.attributes.find(name);
  return found == item.attributes.end() ? std::string() : found->second;
}

}  // namespace

report::ProductIdentity identity_of(const Product& product, const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers) {
  report::ProductIdentity out;
  out.digest = product.digest.hex();
  out.size = product.size;
  out.files = product.files;
  const auto nodes = by_depth(tree);
  if (const auto* package = first(dossiers, nodes, "package")) {
    out.name = package->value;
    out.ecosystem = attribute(*package, "ecosystem");
    out.purl = attribute(*package, "purl");
    if (const auto* version = first(dossiers, nodes, "version")) out.version = version->value;
    if (const auto* maker = first(dossiers, nodes, "maker")) out.maker = maker->value;
  }
  if (out.name.empty()) out.name = product.files.empty() ? "product" : product.files[0];
  return out;
}

}  // namespace intake
