// All recognisers, sorted by name. The table is written by CMake from the folder recognise/.
#pragma once

#include <vector>

#include "identify/recogniser.h"

namespace identify {

const std::vector<const Recogniser*>& registry();

}  // namespace identify
