#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& hex_records();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::hex_records(), bytes, size, "intel-hex"); }
