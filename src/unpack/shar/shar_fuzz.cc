#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& shar();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::shar(), bytes, size, "script/shell"); }
