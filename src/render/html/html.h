// The report as one self-contained HTML file: no network, and every essential readable without
// JavaScript (https://html.spec.whatwg.org/). Its Content-Security-Policy allows inline styles and
// one script, by hash; nothing of the product can become markup. Large products: small areas of the
// map are joined, lists are cut, and each place where that happens says how many it left out.
#pragma once

#include <string>

#include "render/options.h"
#include "report/report.h"

namespace render {

inline constexpr std::size_t most_html_groups = 500;       ///< groups of findings
inline constexpr std::size_t most_html_artifacts = 2'000;  ///< rows of the tree
inline constexpr std::size_t most_html_evidence = 10'000;  ///< searchable pieces of evidence
inline constexpr std::size_t most_html_areas = 1'200;      ///< areas of the map

std::string html(const report::Report& report, const Options& options);

}  // namespace render
