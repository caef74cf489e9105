// Runs a rule set over a product: facts to atoms to rules, in the order of their dependencies.
#pragma once

#include "judge/matcher.h"
#include "judge/rule_set.h"
#include "judge/scopes.h"

namespace judge {

/// Per rule set, computed once. Refers to the set's atoms: the set must stay where it is.
struct Prepared {
  explicit Prepared(const RuleSet& set);
  Matcher matcher;
  std::vector<bool> never_known;                ///< by atom
  std::vector<Tri> baseline;                    ///< by rule: what it is where nothing was found
  std::vector<std::vector<AtomId>> triggers;    ///< by rule: scopes without any of these need no evaluation
  std::vector<std::uint8_t> asked;              ///< by atom: a bit for each reach of the rules that ask it
  std::vector<std::vector<AtomId>> announces;   ///< by rule: match atoms of its name and namespaces
};

struct Matched {
  std::size_t rule = 0;
  std::uint32_t instance = 0;
  Answer answer;
};

struct Matching {
  Scopes scopes;
  std::vector<Matched> yes;      ///< by rule, then instance; Hit::answer refers to these
  std::vector<std::pair<std::size_t, std::uint32_t>> undecided;  ///< rule, instance
  /// The facts behind an answer, through matches, deciding ones first; (node, item), each once.
  std::vector<std::pair<artifact::NodeId, std::uint32_t>> facts_of(const Answer& answer) const;
};

/// What a comparison says is lost, by node; a fact's number counts on behind the node's own items.
using LostFacts = std::vector<std::vector<compare::Lost>>;

/// `lost` may be null.
Matching match(const artifact::Tree& tree, const std::vector<evidence::Dossier>& dossiers, const RuleSet& rules, const LostFacts* lost = nullptr);

}  // namespace judge
