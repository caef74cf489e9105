#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& android_super();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::android_super(), bytes, size, "android-super"); }
