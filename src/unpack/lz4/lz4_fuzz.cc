#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& lz4();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::lz4(), bytes, size, "lz4"); }
