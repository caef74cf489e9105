#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& jffs2();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::jffs2(), bytes, size, "jffs2"); }
