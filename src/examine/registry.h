// All examiners, sorted by name. The table is written by CMake from the folders.
#pragma once

#include <vector>

#include "evidence/reader.h"

namespace examine {

const std::vector<const evidence::Reader*>& registry();

}  // namespace examine
