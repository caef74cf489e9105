// The report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), for
// viewers and code-scanning services. Keeps GitHub's limits
// (https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads) and says in
// the run's properties and in a notification what was left out. Only artifacts that a result names,
// and their containers, are listed; the JSON report is complete. With a baseline each result has its
// baselineState, and findings of the version before that are gone follow as `absent`.
#pragma once

#include <string>

#include "render/options.h"
#include "report/report.h"

namespace render {

inline constexpr std::size_t most_sarif_results = 25'000;
inline constexpr std::size_t most_sarif_absent = 1'000;  ///< results that only the baseline had
inline constexpr std::size_t most_sarif_packed = 9'500'000;  ///< bytes after gzip; the service takes 10 MB
inline constexpr std::size_t most_sarif_locations = 100;  ///< a result; the service takes 1,000 and shows 100
inline constexpr std::size_t most_sarif_tags = 10;        ///< a rule

std::string sarif(const report::Report& report, const Options& options);

}  // namespace render
