// Everything stated about one artifact. Made by the runner, const afterwards.
#pragma once

#include <string>
#include <vector>

#include "evidence/coverage.h"
#include "evidence/item.h"

namespace evidence {

struct Dossier {
  std::vector<Item> items;    ///< sorted, equal ones kept once with a count
  std::vector<Claim> tiles;   ///< tile the artifact's bytes
  bool complete = true;       ///< false: some reader ended with an error or limit (a trouble item says which)
  bool replayable = true;     ///< false: an outer guard (wall clock, memory, crash) ended a worker
};

/// Sorts items and joins equal ones (count added up); keeps at most `most` of each facet and word
/// and states a trouble:limit item for what was dropped.
void settle(Dossier& dossier, std::size_t most = 100'000);

}  // namespace evidence
