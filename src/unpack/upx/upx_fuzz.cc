#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& upx();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::upx(), bytes, size, "elf"); }
