// What a pair of versions tells that no single item does: unread bytes that came in, and built files that do
// more than the source beside them.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "compare/compare.h"
#include "compare/names.h"

namespace compare {
namespace {

using artifact::no_node;
using artifact::NodeId;
using evidence::Facet;
using evidence::Label;

constexpr std::uint64_t least_growth = 4u << 10;     ///< bytes; less is not stated
constexpr std::uint64_t large_growth = 16u << 10;    ///< bytes that are large ...
constexpr std::uint64_t large_share = 20;            ///< ... when they are this many percent of what counts
constexpr std::size_t most_stated = 20;              ///< of one file

using Found = std::vector<std::vector<evidence::Item>>;

evidence::Item stated(std::string_view word, std::string value) {
  evidence::Item item;
  item.facet = Facet::property;
  item.word = word;
  item.value = std::move(value);
  item.attributes["change"] = name_of(State::gained);
  item.examiner = "compare";
  return item;
}

std::uint64_t opaque(const Edition& e, NodeId id) { return id < e.dossiers.size() ? evidence::tally(e.dossiers[id].tiles).of(Label::opaque) : 0; }

evidence::Tally whole(const Edition& e) {
  evidence::Tally out;
  for (const auto& dossier : e.dossiers) out.add(evidence::tally(dossier.tiles));
  return out;
}

/// Measured over the whole product, so that a file that only moved is no growth; named where most of it is.
void state_opaque(const Edition& before, const Edition& now, const Comparison& c, Found& out) {
  const auto old = whole(before), fresh = whole(now);
  if (fresh.of(Label::opaque) < old.of(Label::opaque) + least_growth) return;
  const auto growth = fresh.of(Label::opaque) - old.of(Label::opaque);
  const auto counted = fresh.total() - fresh.of(Label::handed_on) - fresh.of(Label::padding) - fresh.of(Label::known);
  const auto share = growth * 100 / std::max<std::uint64_t>(counted, 1);
  NodeId most = no_node;
  std::uint64_t bytes = 0;
  for (NodeId id = 0; id < now.dossiers.size(); ++id) {
    const auto partner = c.partner_of_now[id];
    const auto was = partner == no_node ? 0 : opaque(before, partner), is = opaque(now, id);
    if (is > was && is - was > bytes) bytes = is - was, most = id;
  }
  if (most == no_node) return;
  auto item = stated("opaque-growth", growth >= large_growth && share >= large_share ? "large" : "some");
  item.attributes["bytes"] = std::to_string(growth);
  item.attributes["percent"] = std::to_string(share);
  out[most].push_back(std::move(item));
}

bool is_script(const artifact::Node& node) { return node.kind.starts_with("script/"); }

/// Written by a build: its name says so. What a maker gains by another name is that it counts as source, whose
/// every change is shown as such.
bool is_built(std::string_view place) {
  if (place.find(".min.") != std::string_view::npos || place.find(".bundle.") != std::string_view::npos) return true;
  for (const std::string_view folder : {"/dist/", "/build/", "/umd/", "/out/"})
    if (place.find(folder) != std::string_view::npos) return true;
  return false;
}

bool acts(const evidence::Item& item) {
  switch (item.facet) {
    case Facet::outside:
    case Facet::command:
    case Facet::private_:
    case Facet::flow:
    case Facet::concealment:
    case Facet::power: return item.confidence != evidence::Confidence::low;
    default: return false;
  }
}

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

std::string deed(const evidence::Item& item) { return fmt::format("{} {}", evidence::name_of(item.facet), item.word.empty() ? item.value : item.word); }

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
      if (acts(item)) out.deeds[project].insert(deed(item));
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
    out[id].push_back(std::move(found));
  }
}

/// A built file gained a deed that no source of its project knows. Sources are the scripts of the same project that
/// no build wrote.
void state_beyond_source(const Edition& before, const Edition& now, const Comparison& c, Found& out) {
  const auto places = place_keys(now.tree);
  auto sources = sources_of(now, places);
  state_source_gone(before, now, sources, places, out);
  for (const auto& change : c.changes) {
    if (change.state != State::gained || change.reach == Reach::file || !is_built(places[change.now]) || !is_script(now.tree.nodes[change.now])) continue;
    const auto& item = now.dossiers[change.now].items[change.now_item];
    const auto source = sources.first.find(project_of(places[change.now]));
    if (!acts(item) || source == sources.first.end() || sources.deeds[source->first].contains(deed(item))) continue;
    auto found = stated("beyond-source", deed(item));
    found.attributes["source"] = now.tree.nodes[source->second].entry.name;
    found.range = item.range;
    found.excerpt = item.excerpt;
    found.confidence = item.confidence;
    found.secret = item.secret;
    if (std::ranges::find(out[change.now], found) == out[change.now].end() && out[change.now].size() < most_stated) out[change.now].push_back(std::move(found));
  }
}

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
        if (std::ranges::find(out[id], found) == out[id].end()) out[id].push_back(std::move(found));
      }
    }
  }
}

}  // namespace

std::vector<std::vector<evidence::Item>> growth(const Edition& before, const Edition& now, const Comparison& comparison) {
  Found out(now.dossiers.size());
  state_opaque(before, now, comparison, out);
  state_beyond_source(before, now, comparison, out);
  state_swapped(before, now, comparison, out);
  return out;
}

}  // namespace compare
