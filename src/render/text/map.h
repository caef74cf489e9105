// The map of a product for a terminal: its artifacts as a tree, each with a bar of its labels, and
// the layout of one artifact byte by byte. Same escaping and width as the report.
#pragma once

#include <string>
#include <vector>

#include "evidence/coverage.h"
#include "render/options.h"
#include "report/report.h"

namespace render {

/// At most `rows` rows of artifacts: those with a finding or opaque bytes first, then the largest;
/// every row's containers are shown above it. What is left out is counted where it would stand.
std::string map(const report::Report& report, std::size_t rows, const Options& options);

/// The tiles of one artifact in order: offset, size, label, why. At most `most` (the largest), in
/// order of offset, with what was left out counted.
std::string layout(const std::string& name, const std::vector<evidence::Claim>& tiles, std::size_t most, const Options& options);

}  // namespace render
