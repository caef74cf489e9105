#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& android_payload();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::android_payload(), bytes, size, "android-payload"); }
