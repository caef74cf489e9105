// The report's own types: what the judge concludes and every renderer shows. All text in a Report
// is already redacted; renderers escape it for their form and add nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "artifact/tree.h"
#include "evidence/coverage.h"
#include "evidence/dossier.h"
#include "report/baseline.h"
#include "report/declaration.h"

namespace report {

inline constexpr int schema_version = 1;

enum class Verdict { pass, conditional, fail, inconclusive };
enum class Severity { info, low, medium, high, critical };
/// What a finding does to the verdict under the policy used.
enum class Effect { disclose, conditional, fail };
enum class Standing { undeclared, declared, not_declarable };

std::string_view name_of(Verdict);
std::string_view name_of(Severity);
std::string_view name_of(Effect);
std::string_view name_of(Standing);
std::optional<Verdict> verdict_from(std::string_view);
std::optional<Severity> severity_from(std::string_view);
std::optional<Effect> effect_from(std::string_view);
std::optional<Standing> standing_from(std::string_view);

/// An item in the report: redacted, with the artifact it stands in.
struct Exhibit {
  std::string id;          ///< hex of evidence::digest_of, first 16 digits
  artifact::NodeId node = 0;
  evidence::Item item;     ///< value and excerpt redacted where secret
};

struct Finding {
  std::string id;          ///< stable: digest of rule name and evidence ids, first 16 hex digits
  std::string rule;        ///< rule name
  std::string rule_namespace;
  std::string klass;       ///< "class" in JSON: broken-trust private-flow command-flow concealment later-stage weak-protection ability user-rule coverage
  Severity severity = Severity::info;
  evidence::Confidence confidence = evidence::Confidence::low;
  Standing standing = Standing::undeclared;  ///< "declared" in JSON
  Effect effect = Effect::disclose;
  std::string what;        ///< one sentence: what was found
  std::string why;         ///< why it matters
  std::string settle;      ///< what would settle it
  std::string remedy;      ///< the declaration line that would answer it, "" if none can
  std::vector<std::string> references;
  std::string author;      ///< of a third-party rule, with its reference; "" for shipped rules
  std::string scope;       ///< function, file, step, package, product
  std::vector<artifact::NodeId> places;
  std::vector<std::string> evidence;  ///< Exhibit ids, the deciding ones first
  std::string waiver;      ///< id of the waiver that covers it, or ""
  News news = News::none;  ///< "state" in JSON: new, changed or unchanged against the baseline
};

struct Reason {
  Verdict leads_to = Verdict::pass;
  std::string text;        ///< one sentence
  std::string finding;     ///< Finding id or ""
};

struct ProductIdentity {
  std::string name, version, maker, ecosystem;
  std::string purl;        ///< "" where none exists
  std::string digest;      ///< SHA-256 hex of the frozen product (file, or manifest of several files)
  std::uint64_t size = 0;  ///< bytes handed in
  std::vector<std::string> files;  ///< names handed in
};

struct ArtifactLine {
  artifact::NodeId parent = artifact::no_node;
  std::string name;        ///< raw bytes; renderers escape
  std::string place;       ///< names joined by "//", raw bytes
  std::string kind;
  std::string origin, nature;
  std::string digest;      ///< hex, "" where there is no content
  std::uint64_t size = 0;
  std::uint32_t mode = 0;
  std::string link;
  evidence::Tally tally;
  bool complete = true;
  std::vector<evidence::Claim> opaque;  ///< opaque runs with their reason
};

struct Used {  ///< the inputs that a replay needs
  std::string engine, rules, policy;  ///< digests, hex
  std::string engine_version, policy_name, at;  ///< at: YYYY-MM-DD
  std::string declaration;            ///< digest or ""
  std::vector<std::string> waivers;   ///< digests
  std::map<std::string, std::uint64_t> limits;
};

/// What the product was compared with (report/baseline.h).
struct Baseline {
  ProductIdentity product;
  Verdict verdict = Verdict::inconclusive;  ///< of the version before, by the rules and the policy used now
  std::string report;                ///< SHA-256 of the report that was the baseline; "" where its product was
  std::string engine, rules;         ///< digests: what stated its evidence, what its findings come from
  evidence::Tally coverage;
  bool tables_left_out = false;      ///< imports, exports, sections, strings and function names were not compared
  std::uint64_t not_tried = 0;       ///< artifacts that were too many to look for similar ones
  std::uint64_t unlisted = 0;        ///< changes that are not listed below
  std::map<std::string, std::uint64_t> counts;  ///< artifacts with content, by fate, and `same`
  std::vector<ArtifactChange> artifacts;        ///< by node, the lost ones behind them by place
  std::vector<EvidenceChange> changes;          ///< as in the evidence of this report, the lost ones behind them
  std::vector<Exhibit> evidence;                ///< of the version before: what changed, moved or is lost; node = index in `places`
  std::vector<std::string> places;              ///< of that evidence, raw bytes
  std::vector<PastFinding> resolved;            ///< findings of the version before that are gone
  std::vector<DeclarationChange> declaration;
};

struct Report {
  int schema = schema_version;
  Used used;
  ProductIdentity product;
  Verdict verdict = Verdict::inconclusive;
  std::vector<Reason> reasons;       ///< most decisive first
  std::vector<Finding> findings;     ///< fail, conditional, disclose; then severity, confidence, rule, place
  evidence::Tally coverage;          ///< of leaves: handed-on bytes are not counted
  std::vector<DeclarationLine> declaration;
  std::vector<ArtifactLine> artifacts;  ///< index = node id
  std::vector<Exhibit> evidence;     ///< by node, then as settled
  std::vector<std::string> not_covered;  ///< sentences: what this verdict doesn't cover
  bool replayable = true;
  std::optional<Baseline> baseline;  ///< where the product was compared with another version
};

}  // namespace report
