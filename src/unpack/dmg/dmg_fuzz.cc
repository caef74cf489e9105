#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& dmg();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::dmg(), bytes, size, "dmg"); }
