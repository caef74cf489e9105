// The join of what was observed with what was declared, after matching.
#pragma once

#include "judge/judge.h"
#include "judge/rule.h"

namespace judge {

/// What a finding is about, gathered from its deciding evidence.
struct Subject {
  std::vector<std::string> privates, commands, powers, outsides, hosts, accounts, keys, steps;  ///< sorted, unique
  void add(const evidence::Item& item);
};

/// The host of a URL, host:port, mail address or bare host, lower case; "" when there is none.
std::string host_of(std::string_view endpoint);

/// The section of a declaration in which a rule's finding could be answered; "" when in none.
std::string section_of(const Rule& rule);
report::Standing standing_of(const Rule& rule, const Subject& subject, const report::Declaration& declaration);
/// The lines of YAML that would answer the finding; "" when none can.
std::string remedy_of(const Rule& rule, const Subject& subject);

/// Weak lines from `permission:` evidence.
std::vector<report::DeclarationLine> weak_lines(const Case& c);
/// Each line as confirmed, contradicted or unobserved.
std::vector<report::DeclarationLine> settle_lines(const Case& c, const std::vector<report::Finding>& findings);

}  // namespace judge
