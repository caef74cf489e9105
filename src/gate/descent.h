// Which words about updates rest on a comparison with a version that is known here. Worked out once, when the
// words are put in order, in one pass over each product's versions: a decision only reads the outcome.
//
// A version is known when a word about it counts, was not revoked, says pass or conditional with every condition
// answered, and no refusal of it stands; and when it is itself the first version, or one that the gate's owner
// names, or was compared with a known one. So a version that slipped in between without a comparison starts no
// new line. Terms and successors don't matter: a version that was let in once can be compared with.
#pragma once

#include <functional>

#include "gate/heard.h"

namespace gate {

/// One name for all versions of a product: its ecosystem and its name, without regard to case (of PyPI's,
/// to which of "-_." stands between words as well). The maker is left out: a changed maker is what an update is
/// asked about. What has no name is alone.
std::string line_of(const report::ProductIdentity& product);

using AnswersOf = std::function<std::span<const Answered>(const base::Digest& product)>;

/// Fills Word::descent and Word::known_version, by policy.updates; `revoked` and `superseded` are settled.
void tell_descent(const std::vector<Heard>& all, const Policy& policy, const AnswersOf& answers_of);

}  // namespace gate
