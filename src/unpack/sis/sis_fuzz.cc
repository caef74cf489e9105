#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& sis();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::sis(), bytes, size, "sis"); }
