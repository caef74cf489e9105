// One rule file: `rule: {meta, features}`.
#pragma once

#include "judge/rule_set.h"
#include "report/strict_yaml.h"

namespace judge {

/// Adds the file's rule (and those of its sub-scope blocks, first) to the set, or lists problems.
void read_rule(std::string_view text, const std::string& file, RuleSet& set, std::vector<Problem>& problems);

/// The `examples:` of a shipped rule.
void read_examples(const report::YamlNode& examples, const Rule& rule, RuleSet& set, std::vector<Problem>& problems);

}  // namespace judge
