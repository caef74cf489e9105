// Each predicate's JSON and back; statement.cc puts the in-toto Statement around it. Inside this room.
#pragma once

#include "hallmark/fields.h"

namespace hallmark {

Json write(const VerdictStatement&);
Json write(const Revocation&);
Json write(const WaiverStatement&);
Json write(const Reasons&);
Json write(const Appeal&);
Json write(const AppealDecision&);
Json write(const BreakGlass&);

/// Error: malformed: a key missing, of a wrong form, or statements that contradict each other.
base::Result<VerdictStatement> read_verdict(const Json&);
base::Result<Revocation> read_revocation(const Json&);
base::Result<WaiverStatement> read_waiver(const Json&);
base::Result<Reasons> read_reasons(const Json&);
base::Result<Appeal> read_appeal(const Json&);
base::Result<AppealDecision> read_appeal_decision(const Json&);
base::Result<BreakGlass> read_break_glass(const Json&);

}  // namespace hallmark
