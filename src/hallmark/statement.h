// What an office says about products: in-toto Statements v1 with predicates of our own, read and
// written. Unknown keys of a predicate are kept out of every decision; unknown predicate types are
// an error (unsupported).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "report/report.h"

namespace hallmark {

// Type URIs; the host is reserved (RFC 2606), so no stranger ever answers there.
inline constexpr std::string_view verdict_type = "https://assay.example/verdict/v1";
inline constexpr std::string_view revocation_type = "https://assay.example/revocation/v1";
inline constexpr std::string_view waiver_type = "https://assay.example/waiver/v1";
inline constexpr std::string_view reasons_type = "https://assay.example/statement-of-reasons/v1";
inline constexpr std::string_view appeal_type = "https://assay.example/appeal/v1";
inline constexpr std::string_view decision_type = "https://assay.example/appeal-decision/v1";
inline constexpr std::string_view break_glass_type = "https://assay.example/break-glass/v1";
inline constexpr std::string_view vsa_type = "https://slsa.dev/verification_summary/v1";

using Time = std::int64_t;   ///< seconds since 1970, UTC; in JSON RFC 3339 ("2026-11-22T08:00:00Z")
std::string print_time(Time);
base::Result<Time> parse_time(std::string_view text);

struct Subject {
  std::string name;          ///< printable
  base::Digest digest;       ///< SHA-256
};

/// What the product was vetted against: an earlier version, which the same rules and policy judged (docs/updates.md).
struct Baseline {
  std::string digest;                       ///< of that version, hex; never the product's own
  std::string name, version;                ///< what that version calls itself
  report::Verdict verdict = report::Verdict::inconclusive;   ///< of that version, vetted along with this one
  std::string report;                       ///< digest of the report that stood for it, or ""
  std::string hallmark;                     ///< payload digest of its hallmark, or ""
  std::uint64_t news = 0;                   ///< findings that count against the product, and are new or changed since
  std::vector<std::string> findings;        ///< their ids, the gravest first: the first `most_listed` of them
  std::uint64_t resolved = 0;               ///< findings of that version that are gone
  static constexpr std::size_t most_listed = 1'000;
};

/// The verdict: what a hallmark says.
struct VerdictStatement {
  report::Verdict verdict = report::Verdict::inconclusive;
  std::string office;                       ///< URI of the office (VSA verifier.id)
  std::string examiner;                     ///< the person who answers for it, "" = none named; never decides an appeal against it
  std::string resource_uri;                 ///< purl, or "" where none
  report::ProductIdentity product;
  Time issued = 0, expires = 0;             ///< expires > issued, always
  std::string at;                           ///< vetting date
  std::string engine, engine_version, rules, policy, policy_name, report;  ///< digests in hex; report: of its JSON
  std::string declaration;                  ///< digest or ""
  std::map<std::string, std::uint64_t> coverage;   ///< bytes by label, leaves only
  std::vector<std::string> conditions;      ///< sentences; of a conditional verdict
  std::vector<std::string> condition_findings;     ///< ids of the findings behind them
  std::vector<std::string> waivers;         ///< payload digests of the waivers that counted
  std::vector<std::string> supersedes;      ///< payload digests of earlier hallmarks of this product
  bool replayable = true;
  std::optional<Baseline> baseline;         ///< where the product was vetted against an earlier version
};

struct Revocation {
  std::string office;
  base::Digest hallmark;                    ///< payload digest of the verdict statement
  Time issued = 0;
  std::string reason;
};

struct WaiverStatement {
  std::string office, finding, reason, approver, requester;
  Time issued = 0, expires = 0;
};

/// Why a product was refused. Sealed: only `sealed` (SHA-256 of the text and a nonce) stands here until
/// the deadline; the opened form is a second statement with text and nonce.
struct Reasons {
  struct Ground {
    std::string finding, rule, place, remedy;
  };
  std::string office;
  base::Digest hallmark;
  Time issued = 0, deadline = 0;
  std::optional<base::Digest> sealed;
  std::vector<Ground> grounds;
  std::string nonce;                        ///< hex; of the opened form
};

struct Appeal {
  base::Digest hallmark;                    ///< of the verdict appealed against
  std::string appellant, grounds;
  Time issued = 0;
};

struct AppealDecision {
  std::string office, examiner;             ///< never the key or the examiner of the first verdict
  base::Digest appeal, hallmark;
  bool overturned = false;                  ///< else upheld
  std::string reason;
  std::optional<base::Digest> superseding;  ///< the new verdict's payload digest, when overturned
  Time issued = 0;
};

/// A gate was opened by hand.
struct BreakGlass {
  std::string gate, reason, approver;
  Time issued = 0, expires = 0;
};

using Predicate = std::variant<VerdictStatement, Revocation, WaiverStatement, Reasons, Appeal, AppealDecision, BreakGlass>;

struct Statement {
  std::vector<Subject> subjects;            ///< the product first, then the files in it
  Predicate predicate;
  std::string to_json() const;              ///< one line, keys in one order: same statement, same bytes
  static base::Result<Statement> from_json(std::string_view text);
};

/// The VSA of a pass (never of anything else: error bug).
base::Result<std::string> verification_summary(const Statement& pass);

/// The in-toto test result v0.1 of a verdict: PASSED, WARNED (conditional) or FAILED (fail, inconclusive), with
/// the rules behind it. For tools that know no other form; nobody's gate should read it.
base::Result<std::string> test_result(const Statement& verdict, const report::Report& report);

/// The verdict statement of a report: subjects are the product, and every file artifact in it, at most
/// `most_subjects` (the outer ones first, then by place, each digest once). The baseline's hallmark is for the
/// caller to name: a report knows of none.
inline constexpr std::size_t most_subjects = 20'000;
Statement verdict_of(const report::Report& report, std::string_view report_json, std::string office, Time issued, Time expires);

}  // namespace hallmark
