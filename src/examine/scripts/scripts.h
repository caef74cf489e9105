// The scripts examiner.
#pragma once

#include "evidence/reader.h"

namespace examine {
const evidence::Reader& scripts();
}
