// From evidence to verdict. Never sees bytes. Pure: the outcome depends on the arguments alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "artifact/tree.h"
#include "base/digest.h"
#include "evidence/dossier.h"
#include "report/declaration.h"
#include "report/report.h"

namespace judge {

/// Rules, parsed, linted and ordered by their `match:` dependencies. Immutable; share freely.
class RuleSet;
/// A policy. Immutable.
struct Policy;
struct Waiver;

/// Reads every .yaml under a folder (sorted by path). Error: usage, naming file, line and remedy.
base::Result<std::shared_ptr<const RuleSet>> load_rules(const std::string& folder);
base::Result<std::shared_ptr<const Policy>> load_policy(const std::string& file);
base::Result<Waiver> load_waiver(const std::string& file);

base::Digest digest_of(const RuleSet&);
base::Digest digest_of(const Policy&);
std::string name_of(const Policy&);

struct Case {
  const artifact::Tree& tree;
  const std::vector<evidence::Dossier>& dossiers;  ///< index = node id
  const report::Declaration& declaration;          ///< strong and weak lines
  const std::vector<Waiver>& waivers;
  std::string product_digest;                      ///< hex; what waivers are bound to
  std::string at;                                  ///< YYYY-MM-DD
};

struct Outcome {
  report::Verdict verdict = report::Verdict::inconclusive;
  std::vector<report::Reason> reasons;
  std::vector<report::Finding> findings;
  std::vector<report::DeclarationLine> declaration;
};

Outcome judge(const Case& c, const RuleSet& rules, const Policy& policy);

}  // namespace judge
