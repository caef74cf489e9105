// Joins equal changes, weighs them, and takes out of the way what findings say already.
#include "render/update/update.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "render/columns.h"
#include "report/gravity.h"

namespace render {
namespace {

using evidence::Facet;
using report::Exhibit;
using report::Report;
using report::Turn;

/// Weights in steps of one phase: the standing of a change decides before its gravity does.
constexpr int phase = 100;
enum Phase { risk, file_gain, moved, changed, lost, count, listing };

std::string_view key_of(const evidence::Item& hardening) { return std::string_view(hardening.value).substr(0, hardening.value.find('=')); }

/// How much a protection protects: "relro=full" 2, "relro=partial" 1, "relro=none" 0; a writable and executable
/// segment or a library path that a stranger may fill is always 0.
int strength_of(const evidence::Item& hardening) {
  const auto key = key_of(hardening);
  const auto value = std::string_view(hardening.value).substr(std::min(key.size() + 1, hardening.value.size()));
  if (key == "wx" || key == "rpath" || key == "runpath" || value == "no" || value == "none") return 0;
  return value == "partial" || key == "signed" ? 1 : 2;
}

/// Names of files that people read and programs rarely do. Only the order of lines depends on it.
bool is_reading(std::string_view place) {
  for (const std::string_view part : {"/doc/", "/docs/", "/man/", "/licenses/", "/changelog", "/CHANGELOG", "/README", "/LICENSE", "/COPYING", "/NEWS", "/copyright"})
    if (place.find(part) != std::string_view::npos) return true;
  return place.ends_with(".md") || place.ends_with(".rst");
}

class Joined {
 public:
  Joined(const Report& report, UpdateOutline& out) : report_(report), base_(*report.baseline), out_(out) {
    for (const auto& e : report.evidence) now_.emplace(e.id, &e);
    for (const auto& e : base_.evidence) before_.emplace(e.id, &e);
    for (const auto& a : base_.artifacts)
      if (a.node != artifact::no_node) old_place_.emplace(a.node, a.place);
  }

  void run() {
    add_growth();
    pair_hardening();
    for (const auto& c : base_.changes)
      if (!folded_.contains(&c)) add(c);
    for (const auto& c : out_.stated) add(c);
    for (const auto& d : base_.declaration) add(d);
    find_repeats();
    std::ranges::stable_sort(out_.changes, [](const Change& a, const Change& b) {
      return std::tuple(a.weight, -static_cast<long>(a.spots.size()), std::string_view(a.what), std::string_view(a.was)) <
             std::tuple(b.weight, -static_cast<long>(b.spots.size()), std::string_view(b.what), std::string_view(b.was));
    });
  }

 private:
  const Exhibit* find(const std::unordered_map<std::string_view, const Exhibit*>& in, std::string_view id) const {
    const auto at = in.find(id);
    return at == in.end() ? nullptr : at->second;
  }

  /// The comparison states growth as evidence of its own; it is a change like the others here.
  void add_growth() {
    std::set<std::string_view> listed;
    for (const auto& c : base_.changes) listed.insert(c.now);
    for (const auto& e : report_.evidence)
      if (e.item.facet == Facet::property && (e.item.word == "opaque-growth" || e.item.word == "beyond-source") && e.item.attributes.contains("change") && !listed.contains(e.id))
        out_.stated.push_back({Turn::gained, true, e.id, ""});
  }

  /// A protection that is lost and one of the same name that is gained in the same file are one that changed.
  void pair_hardening() {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<const report::EvidenceChange*>> gone;
    for (const auto& c : base_.changes)
      if (const auto* e = find(before_, c.before); e && c.turn == Turn::lost && e->item.facet == Facet::hardening && e->node < base_.places.size())
        gone[{base_.places[e->node], key_of(e->item)}].push_back(&c);
    for (const auto& c : base_.changes) {
      const auto* e = find(now_, c.now);
      if (!e || c.turn != Turn::gained || e->item.facet != Facet::hardening) continue;
      const auto place = old_place_.find(e->node);
      if (place == old_place_.end()) continue;
      const auto at = gone.find({place->second, key_of(e->item)});
      if (at == gone.end() || at->second.empty()) continue;
      was_.emplace(&c, find(before_, at->second.back()->before));
      folded_.insert(at->second.back());
      at->second.pop_back();
    }
  }

  void add(const report::EvidenceChange& c) {
    Spot spot{find(now_, c.now), find(before_, c.before)};
    auto turn = c.turn;
    if (const auto at = was_.find(&c); at != was_.end()) spot.before = at->second, turn = Turn::changed;
    const auto* e = spot.now ? spot.now : spot.before;
    if (!e) return;  // left out of the report
    Change change{turn, c.new_to_product, topic_of(e->item), fact_text(e->item), difference(turn, spot), is_weaker(turn, spot), false, 0, {}};
    change.weight = weight(change, *e, spot);
    auto key = fmt::format("{}\n{}\n{}\n{}", static_cast<int>(turn), c.new_to_product, change.what, change.was);
    const auto [at, added] = seen_.try_emplace(std::move(key), out_.changes.size());
    if (added) out_.changes.push_back(std::move(change));
    auto& joined = out_.changes[at->second];
    joined.weight = std::min(joined.weight, added ? joined.weight : weight(joined, *e, spot));
    joined.spots.push_back(spot);
  }

  void add(const report::DeclarationChange& d) {
    Change change;
    change.turn = d.turn;
    change.new_to_product = true;
    change.topic = Topic::declaration;
    change.what = fmt::format("declaration {}: {}", base::printable(d.section), base::printable(d.value));
    if (!d.was.empty()) change.was = "was: " + base::printable(d.was);
    // Beside permissions, which it most resembles: what the maker says that the product may do.
    evidence::Item like;
    like.facet = Facet::permission;
    change.weight = phase * (d.turn == Turn::gained ? risk : d.turn == Turn::changed ? file_gain : lost) + 2 * report::gravity_of(like) + 1;
    out_.changes.push_back(std::move(change));
  }

  static std::string difference(Turn turn, const Spot& spot) {
    if (turn != Turn::changed || !spot.now || !spot.before) return "";
    const auto &is = spot.now->item, &was = spot.before->item;
    std::string out;
    const auto add = [&](std::string text) { out += (out.empty() ? "was: " : ", ") + std::move(text); };
    if (is.value != was.value) add(base::printable(was.value));
    if (is.confidence != was.confidence) add(fmt::format("{} confidence, now {}", evidence::name_of(was.confidence), evidence::name_of(is.confidence)));
    static constexpr std::array<std::string_view, 4> places = {"line", "address", "offset", "index"};
    const auto tells = [&](std::string_view name) { return !evidence::tells_of_change(name) && std::ranges::find(places, name) == places.end(); };
    for (const auto& [name, value] : was.attributes) {
      const auto at = is.attributes.find(name);
      if (tells(name) && (at == is.attributes.end() || at->second != value)) add(fmt::format("{} {}", base::printable(name), base::printable(value)));
    }
    for (const auto& [name, value] : is.attributes)
      if (tells(name) && !was.attributes.contains(name)) add(fmt::format("without {} {}", base::printable(name), base::printable(value)));
    return out;
  }

  static bool is_weaker(Turn turn, const Spot& spot) {
    const auto* e = spot.now ? spot.now : spot.before;
    if (e->item.facet != Facet::hardening) return false;
    if (turn == Turn::changed && spot.now && spot.before) return strength_of(spot.now->item) < strength_of(spot.before->item);
    return turn == Turn::gained ? strength_of(e->item) == 0 : turn == Turn::lost && strength_of(e->item) > 0;
  }

  int weight(const Change& c, const Exhibit& e, const Spot& spot) const {
    const auto& item = e.item;
    int in = count;
    switch (c.turn) {
      case Turn::gained: in = c.new_to_product ? risk : file_gain; break;
      case Turn::moved: in = c.new_to_product ? file_gain : moved; break;
      // Another key, another maker, another thing that runs at install: as good as new.
      case Turn::changed: in = item.facet == Facet::key || item.facet == Facet::identity || item.facet == Facet::step || item.facet == Facet::trust ? file_gain : changed; break;
      case Turn::lost: in = lost; break;
      case Turn::more:
      case Turn::fewer: in = count; break;
    }
    if (item.facet == Facet::hardening) in = c.weaker ? risk : std::max<int>(in, changed);
    // Uncertain facts come behind certain ones of any kind that stand as they do.
    if (in == risk && item.confidence == evidence::Confidence::low) in = file_gain;
    const auto place = spot.now ? (e.node < report_.artifacts.size() ? std::string_view(report_.artifacts[e.node].place) : std::string_view())
                                : (e.node < base_.places.size() ? std::string_view(base_.places[e.node]) : std::string_view());
    const bool named = item.facet == Facet::endpoint || item.facet == Facet::reference || item.facet == Facet::string || item.facet == Facet::key;
    if (c.topic == Topic::tables || (named && is_reading(place))) in += listing;
    return phase * in + 2 * report::gravity_of(item) + (item.facet == Facet::endpoint && item.attributes.contains("label") ? 1 : 0);
  }

  static std::string host_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return "";
    std::string host(url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - scheme - 3));
    if (const auto at = host.rfind('@'); at != std::string::npos) host.erase(0, at + 1);
    return host.substr(0, host.starts_with('[') ? host.size() : host.find(':'));
  }

  /// A host that stands in a URL of the same standing says nothing of its own; a new URL says more where its host is new too.
  void find_repeats() {
    static constexpr std::string_view url = "endpoint url: ";
    std::set<std::pair<Turn, std::string>> in_urls, hosts;
    const auto host_named = [](const Change& c) {
      for (const std::string_view kind : {"endpoint host: ", "endpoint ipv4: "})
        if (c.what.starts_with(kind)) return c.what.substr(kind.size());
      return std::string();
    };
    for (const auto& c : out_.changes) {
      if (c.what.starts_with(url)) in_urls.emplace(c.turn, host_of(std::string_view(c.what).substr(url.size())));
      else if (auto host = host_named(c); !host.empty()) hosts.emplace(c.turn, std::move(host));
    }
    for (auto& c : out_.changes) {
      if (c.what.starts_with(url)) c.weight += hosts.contains({c.turn, host_of(std::string_view(c.what).substr(url.size()))}) ? 0 : 2;
      else if (const auto host = host_named(c); !host.empty()) c.repeats = in_urls.contains({c.turn, host});
    }
  }

  const Report& report_;
  const report::Baseline& base_;
  UpdateOutline& out_;
  std::unordered_map<std::string_view, const Exhibit*> now_, before_;
  std::unordered_map<artifact::NodeId, std::string_view> old_place_;
  std::set<const report::EvidenceChange*> folded_;
  std::map<const report::EvidenceChange*, const Exhibit*> was_;
  std::unordered_map<std::string, std::size_t> seen_;
};

bool is_news(const report::Finding& f) { return f.news == report::News::fresh || f.news == report::News::changed; }

void take_findings(const Report& r, UpdateOutline& out) {
  const auto o = outline(r);
  const auto take = [](const std::vector<Group>& from, std::vector<Group>& to) {
    for (const auto& group : from) {
      Group news;
      for (const auto* f : group.all)
        if (is_news(*f)) {
          if (!news.first) news.first = f;
          news.all.push_back(f);
          news.places += std::max<std::size_t>(1, f->places.size());
        }
      if (news.first) to.push_back(std::move(news));
    }
    std::ranges::stable_sort(to, {}, [](const Group& g) { return !g.first->waiver.empty(); });
  };
  take(o.deciding, out.news);
  take(o.disclosed, out.disclosed);
  for (const auto& f : r.findings) out.unchanged += f.effect != report::Effect::disclose && f.news == report::News::unchanged;
}

void count_topics(UpdateOutline& out) {
  for (const auto& c : out.changes) {
    auto& counts = out.topics[c.topic];
    switch (sign_of(c.turn)) {
      case '+': ++counts.gained; break;
      case '-': ++counts.lost; break;
      case '~': ++counts.changed; break;
      default: ++counts.moved;
    }
  }
}

}  // namespace

UpdateOutline update_outline(const Report& report) {
  UpdateOutline out;
  if (!report.baseline) return out;
  const auto& base = *report.baseline;
  Joined(report, out).run();
  take_findings(report, out);
  count_topics(out);
  std::set<std::string_view> told;
  for (const auto& g : out.news)
    for (const auto* f : g.all) told.insert(f->evidence.begin(), f->evidence.end());
  for (std::size_t i = 0; i < out.changes.size(); ++i) {
    const auto& c = out.changes[i];
    const bool said = !c.spots.empty() && std::ranges::all_of(c.spots, [&](const Spot& s) { return told.contains(s.now ? s.now->id : s.before->id); });
    if (!said && !c.repeats) out.beside.push_back(i);
  }
  constexpr auto opaque = evidence::Label::opaque;
  out.opaque = static_cast<std::int64_t>(report.coverage.of(opaque)) - static_cast<std::int64_t>(base.coverage.of(opaque));
  out.same = base.artifacts.empty() && out.changes.empty() && base.changes.empty() && base.unlisted == 0 && out.news.empty() && out.disclosed.empty() && base.resolved.empty() &&
             std::ranges::all_of(base.counts, [](const auto& one) { return one.first == "same" || one.second == 0; });
  return out;
}

std::vector<std::size_t> foremost(const UpdateOutline& outline) {
  const auto room = lines_that_matter - std::min(lines_that_matter, outline.news.size());
  std::vector<std::size_t> out, rest;
  std::array<std::size_t, topic_count> of_topic{};
  for (const auto i : outline.beside) {
    const bool crowded = ++of_topic[static_cast<std::size_t>(outline.changes[i].topic)] > lines_of_a_topic;
    (crowded ? rest : out).push_back(i);
  }
  out.insert(out.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(std::min(rest.size(), room - std::min(room, out.size()))));
  std::ranges::sort(out);
  if (out.size() > room) out.resize(room);
  return out;
}

}  // namespace render
