// YARA rules that a user brings, unmodified, matched by libyara (https://yara.readthedocs.io).
// Compiled once; then read-only, so that forked workers share the pages. The only room that knows
// libyara: another engine replaces the two .cc files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"

namespace match {

struct StringHit {
  std::string name;  ///< "$a"
  base::Range range;
};

struct RuleMatch {
  std::string rule;
  std::string name_space;  ///< the rule file, relative to the folder given
  std::vector<std::string> tags;
  std::string author, reference, description;
  std::vector<StringHit> strings;  ///< at most 64, by offset
  bool operator==(const RuleMatch& other) const { return rule == other.rule && name_space == other.name_space; }
};

/// What rules may ask beside the bytes, as external variables (the names that YARA users expect).
struct Target {
  std::string filename, filepath, extension, filetype, owner;
};

class UserRules {
 public:
  /// Immutable; scan may be called from one thread of each of many processes.
  virtual ~UserRules() = default;
  /// Matches in the order of the rules. Error: limit (a time-out, too many matches of a string) or
  /// bug; either means that the artifact was not examined in full.
  virtual base::Result<std::vector<RuleMatch>> scan(base::Bytes bytes, const Target& target) const = 0;
  virtual std::size_t size() const = 0;       ///< rules
  virtual const base::Digest& digest() const = 0;  ///< of all rule text read, included files too
};

struct Loaded {
  std::shared_ptr<const UserRules> rules;  ///< of the files that compile
  std::vector<base::Error> problems;       ///< usage: file, line and reason of each file left out
};

/// Files and folders (their .yar, .yara and .rule files, sorted). Error: io, or usage when nothing compiles.
base::Result<Loaded> load_user_rules(const std::vector<std::string>& paths);

}  // namespace match
