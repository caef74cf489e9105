// The commented policy that `assay-gate init` writes.
#pragma once

#include "gate/init/templates.h"

namespace gate::init {

std::string policy_text(std::string_view market, const Filling& filling);

}  // namespace gate::init
