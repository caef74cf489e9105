// A gate's policy: whose hallmarks count, which logs, how old, what a conditional needs. YAML
// (docs/gates.md, with a commented example for each market from `assay-gate init`).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hallmark/verify.h"
#include "http/fetch.h"

namespace gate {

struct LogSource {
  tlog::LogTrust trust;
  std::string address;           ///< http://, https://, file://; "" = proofs only, never followed
  hallmark::Time most_age = 0;   ///< seconds since the newest cosignature or refresh; 0 = no limit
};

/// What the gate asks of a new version of a product.
struct Updates {
  bool need_baseline = false;      ///< its hallmark must say that it was vetted against a version that the gate knows
  bool allow_first = true;         ///< a product of which no other version is known needs none
  std::set<base::Digest> known;    ///< versions that the gate's owner vouches for, as first ones
};

struct Policy {
  std::string name;              ///< of the gate, in its logs
  hallmark::Trust trust;         ///< offices, logs, accepted policies and engines
  std::vector<LogSource> logs;
  std::vector<std::string> quorum_of;   ///< office names; empty = any of the offices
  unsigned quorum = 1;           ///< how many of them must say pass
  std::string hallmarks;         ///< folder of .hallmark files
  std::set<std::string> conditions_met; ///< ids of findings that this gate's owner has answered
  std::set<std::string> waiver_offices; ///< offices whose logged waivers answer a condition
  Updates updates;
  bool wait_for_unknown = false; ///< unknown -> wait (vetting on demand), else deny
  bool veto = true;              ///< one office's refusal or revocation outweighs others' passes
  std::vector<std::string> vet_command; ///< program and arguments, {file} and {digest} filled in; empty = none
  int vet_seconds = 600;         ///< the longest that one vetting may take
  unsigned vet_parallel = 1;     ///< how many at once
  std::vector<sign::PublicKey> break_glass_keys;  ///< who may open this gate by hand; empty = nobody
  hallmark::Time break_glass_most = 8 * 3600;     ///< seconds; an opening that lasts longer is refused
  std::string link_base;         ///< prefix of Decision::link
  hallmark::Time refresh_seconds = 60;
};

/// "90s", "15m", "24h", "30d" in seconds. Nothing for anything else.
std::optional<hallmark::Time> read_duration(std::string_view text);

/// Error: usage: file, line, what, what to do. Keys are strict.
base::Result<Policy> load_policy(const std::string& file);
base::Result<Policy> parse_policy(std::string_view text, const std::string& source_name, const std::string& folder);

}  // namespace gate
