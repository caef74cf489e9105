// The one pass over all facts, then each rule over the scopes that hold something it asks for.
#include "judge/matching.h"

#include <set>

namespace judge {
namespace {

using artifact::NodeId;
using evidence::Facet;

/// Calls visit(namespace) for "a/b/c", "a/b", "a".
template <class Visit>
void each_space(std::string_view space, Visit visit) {
  while (!space.empty()) {
    visit(space);
    const auto slash = space.rfind('/');
    space = slash == std::string_view::npos ? std::string_view() : space.substr(0, slash);
  }
}

bool reads_code_only(Reach reach) { return reach < Reach::function || reach == Reach::none; }

std::string_view os_of(std::string_view kind) {
  if (kind == "elf") return "linux";
  if (kind == "pe") return "windows";
  if (kind == "macho" || kind == "mach-o" || kind == "macho-fat") return "macos";
  if (kind == "dex") return "android";
  return {};
}

std::string_view arch_of(std::string_view architecture) {
  if (architecture == "x86-64" || architecture == "x86_64" || architecture == "amd64") return "amd64";
  if (architecture == "x86" || architecture == "i386" || architecture == "80386") return "i386";
  return architecture;
}

class Asking {
 public:
  Asking(const Matcher& matcher, Scopes& scopes) : matcher_(matcher), scopes_(scopes) {}

  void ask_artifact(NodeId id, const artifact::Node& node, const evidence::Dossier& dossier) {
    const auto origin = artifact::name_of(node.entry.origin);
    put({Kind::format, {}, node.kind, nullptr, evidence::Confidence::high, origin, false}, {id}, nullptr);
    if (const auto os = os_of(node.kind); !os.empty()) put({Kind::os, {}, os, nullptr, evidence::Confidence::high, origin, false}, {id}, nullptr);
    for (std::uint32_t i = 0; i < dossier.items.size(); ++i) {
      const auto& item = dossier.items[i];
      Hit hit{id, i};
      hit.confidence = item.confidence;
      put({kind_of(item.facet), item.word, item.value, &item.attributes, item.confidence, origin, false}, hit, &item.unit);
      if (item.facet == Facet::property && item.word == "architecture")
        put({Kind::arch, {}, arch_of(item.value), nullptr, item.confidence, origin, false}, hit, nullptr);
    }
  }

  void ask_lost(NodeId id, const artifact::Node& node, std::size_t own, const std::vector<compare::Lost>& lost) {
    for (std::uint32_t i = 0; i < lost.size(); ++i) {
      const auto& item = lost[i].item;
      Hit hit{id, static_cast<std::uint32_t>(own + i)};
      hit.confidence = item.confidence;
      put({kind_of(item.facet), item.word, item.value, &item.attributes, item.confidence, artifact::name_of(node.entry.origin), true}, hit, nullptr);
    }
  }

 private:
  void put(const Fact& fact, const Hit& hit, const std::string* unit) {
    found_.clear();
    matcher_.ask(fact, found_);
    for (const auto atom : found_) scopes_.add(atom, hit, Reach::function, unit);
  }
  const Matcher& matcher_;
  Scopes& scopes_;
  std::vector<AtomId> found_;
};

std::vector<std::uint32_t> candidates(const Rule& rule, Tri baseline, const std::vector<AtomId>& triggers, const Scopes& scopes) {
  if (baseline == Tri::yes) return scopes.all(rule.reach);
  std::vector<std::uint32_t> out;
  for (const auto atom : triggers) {
    const auto& holding = scopes.holding(rule.reach, atom);
    out.insert(out.end(), holding.begin(), holding.end());
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

Prepared::Prepared(const RuleSet& set)
    : matcher(set.atoms), never_known(set.atoms.size()), baseline(set.rules.size()), triggers(set.rules.size()), asked(set.atoms.size()), announces(set.rules.size()) {
  std::map<std::string, AtomId, std::less<>> matches;
  for (AtomId id = 0; id < set.atoms.size(); ++id) {
    never_known[id] = needs_code(set.atoms[id].kind);
    if (set.atoms[id].kind == Kind::match) matches.emplace(set.atoms[id].text, id);
  }
  const std::map<AtomId, std::vector<Hit>> nothing;
  for (std::size_t r = 0; r < set.rules.size(); ++r) {
    const auto& rule = set.rules[r];
    if (const auto at = matches.find(rule.name); at != matches.end()) announces[r].push_back(at->second);
    each_space(rule.name_space, [&](std::string_view space) {
      if (const auto at = matches.find(space); at != matches.end() && space != rule.name) announces[r].push_back(at->second);
    });
    baseline[r] = reads_code_only(rule.reach) ? Tri::unknown : evaluate(rule.top, {nothing, never_known, true}).value;
    if (baseline[r] == Tri::unknown)
      for (const auto atom : announces[r]) never_known[atom] = true;
    auto needs = baseline[r] == Tri::no ? required(rule.top, never_known) : std::nullopt;
    if (needs) triggers[r] = std::move(*needs);
    else atoms_of(rule.top, triggers[r]);
    std::vector<AtomId> all;
    atoms_of(rule.top, all);
    for (const auto atom : all) asked[atom] |= static_cast<std::uint8_t>(1u << static_cast<int>(rule.reach));
    std::ranges::sort(triggers[r]);
    triggers[r].erase(std::unique(triggers[r].begin(), triggers[r].end()), triggers[r].end());
  }
}

void RuleSet::prepare() { prepared = std::make_shared<const Prepared>(*this); }

Matching match(const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers, const RuleSet& set, const LostFacts* lost) {
  const auto& prepared = *set.prepared;
  Matching out{Scopes(tree, dossiers), {}, {}};
  out.scopes.asked = prepared.asked;
  Asking asking(prepared.matcher, out.scopes);
  for (NodeId id = 0; id < tree.nodes.size() && id < dossiers.size(); ++id) asking.ask_artifact(id, tree.nodes[id], dossiers[id]);
  for (NodeId id = 0; lost && id < tree.nodes.size() && id < lost->size(); ++id)
    asking.ask_lost(id, tree.nodes[id], id < dossiers.size() ? dossiers[id].items.size() : 0, (*lost)[id]);

  for (std::size_t r = 0; r < set.rules.size(); ++r) {
    const auto& rule = set.rules[r];
    if (reads_code_only(rule.reach)) continue;
    for (const auto at : candidates(rule, prepared.baseline[r], prepared.triggers[r], out.scopes)) {
      const auto& instance = out.scopes.instances[at];
      auto answer = evaluate(rule.top, {instance.hits, prepared.never_known, instance.complete});
      if (answer.value == Tri::no) continue;
      Hit hit{instance.anchor};
      hit.confidence = rule.together ? rule.confidence : std::min(answer.confidence, rule.confidence);
      hit.decided = answer.value == Tri::yes;
      if (hit.decided) {
        hit.answer = static_cast<std::uint32_t>(out.yes.size());
        out.yes.push_back({r, at, std::move(answer)});
      } else {
        out.undecided.emplace_back(r, at);
      }
      for (const auto atom : prepared.announces[r]) out.scopes.add_match(atom, hit, instance);
    }
  }
  return out;
}

std::vector<std::pair<NodeId, std::uint32_t>> Matching::facts_of(const Answer& answer) const {
  std::vector<std::pair<NodeId, std::uint32_t>> out;
  std::set<std::pair<NodeId, std::uint32_t>> seen;
  std::set<std::uint32_t> answers;
  const auto walk = [&](const auto& self, const std::vector<Hit>& hits) -> void {
    for (const auto& hit : hits) {
      if (out.size() >= 64) return;
      if (hit.answer != Hit::no_answer) {
        if (answers.insert(hit.answer).second) self(self, yes[hit.answer].answer.deciding);
      } else if (hit.item != Hit::no_item && seen.emplace(hit.node, hit.item).second) {
        out.emplace_back(hit.node, hit.item);
      }
    }
  };
  walk(walk, answer.deciding);
  walk(walk, answer.supporting);
  return out;
}

}  // namespace judge
