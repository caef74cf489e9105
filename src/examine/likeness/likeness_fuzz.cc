#include "evidence/fuzz.h"

namespace examine {
const evidence::Reader& likeness();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(examine::likeness(), bytes, size, "unknown"); }
