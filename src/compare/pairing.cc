// Each step takes from what the step before it left over, and never prefers one side: groups are paired in
// the order of the trees, candidates by distance and then by their two places, whichever comes first.
#include "compare/pairing.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include <tlsh.h>

#include "compare/names.h"

namespace compare {
namespace {

using artifact::Nature;
using artifact::no_node;
using artifact::NodeId;

constexpr std::uint64_t least_telling = 64;  ///< bytes; smaller contents are equal by chance
constexpr int most_distance = 70;            ///< of similar files
constexpr int most_distance_same_name = 130;

struct Side {
  const Edition& edition;
  std::vector<std::string> places;
  std::vector<NodeId>& partner;
  std::vector<How>& how;
  const artifact::Node& node(NodeId id) const { return edition.tree.nodes[id]; }
  bool is_free(NodeId id) const { return id != 0 && partner[id] == no_node; }
  bool is_file(NodeId id) const { return node(id).entry.nature == Nature::file; }
  std::size_t size() const { return edition.tree.nodes.size(); }
};

using Groups = std::map<std::string, std::pair<std::vector<NodeId>, std::vector<NodeId>>>;

std::string_view file_name(std::string_view place) {
  const auto slash = place.rfind('/');
  return slash == std::string_view::npos ? place : place.substr(slash + 1);
}

class Pairing {
 public:
  Pairing(const Edition& before, const Edition& now, Comparison& out)
      : out_(out), old_{before, place_keys(before.tree), out.partner_of_before, out.before_how}, new_{now, place_keys(now.tree), out.partner_of_now, out.now_how} {}

  void run() {
    if (old_.size() && new_.size()) join(0, 0, How::same);  // the products themselves
    by([](const Side& s, NodeId id) { return s.places[id] + "\n" + identity(s, id); }, How::same);
    by([](const Side& s, NodeId id) { return without_versions(s.places[id]) + "\n" + identity(s, id); }, How::same);
    by([](const Side& s, NodeId id) { return telling(s, id) ? s.node(id).digest.hex() + mode(s, id) : std::string(); }, How::renamed);
    by([](const Side& s, NodeId id) { return s.places[id] + nature(s, id); }, How::changed);
    by_members();
    by([](const Side& s, NodeId id) { return without_versions(s.places[id]) + nature(s, id) + s.node(id).kind; }, How::changed);
    by_tail();
    by_likeness();
    list();
  }

 private:
  static std::string nature(const Side& s, NodeId id) { return fmt::format("\n{}", static_cast<int>(s.node(id).entry.nature)); }
  static std::string mode(const Side& s, NodeId id) { return fmt::format("\n{:o}", s.node(id).entry.mode); }
  static std::string identity(const Side& s, NodeId id) { return s.node(id).digest.hex() + nature(s, id) + mode(s, id) + "\n" + s.node(id).entry.link; }
  static bool telling(const Side& s, NodeId id) { return s.is_file(id) && s.node(id).size >= least_telling; }

  void join(NodeId before, NodeId now, How how, int distance = 0) {
    if (how == How::changed && identity(old_, before) == identity(new_, now)) how = How::same;  // too small to be told by its content alone
    old_.partner[before] = now;
    new_.partner[now] = before;
    old_.how[before] = new_.how[now] = how;
    if (distance) distance_[now] = distance;
  }

  /// Pairs what has the same key, in the order of the trees; "" has none.
  template <class Key>
  void by(Key key, How how) {
    Groups groups;
    for (NodeId id = 1; id < old_.size(); ++id)
      if (old_.is_free(id))
        if (auto k = key(old_, id); !k.empty()) groups[std::move(k)].first.push_back(id);
    for (NodeId id = 1; id < new_.size(); ++id)
      if (new_.is_free(id))
        if (const auto at = groups.find(key(new_, id)); at != groups.end()) at->second.second.push_back(id);
    for (const auto& [k, group] : groups)
      for (std::size_t i = 0; i < std::min(group.first.size(), group.second.size()); ++i) join(group.first[i], group.second[i], how);
  }

  /// Containers without a name that lasts (the layers of an image are named by their digest): those that share most
  /// of what is in them.
  void by_members() {
    std::map<std::pair<NodeId, NodeId>, std::size_t> shared;
    for (NodeId now = 1; now < new_.size(); ++now) {
      const auto before = new_.partner[now];
      if (before == no_node) continue;
      const auto above = new_.node(now).parent, old_above = old_.node(before).parent;
      if (above != no_node && old_above != no_node && new_.is_free(above) && old_.is_free(old_above) && new_.node(above).kind == old_.node(old_above).kind) ++shared[{old_above, above}];
    }
    std::vector<std::tuple<std::size_t, std::string_view, std::string_view, NodeId, NodeId>> most;
    for (const auto& [nodes, n] : shared) {
      const std::string_view x = old_.places[nodes.first], y = new_.places[nodes.second];
      most.emplace_back(n, std::max(x, y), std::min(x, y), nodes.first, nodes.second);
    }
    std::ranges::sort(most, std::greater());
    for (const auto& [n, x, y, before, now] : most)
      if (old_.is_free(before) && new_.is_free(now)) join(before, now, How::changed);
  }

  /// The path inside the nearest container, with and without its first folder, where only one on each side has
  /// it: a source tree and the package made of it differ in what stands above.
  void by_tail() {
    Groups groups;
    const auto collect = [&](const Side& s, auto member) {
      for (NodeId id = 1; id < s.size(); ++id) {
        if (!s.is_free(id) || !s.is_file(id) || s.node(id).entry.origin != artifact::Origin::member) continue;
        const auto path = without_versions(artifact::normal_path(s.node(id).entry.name));
        const auto slash = path.find('/');
        if (path.empty()) continue;
        (groups[path].*member).push_back(id);
        if (slash != std::string::npos && slash + 1 < path.size()) (groups[path.substr(slash + 1)].*member).push_back(id);
      }
    };
    collect(old_, &Groups::mapped_type::first);
    collect(new_, &Groups::mapped_type::second);
    for (const auto& [k, group] : groups)
      if (group.first.size() == 1 && group.second.size() == 1 && old_.is_free(group.first[0]) && new_.is_free(group.second[0])) join(group.first[0], group.second[0], How::changed);
  }

  struct Measured {
    NodeId id = 0;
    std::unique_ptr<Tlsh> digest;
  };
  static std::vector<Measured> digests(const Side& s) {
    std::vector<Measured> out;
    for (NodeId id = 1; id < s.size() && id < s.edition.dossiers.size(); ++id) {
      if (!s.is_free(id) || !s.is_file(id)) continue;
      for (const auto& item : s.edition.dossiers[id].items)
        if (item.facet == evidence::Facet::property && item.word == "tlsh") {
          auto digest = std::make_unique<Tlsh>();
          if (digest->fromTlshStr(item.value.c_str()) == 0) out.push_back({id, std::move(digest)});
        }
    }
    return out;
  }

  void by_likeness() {
    const auto old = digests(old_), fresh = digests(new_);
    if (static_cast<std::uint64_t>(old.size()) * fresh.size() > most_measured) {
      out_.not_tried = old.size() + fresh.size();
      return;
    }
    std::vector<std::tuple<int, std::string_view, std::string_view, NodeId, NodeId>> near;
    for (const auto& a : old)
      for (const auto& b : fresh) {
        const auto distance = a.digest->totalDiff(b.digest.get());
        const std::string_view x = old_.places[a.id], y = new_.places[b.id];
        if (distance > (file_name(x) == file_name(y) ? most_distance_same_name : most_distance)) continue;
        near.emplace_back(distance, std::min(x, y), std::max(x, y), a.id, b.id);
      }
    std::ranges::sort(near);
    for (const auto& [distance, x, y, a, b] : near)
      if (old_.is_free(a) && new_.is_free(b)) join(a, b, How::similar, std::max(distance, 1));
  }

  void list() {
    for (NodeId now = 0; now < new_.size(); ++now) {
      const auto before = new_.partner[now];
      const auto distance = distance_.find(now);
      out_.pairs.push_back({before, now, before == no_node ? How::gained : new_.how[now], distance == distance_.end() ? 0 : distance->second});
    }
    for (NodeId before = 0; before < old_.size(); ++before)
      if (old_.partner[before] == no_node) out_.pairs.push_back({before, no_node, How::lost, 0});
  }

  Comparison& out_;
  Side old_, new_;
  std::map<NodeId, int> distance_;
};

}  // namespace

Comparison pair_artifacts(const Edition& before, const Edition& now) {
  Comparison out;
  out.partner_of_before.resize(before.tree.nodes.size(), no_node);
  out.before_how.resize(before.tree.nodes.size(), How::lost);
  out.partner_of_now.resize(now.tree.nodes.size(), no_node);
  out.now_how.resize(now.tree.nodes.size(), How::gained);
  Pairing(before, now, out).run();
  return out;
}

NodeId Comparison::home_of(NodeId before, const artifact::Tree& old) const {
  while (before != no_node && before < partner_of_before.size()) {
    if (partner_of_before[before] != no_node) return partner_of_before[before];
    before = old.nodes[before].parent;
  }
  return 0;
}

}  // namespace compare
