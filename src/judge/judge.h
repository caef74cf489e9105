// From evidence to verdict. Never sees bytes. Pure: the outcome depends on the arguments alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "artifact/tree.h"
#include "base/digest.h"
#include "compare/compare.h"
#include "evidence/dossier.h"
#include "report/declaration.h"
#include "report/report.h"

namespace judge {

/// Rules, parsed, linted and ordered by their `match:` dependencies. Immutable; share freely.
class RuleSet;
/// A policy. Immutable.
struct Policy;

/// One finding of one product that somebody other than the maker lets pass for a while. Yields
/// `conditional` at best; broken trust can't be waived. See docs/verdicts.md.
struct Waiver {
  std::string id;       ///< first 16 hex digits of the digest
  std::string digest;   ///< hex; of the file, or of a signed waiver's payload
  std::string product;  ///< digest of the product that it is bound to, hex
  std::string finding;  ///< Finding id
  std::string reason, approver;
  std::string expires;  ///< YYYY-MM-DD, the last day on which it holds
  std::string source;   ///< file name, for sentences
  std::string begins;   ///< YYYY-MM-DD, the first day on which it holds; "" = any
  std::string key;      ///< id of the key that signed it, in hex, checked by whoever fills this; "" = nobody signed
};

/// Reads every .yaml under a folder (sorted by path). Error: usage, naming file, line and remedy.
base::Result<std::shared_ptr<const RuleSet>> load_rules(const std::string& folder);
base::Result<std::shared_ptr<const Policy>> load_policy(const std::string& file);
/// The shipped rules and those that the user brings.
base::Result<std::shared_ptr<const RuleSet>> load_rules(const std::vector<std::string>& folders);
base::Result<Waiver> parse_waiver(std::string_view text, std::string_view source_name);

/// Labels the bytes of artifacts known that a signed set of the policy lists (judge/known.h).
void label_known(const Policy& policy, const artifact::Tree& tree, std::vector<evidence::Dossier>& dossiers);

base::Digest digest_of(const RuleSet&);
base::Digest digest_of(const Policy&);
std::string name_of(const Policy&);
/// Public keys (PEM) that the policy lets sign waivers.
const std::vector<std::string>& waiver_keys_of(const Policy&);
/// Whether the policy takes waivers that nobody signed.
bool takes_unsigned_waivers(const Policy&);

/// The version before, and what came of it. All refer, and must outlive the judging.
struct Update {
  const compare::Edition& before;
  const compare::Comparison& comparison;
  const std::vector<std::vector<compare::Lost>>& lost;   ///< compare::lost_items; index = node id of the new version
  const std::vector<report::Finding>& findings;          ///< of the version before, by the same rules; nodes are its own
};

struct Case {
  const artifact::Tree& tree;
  const std::vector<evidence::Dossier>& dossiers;  ///< index = node id
  const report::Declaration& declaration;          ///< strong and weak lines
  const std::vector<Waiver>& waivers;
  std::string product_digest;                      ///< hex; what waivers are bound to
  std::string at;                                  ///< YYYY-MM-DD
  const Update* update = nullptr;                  ///< the dossiers are annotated then (compare::annotate)
};

struct Outcome {
  report::Verdict verdict = report::Verdict::inconclusive;
  std::vector<report::Reason> reasons;
  std::vector<report::Finding> findings;
  std::vector<report::DeclarationLine> declaration;
  std::vector<report::PastFinding> resolved;       ///< of the version before, and gone
};

Outcome judge(const Case& c, const RuleSet& rules, const Policy& policy);

/// One thing that a linter minds: "file:line: sentence".
struct Lint {
  std::string file;
  int line = 0;
  std::string text;
};
/// Everything wrong with the rules below a folder, examples run; empty when all is well.
std::vector<Lint> check_rules(const std::string& folder);
/// The same for a policy; `rules` (may be null) are those that its required rules are looked up in.
std::vector<Lint> check_policy(const std::string& file, const RuleSet* rules = nullptr);

/// A first draft of assay.declaration.yaml from what is observed, with comments for the maker.
std::string draft_declaration(const Case& c, const report::ProductIdentity& product);

/// What `assay explain` tells of one finding.
struct Explanation {
  std::string cause;        ///< what was found, where, and why it matters
  std::string remedy;       ///< what to change in the product, or what would settle it
  std::string declaration;  ///< the YAML that would answer it; "" if nothing declared can
  std::string effect;       ///< whether that would change the verdict, one sentence
  report::Verdict now = report::Verdict::inconclusive, then = report::Verdict::inconclusive;
};
base::Result<Explanation> explain(const std::string& finding_id, const Case& c, const RuleSet& rules, const Policy& policy);

}  // namespace judge
