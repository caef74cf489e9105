#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& linux_kernel();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::linux_kernel(), bytes, size, "linux-kernel"); }
