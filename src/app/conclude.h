// From the judge's outcome to the report: coverage, what the verdict doesn't cover, redaction.
#pragma once

#include "app/changes.h"

namespace app {

report::Report conclude(const Office& office, const Request& request, const Vetting& vetting, report::ProductIdentity identity, judge::Outcome outcome);

}  // namespace app
