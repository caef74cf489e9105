#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& iso();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::iso(), bytes, size, "iso"); }
