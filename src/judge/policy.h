// Which findings and which coverage lead to which verdict (docs/verdicts.md).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "evidence/coverage.h"
#include "judge/judge.h"
#include "judge/known.h"
#include "judge/rule_set.h"
#include "report/strict_yaml.h"

namespace judge {

/// One line of `effects:`; the first whose conditions all hold decides. Severity and confidence
/// are lower bounds.
struct EffectLine {
  std::vector<std::string> classes;  ///< empty = any
  evidence::Confidence confidence = evidence::Confidence::low;
  report::Severity severity = report::Severity::info;
  std::optional<report::Standing> standing;
  std::set<report::News> news;   ///< `state:`; empty = any, and with no baseline
  report::Effect effect = report::Effect::disclose;
};

/// A limit on bytes of one label, of what counts (neither handed on, padding nor known).
struct CoverageLimit {
  evidence::Label label = evidence::Label::opaque;
  double share = 1.0;                   ///< above this share ...
  std::uint64_t at_least = 0;           ///< ... once there are this many bytes,
  std::uint64_t bytes = UINT64_MAX;     ///< or above this many, whatever the share
};

struct Policy {
  std::string name, description;
  base::Digest digest;
  std::vector<EffectLine> effects;
  std::vector<CoverageLimit> limits;
  bool only_gained_coverage = false;   ///< with a baseline, `limits` and unread executables count what the version before had not
  std::uint64_t opaque_executable = UINT64_MAX;   ///< opaque bytes in one executable artifact
  std::set<std::string> inconclusive;             ///< words of trouble
  std::set<std::string> overflow_disclosed;       ///< facets whose cut lists are only disclosed
  std::set<std::string> permitted_flows;          ///< private words whose declared flow passes
  struct KnownSource {
    std::string name, file, key;                  ///< paths, relative ones from the policy's folder
  };
  std::vector<KnownSource> known_sources;
  std::vector<KnownSet> known;                    ///< loaded and verified; empty after read_policy
  bool unsigned_waivers = false;                  ///< waivers count that nobody signed
  std::vector<std::string> waiver_key_files;      ///< relative ones from the policy's folder
  std::vector<std::string> waiver_keys;           ///< their PEM; empty after read_policy
  std::vector<std::string> required_rules;        ///< names or namespaces that must be loaded
};

/// Lists problems; the policy is usable when none is hard.
Policy read_policy(std::string_view text, const std::string& file, std::vector<Problem>& problems);

report::Effect effect_of(const report::Finding& finding, const Policy& policy);

}  // namespace judge
