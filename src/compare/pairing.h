// Which artifact of one version is which of the other. Inside this room.
#pragma once

#include "compare/compare.h"

namespace compare {

/// Pairs by content, by place, by place without versions, by the end of the path, then by likeness (TLSH); fills
/// everything of the comparison but the changes. Symmetric.
Comparison pair_artifacts(const Edition& before, const Edition& now);

/// Most pairs of artifacts whose likeness is measured; more are not tried, and counted.
inline constexpr std::uint64_t most_measured = 4'000'000;

}  // namespace compare
