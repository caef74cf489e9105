#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& bzip2();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::bzip2(), bytes, size, "bzip2"); }
