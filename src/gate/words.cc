#include "gate/decision.h"

namespace gate {

std::string_view name_of(Answer answer) {
  switch (answer) {
    case Answer::allow: return "allow";
    case Answer::deny: return "deny";
    case Answer::wait: return "wait";
  }
  return "deny";
}

std::string_view name_of(Why why) {
  switch (why) {
    case Why::passed: return "passed";
    case Why::condition_met: return "condition-met";
    case Why::break_glass: return "break-glass";
    case Why::unknown: return "unknown";
    case Why::pending: return "pending";
    case Why::failed: return "failed";
    case Why::conditional: return "conditional";
    case Why::inconclusive: return "inconclusive";
    case Why::expired: return "expired";
    case Why::revoked: return "revoked";
    case Why::superseded: return "superseded";
    case Why::no_baseline: return "no-baseline";
    case Why::first_version: return "first-version";
    case Why::too_few_offices: return "too-few-offices";
    case Why::bad_hallmark: return "bad-hallmark";
    case Why::stale_log: return "stale-log";
    case Why::rolled_back_log: return "rolled-back-log";
    case Why::incomplete_log: return "incomplete-log";
    case Why::unreachable: return "unreachable";
    case Why::changed_bytes: return "changed-bytes";
  }
  return "unknown";
}

}  // namespace gate
