#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& zoo();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::zoo(), bytes, size, "zoo"); }
