// What kind is it? Decided by content; the name is compared afterwards.
#pragma once

#include "evidence/sink.h"
#include "identify/recogniser.h"

namespace identify {

/// Never fails: what nothing recognises is "empty", "text" or "unknown".
Identity identify(const Sample& sample);

/// The same, and states what stands out: a name that lies (concealment:masquerade), two kinds at
/// once (concealment:mismatch with attribute also=<kind>).
Identity identify(const Sample& sample, evidence::Sink& sink);

}  // namespace identify
