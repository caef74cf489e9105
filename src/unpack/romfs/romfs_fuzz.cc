#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& romfs();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::romfs(), bytes, size, "romfs"); }
