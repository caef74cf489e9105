// Fuzz target: any bytes through the endpoints examiner.
#include "evidence/recorder.h"

namespace examine {
const evidence::Reader& endpoints();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)evidence::read_alone(examine::endpoints(), {data, size}, size % 2 ? "elf" : "text");
  return 0;
}
