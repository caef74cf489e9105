#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& vmdk();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::vmdk(), bytes, size, "vmdk"); }
