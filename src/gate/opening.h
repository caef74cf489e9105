// Break-glass: a gate opened by hand for a while, as a signed statement in the gate's own folder.
#pragma once

#include "gate/facts.h"
#include "hallmark/envelope.h"

namespace gate {

/// The statement's first subject is the gate itself, under its name's SHA-256; further subjects are
/// the only products that are let in, and none further means every product.
base::Digest digest_of_gate(const Policy& policy);

/// Error: usage: not for this gate, not by one of its keys, longer than its policy allows, no reason or approver.
base::Result<Opening> read_opening(const hallmark::Envelope& envelope, const Policy& policy);

std::string folder_of_openings(const std::string& state);
/// All openings in the state folder that hold as statements, whether or not they last; the newest 1,000.
std::vector<Opening> openings_in(const std::string& state, const Policy& policy);
/// Signs one; what the gate would refuse is an error (usage). `opening.id` is set.
base::Result<hallmark::Envelope> seal_opening(const Policy& policy, Opening& opening, const sign::Signer& signer);
/// From now on it counts. Error: io.
base::Result<> store_opening(const std::string& state, const Opening& opening, const hallmark::Envelope& envelope);

}  // namespace gate
