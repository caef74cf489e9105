#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& udf();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::udf(), bytes, size, "udf"); }
