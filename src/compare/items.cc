// Item by item: first inside each pair of artifacts, then what is left over across the whole product.
// Linear but for sorting: every item is looked at a fixed number of times.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "compare/compare.h"
#include "compare/names.h"
#include "compare/pairing.h"

namespace compare {
namespace {

using artifact::no_node;
using artifact::NodeId;

/// Most of a file's facts stand in the other one: so many at least, and this share of them.
constexpr std::size_t least_shared = 3;
constexpr std::size_t shared_of_ten = 6;

struct Ref {
  NodeId node = no_node;
  std::uint32_t item = no_item;
};

using Rest = std::unordered_map<std::string, std::vector<std::uint32_t>>;
using Facts = std::unordered_set<std::string>;

class Items {
 public:
  Items(const Edition& before, const Edition& now, Comparison& out) : before_(before), now_(now), out_(out) {
    out_.tables_left_out = !before.whole_tables || !now.whole_tables;
  }

  void run() {
    for (const auto& pair : out_.pairs)
      if (pair.how != How::same) compare_pair(pair);
    join_moved();
    mark_new();
    find_split();
    order();
  }

 private:
  bool counts(const evidence::Item& item) const { return is_compared(item) && !(out_.tables_left_out && is_table(item.facet)); }

  static const std::vector<evidence::Item>& items(const Edition& e, NodeId id) {
    static const std::vector<evidence::Item> none;
    return id < e.dossiers.size() ? e.dossiers[id].items : none;
  }

  /// Takes equal keys out of both lists; `taken` is told of each couple.
  template <class Taken>
  static void take_equal(std::vector<std::pair<std::string, std::uint32_t>>& a, std::vector<std::pair<std::string, std::uint32_t>>& b, Taken taken) {
    std::ranges::sort(a);
    std::ranges::sort(b);
    std::vector<std::pair<std::string, std::uint32_t>> left_a, left_b;
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
      const int order = i == a.size() ? 1 : j == b.size() ? -1 : a[i].first.compare(b[j].first);
      if (order < 0) left_a.push_back(std::move(a[i++]));
      else if (order > 0) left_b.push_back(std::move(b[j++]));
      else taken(a[i++].second, b[j++].second);
    }
    a = std::move(left_a);
    b = std::move(left_b);
  }

  template <class Key>
  std::vector<std::pair<std::string, std::uint32_t>> keyed(const std::vector<evidence::Item>& list, Key key) const {
    std::vector<std::pair<std::string, std::uint32_t>> out;
    for (std::uint32_t i = 0; i < list.size(); ++i)
      if (counts(list[i])) out.emplace_back(key(list[i]), i);
    return out;
  }

  void compare_pair(const Pair& pair) {
    const auto& old = items(before_, pair.before);
    const auto& fresh = items(now_, pair.now);
    auto a = keyed(old, whole_key), b = keyed(fresh, whole_key);
    take_equal(a, b, [](auto, auto) {});
    for (auto& [key, i] : a) key = fact_key(old[i]);
    for (auto& [key, i] : b) key = fact_key(fresh[i]);
    take_equal(a, b, [&](std::uint32_t was, std::uint32_t is) {
      if (!only_version(old[was], fresh[is])) out_.changes.push_back({State::changed, Reach::file, pair.before, pair.now, was, is});
    });
    if (a.empty() && b.empty()) return;
    const Facts in_old = facts(old, pair.before), in_fresh = facts(fresh, pair.now);
    for (const auto& [key, i] : b) out_.changes.push_back({in_old.contains(key) ? State::more : State::gained, Reach::file, pair.before, pair.now, no_item, i});
    for (const auto& [key, i] : a) out_.changes.push_back({in_fresh.contains(key) ? State::fewer : State::lost, Reach::file, pair.before, pair.now, i, no_item});
  }

  /// Values that differ by a version number alone, in facts that are no rights, keys or outsides: what every update changes.
  static bool only_version(const evidence::Item& a, const evidence::Item& b) {
    auto x = a, y = b;
    x.value = y.value;
    return whole_key(x) == whole_key(y);
  }

  Facts facts(const std::vector<evidence::Item>& list, NodeId id) const {
    Facts out;
    if (id != no_node)
      for (const auto& item : list)
        if (counts(item)) out.insert(fact_key(item));
    return out;
  }

  const evidence::Item& of(const Change& c) const { return c.now_item != no_item ? now_.dossiers[c.now].items[c.now_item] : before_.dossiers[c.before].items[c.before_item]; }

  /// What is gone from one file and new to another is one thing that moved.
  void join_moved() {
    std::unordered_map<std::string, std::vector<std::size_t>> gone;
    for (std::size_t i = 0; i < out_.changes.size(); ++i)
      if (out_.changes[i].state == State::lost) gone[fact_key(of(out_.changes[i]))].push_back(i);
    std::unordered_map<std::string, std::vector<std::size_t>> came;
    for (std::size_t i = 0; i < out_.changes.size(); ++i)
      if (out_.changes[i].state == State::gained) came[fact_key(of(out_.changes[i]))].push_back(i);
    std::vector<bool> dropped(out_.changes.size());
    for (auto& [key, to] : came) {
      const auto from = gone.find(key);
      if (from == gone.end()) continue;
      // Each side in its own order, which is the same whichever of them came first.
      std::ranges::sort(to, {}, [&](std::size_t i) { return std::pair(out_.changes[i].now, out_.changes[i].now_item); });
      std::ranges::sort(from->second, {}, [&](std::size_t i) { return std::pair(out_.changes[i].before, out_.changes[i].before_item); });
      for (std::size_t i = 0; i < std::min(to.size(), from->second.size()); ++i) {
        auto& change = out_.changes[to[i]];
        const auto& was = out_.changes[from->second[i]];
        change.state = State::moved;
        change.before = was.before;
        change.before_item = was.before_item;
        dropped[from->second[i]] = true;
      }
    }
    std::size_t i = 0;
    std::erase_if(out_.changes, [&](const Change&) { return dropped[i++]; });
  }

  struct Whole {
    Facts facts, kinds;   ///< keys, and facets with words, of a whole product
    Reach reach_of(const evidence::Item& item) const { return facts.contains(fact_key(item)) ? Reach::file : kinds.contains(kind(item)) ? Reach::product : Reach::kind; }
    static std::string kind(const evidence::Item& item) { return fmt::format("{} {}", static_cast<int>(item.facet), item.word); }
  };

  static Whole whole(const Edition& e) {
    Whole out;
    for (const auto& dossier : e.dossiers)
      for (const auto& item : dossier.items)
        if (is_compared(item)) {
          out.facts.insert(fact_key(item));
          out.kinds.insert(Whole::kind(item));
        }
    return out;
  }

  void mark_new() {
    if (out_.changes.empty()) return;
    const auto old = whole(before_), fresh = whole(now_);
    for (auto& c : out_.changes) {
      if (c.state == State::gained) c.reach = old.reach_of(of(c));
      if (c.state == State::lost) c.reach = fresh.reach_of(of(c));
    }
  }

  /// A file without partner whose facts mostly moved out of (or into) one other file is a part of it.
  void find_split() {
    std::map<std::pair<NodeId, NodeId>, std::size_t> moved;  // before, now
    std::map<NodeId, std::size_t> came, gone;
    for (const auto& c : out_.changes) {
      if (c.state == State::moved) ++moved[{c.before, c.now}];
      if (c.now_item != no_item) ++came[c.now];
      if (c.before_item != no_item) ++gone[c.before];
    }
    for (const auto& [nodes, n] : moved) {
      const auto [before, now] = nodes;
      if (n < least_shared) continue;
      if (out_.partner_of_now[now] == no_node && n * 10 >= came[now] * shared_of_ten && out_.now_how[now] == How::gained) {
        out_.now_how[now] = How::split;
        pair_of(now, true) = {before, now, How::split, 0};
      } else if (out_.partner_of_before[before] == no_node && n * 10 >= gone[before] * shared_of_ten && out_.before_how[before] == How::lost) {
        out_.before_how[before] = How::merged;
        pair_of(before, false) = {before, now, How::merged, 0};
      }
    }
  }

  /// Pairs stand by `now`, and behind them what was lost, by `before`.
  Pair& pair_of(NodeId node, bool is_now) {
    if (is_now) return out_.pairs[node];
    const auto lost = std::span(out_.pairs).subspan(out_.partner_of_now.size());
    return *std::ranges::lower_bound(lost, node, {}, &Pair::before);
  }

  void order() {
    std::ranges::sort(out_.changes, {}, [](const Change& c) {
      const bool gone = c.now_item == no_item;
      return std::tuple(gone, gone ? c.before : c.now, gone ? c.before_item : c.now_item);
    });
  }

  const Edition& before_;
  const Edition& now_;
  Comparison& out_;
};

}  // namespace

Comparison compare(const Edition& before, const Edition& now) {
  auto out = pair_artifacts(before, now);
  Items(before, now, out).run();
  return out;
}

}  // namespace compare
