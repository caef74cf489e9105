// An address in the place of another: in configuration, or where a program uses it.
#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "compare/names.h"
#include "compare/stated.h"

namespace compare {
namespace {

using artifact::no_node;
using artifact::NodeId;
using evidence::Facet;

struct Address {
  std::string_view scheme, host, path;
};
std::optional<Address> address_of(const evidence::Item& item) {
  if (item.facet != Facet::endpoint || item.word != "url") return std::nullopt;
  const std::string_view url = item.value;
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const auto end = std::min(url.find_first_of("/?#", colon + 3), url.size());
  return Address{url.substr(0, colon), url.substr(colon + 3, end - colon - 3), url.substr(end)};
}

bool names(const evidence::Item& item, std::string_view host) { return item.value.find(host) != std::string::npos; }

/// In a program text an address counts where something is done with it: there are messages and comments too.
bool is_used(const evidence::Dossier& dossier, std::string_view host) {
  return std::ranges::any_of(dossier.items, [&](const auto& i) {
    const bool use = i.facet == Facet::outside || i.facet == Facet::command || i.facet == Facet::flow || (i.facet == Facet::reference && i.word == "downloads");
    if (!use) return false;
    if (names(i, host)) return true;
    return std::ranges::any_of(i.attributes, [&](const auto& a) { return a.second.find(host) != std::string::npos; });
  });
}

/// Text that people read, and metadata that names where a project lives: an address there leads no program.
bool leads_nowhere(const artifact::Node& node, const evidence::Dossier& dossier) {
  static constexpr std::array<std::string_view, 12> endings = {".md", ".markdown", ".html", ".htm", ".rst", ".txt", ".xhtml", ".adoc", ".po", ".mo", ".svg", ".map"};
  const auto name = artifact::normal_path(node.entry.name);
  const auto dot = name.rfind('.');
  const bool manual = dot != std::string::npos && dot + 2 <= name.size() && name[dot + 1] >= '1' && name[dot + 1] <= '9';  // a section of the manual
  if (manual || std::ranges::any_of(endings, [&](auto e) { return name.ends_with(e); }) || name.find("share/doc/") != std::string::npos || name.find("share/man/") != std::string::npos) return true;
  return std::ranges::any_of(dossier.items, [](const auto& i) { return i.facet == Facet::identity && i.word == "package"; });
}

}  // namespace

/// One address replaced by another in the same file: the same path at another host, or the same host without its
/// protection. Where a program goes has changed, and nothing else needs to.
void state_swapped(const Edition& before, const Edition& now, const Comparison& c, Found& out) {
  std::map<NodeId, std::vector<const evidence::Item*>> gone, came;
  for (const auto& change : c.changes) {
    if (change.state == State::lost && c.partner_of_before[change.before] != no_node) gone[c.partner_of_before[change.before]].push_back(&before.dossiers[change.before].items[change.before_item]);
    if (change.state == State::gained) came[change.now].push_back(&now.dossiers[change.now].items[change.now_item]);
  }
  for (const auto& [id, items] : came) {
    const auto old = gone.find(id);
    if (old == gone.end() || leads_nowhere(now.tree.nodes[id], now.dossiers[id])) continue;
    std::multimap<std::string, const evidence::Item*> by_path;
    for (const auto* past : old->second)
      if (const auto was = address_of(*past)) by_path.emplace(without_versions(was->path), past);
    std::map<std::string_view, bool> used;
    for (const auto* item : items) {
      const auto is = address_of(*item);
      if (!is) continue;
      const auto [from, to] = by_path.equal_range(without_versions(is->path));
      for (auto at = from; at != to && out[id].size() < most_stated; ++at) {
        const auto was = *address_of(*at->second);
        const bool weaker = was.scheme == "https" && is->scheme == "http", elsewhere = was.host != is->host && is->path.size() > 1;
        if (!elsewhere && !(weaker && was.host == is->host)) continue;
        if (is_script(now.tree.nodes[id])) {
          const auto [known, fresh] = used.emplace(is->host, false);
          if (fresh) known->second = is_used(now.dossiers[id], is->host);
          if (!known->second) continue;
        }
        auto found = stated("endpoint-swapped", fmt::format("{}://{} -> {}://{}", was.scheme, was.host, is->scheme, is->host));
        if (weaker) found.attributes["weaker"] = "yes";
        found.range = item->range;
        found.excerpt = item->excerpt;
        found.secret = item->secret || at->second->secret;
        state(out, id, std::move(found));
      }
    }
  }
}

}  // namespace compare
