#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& uuencode();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::uuencode(), bytes, size, "uuencode"); }
