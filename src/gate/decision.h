// The one decision of every gate: may these bytes pass? A pure function of what is known about the
// digest; what the markets' front ends do is to ask it and to say its sentence.
#pragma once

#include <string>
#include <string_view>

#include "base/digest.h"
#include "hallmark/verify.h"

namespace gate {

using hallmark::Time;

enum class Answer { allow, deny, wait };
std::string_view name_of(Answer);

/// Why; each has its own sentence and its own word in metrics and logs.
enum class Why {
  passed,             ///< enough offices say pass
  condition_met,      ///< conditional, and every condition is one that the gate's policy names as met
  break_glass,        ///< opened by hand, logged
  unknown,            ///< no hallmark
  pending,            ///< vetting is under way
  failed, conditional, inconclusive,
  expired, revoked, superseded,
  no_baseline,        ///< an update, and not vetted against a version that the gate knows
  first_version,      ///< nothing is known that it could be compared with, and nobody has accepted it
  too_few_offices,    ///< the quorum is not reached
  bad_hallmark,       ///< there is one, and it does not hold (Verified::why)
  stale_log,          ///< the newest checkpoint is older than the policy allows
  rolled_back_log,    ///< the log shows a smaller or another tree than was seen
  incomplete_log,     ///< a trusted office's statement is logged and withheld
  unreachable,        ///< the hallmark store can't be read
  changed_bytes,      ///< the bytes handed on are not those that were asked about
};
std::string_view name_of(Why);   ///< "stale-log": in logs and metrics

struct Decision {
  Answer answer = Answer::deny;
  Why why = Why::unknown;
  std::string sentence;   ///< for a person: what, why, what to do; one line, no control bytes
  std::string link;       ///< of the hallmark or the statement of reasons; "" = none
  base::Digest hallmark;  ///< that decided; zero = none
};

}  // namespace gate
