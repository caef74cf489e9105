// Does this hallmark hold? Offline: signatures, log proof, expiry, policy. One verified hallmark is
// one office's word; quorum() asks several.
// Threads: pure functions.
#pragma once

#include <set>

#include "hallmark/bundle.h"
#include "tlog/checkpoint.h"

namespace hallmark {

/// An office whose word counts. Several keys: rotation with overlap; each key may have its time.
struct OfficeKey {
  sign::PublicKey key;
  Time not_before = 0, not_after = INT64_MAX;   ///< of `issued`
};
struct Office {
  std::string name;              ///< in sentences and in quorums
  std::string uri;               ///< must equal VerdictStatement::office; "" = any
  std::vector<OfficeKey> keys;
};

struct Trust {
  std::vector<Office> offices;
  std::vector<tlog::LogTrust> logs;
  bool need_log = true;          ///< a hallmark without a proof in one of the logs is refused
  std::set<std::string> policies;  ///< digests that are accepted; empty = any
  std::set<std::string> engines;   ///< the same of engines
  Time most_age = 0;             ///< seconds since issued; 0 = until it expires
};

enum class Refusal { none, malformed, untrusted_key, bad_signature, not_logged, bad_proof, few_witnesses, expired, not_yet_valid, wrong_policy, wrong_engine, other_office, too_old };
std::string_view name_of(Refusal);

struct Verified {
  Refusal refusal = Refusal::none;
  std::string why;               ///< one sentence when refused
  std::string office;            ///< name of the office, when its key signed
  base::Digest id;               ///< payload digest: the hallmark's name in revocations
  Statement statement;           ///< a VerdictStatement inside
  std::uint64_t log_size = 0;    ///< of the checkpoint that came with it
  std::string log;               ///< origin of the trusted log whose proof was checked; "" = none was
  std::uint64_t log_index = 0;
  unsigned cosigned = 0;         ///< by how many trusted witnesses
  Time newest_cosignature = 0;
  bool holds() const { return refusal == Refusal::none; }
};

/// Never an error: what is wrong is in the answer.
Verified verify(const HallmarkFile& file, const Trust& trust, Time now);

/// What several offices say together. Of each office its newest hallmark that holds counts.
struct Quorum {
  bool reached = false;          ///< `wanted` of the offices say pass
  report::Verdict verdict = report::Verdict::inconclusive;   ///< of them all: conditional where only that many do not refuse
  std::map<std::string, report::Verdict> said;   ///< by office
  std::string why;               ///< one sentence
};
/// `of`: names of the offices that may count; empty = any. All of `hallmarks` must be about one product.
Quorum quorum(const std::vector<Verified>& hallmarks, const std::set<std::string>& of, unsigned wanted);

/// The same for any other statement (revocation, waiver ...): signature by a trusted office only.
base::Result<Statement> verify_statement(const Envelope& envelope, const Trust& trust, Time now, std::string* office = nullptr);

}  // namespace hallmark
