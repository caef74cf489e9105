// All rules of one or more folders, checked against each other and ordered so that a rule comes after
// those it matches. Immutable once loaded.
#pragma once

#include <string>
#include <vector>

#include "judge/judge.h"
#include "judge/rule.h"

namespace judge {

struct Problem {
  std::string file;
  int line = 0;
  std::string text;   ///< one sentence
  bool hard = true;   ///< the rule can't be used; otherwise only the linter minds
};

/// One example of a shipped rule: a small listing of evidence and whether the rule fires on it.
struct Example {
  std::string rule;
  bool fires = false;
  std::string about, file;
  int line = 0;
  artifact::Tree tree;
  std::vector<evidence::Dossier> dossiers;
  std::vector<std::vector<compare::Lost>> lost;   ///< lines with `change: lost`
};

struct Prepared;

class RuleSet {
 public:
  std::vector<Rule> rules;   ///< dependencies first
  std::vector<Atom> atoms;
  std::vector<Example> examples;
  base::Digest digest;

  /// What judging needs, computed once; set by prepare() when the set has come to rest.
  std::shared_ptr<const Prepared> prepared;
  void prepare();

  /// Index of the atom in `atoms`, adding it where it is new.
  AtomId intern(Atom atom);
  /// Orders the rules; unresolved, doubled and circular ones are problems and are left out.
  void order(std::vector<Problem>& problems);

 private:
  std::map<std::string, AtomId> known_;
};

/// What load_rules and check_rules share: reads every rule it can and lists what is wrong.
RuleSet read_rules(const std::vector<std::string>& folders, std::vector<Problem>& problems);

}  // namespace judge
