// The last steps of judging: waivers, coverage, what could not be read, and the verdict itself.
#pragma once

#include "judge/matching.h"
#include "judge/policy.h"

namespace judge {

/// Changes the effect of waived findings; a sentence for each waiver given.
std::vector<report::Reason> apply_waivers(const Case& c, const Policy& policy, std::vector<report::Finding>& findings);

/// Reasons that come from what could not be read.
std::vector<report::Reason> reasons_of_reading(const Case& c, const Matching& matching, const Policy& policy);

/// The gravest of the reasons, which are sorted in place: most decisive first.
report::Verdict conclude(std::vector<report::Reason>& reasons);

}  // namespace judge
