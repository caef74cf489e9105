// Names that are written so that no reader and no search finds them; see hidden_names.cc.
#pragma once

#include "examine/scripts/findings.h"

namespace examine::script {

void state_hidden_names(const code::syntax::Tree& tree, std::string_view source, Findings& findings);

}  // namespace examine::script
