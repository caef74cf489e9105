// The report as a GitLab SAST security report, schema 15.0.6
// (https://gitlab.com/gitlab-org/security-products/security-report-schemas), which GitLab reads where it does
// not read SARIF. A verdict has no place in that form: it stands among the scan's messages, and the job's exit
// code carries it. Begin and end of the scan are the vetting date, so that the same report gives the same bytes.
#pragma once

#include <string>

#include "render/options.h"
#include "report/report.h"

namespace render {

inline constexpr std::size_t most_gitlab_findings = 10'000;  ///< the most decisive ones; a message says how many more

std::string gitlab(const report::Report& report, const Options& options);

}  // namespace render
