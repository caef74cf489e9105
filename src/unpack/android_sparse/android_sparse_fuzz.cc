#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& android_sparse();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::android_sparse(), bytes, size, "android-sparse"); }
