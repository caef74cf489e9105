// Decides one statement over one scope, three-valued: a `not` over what could not be examined
// completely is unknown, and so is a feature that nobody extracts.
#pragma once

#include "judge/rule.h"

namespace judge {

enum class Tri { no, unknown, yes };

/// One fact that answers an atom, or one match of another rule.
struct Hit {
  artifact::NodeId node = 0;
  std::uint32_t item = no_item;       ///< index in the node's dossier
  std::uint32_t answer = no_answer;   ///< of a match: index of the answer that decided it
  evidence::Confidence confidence = evidence::Confidence::high;
  bool decided = true;                ///< false: the matched rule came out unknown
  static constexpr std::uint32_t no_item = UINT32_MAX;
  static constexpr std::uint32_t no_answer = UINT32_MAX;
};

struct Answer {
  Tri value = Tri::no;
  evidence::Confidence confidence = evidence::Confidence::high;  ///< of the weakest fact that decided
  std::vector<Hit> deciding;
  std::vector<Hit> supporting;  ///< from `optional`
};

/// What a statement is asked about.
struct Scene {
  const std::map<AtomId, std::vector<Hit>>& hits;
  const std::vector<bool>& never_known;  ///< by atom: nobody extracts it (or, of a match: unknown by nature)
  bool complete = true;
};

Answer evaluate(const Statement& statement, const Scene& scene);

/// Atoms of which at least one must be answered for the statement to be other than `no`;
/// nullopt: it can be even with none.
std::optional<std::vector<AtomId>> required(const Statement& statement, const std::vector<bool>& never_known);
/// Every atom of a statement.
void atoms_of(const Statement& statement, std::vector<AtomId>& out);

}  // namespace judge
