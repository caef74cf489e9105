// The `features:` part of a rule: YAML to statements and atoms.
#pragma once

#include "judge/rule_set.h"
#include "report/strict_yaml.h"

namespace judge {

/// What a rule's features are read into.
struct FeatureReading {
  RuleSet& set;
  const std::string& rule_name;
  const std::string& file;
  Reach reach;
  bool of_user;                    ///< capa's own meaning of `property:`
  std::vector<Rule>& derived;      ///< one for each sub-scope block, before the rule itself
  std::vector<Problem>& problems;
  std::string_view change = {};    ///< inside a gained: or lost: block: what its facts have become, a regular expression

  void wrong(int line, std::string text) { problems.push_back({file, line, std::move(text), true}); }
};

/// The value of `features:`. On a problem the statement is unusable, and the problem is listed.
Statement read_features(const report::YamlNode& features, FeatureReading& into);

}  // namespace judge
