// Fuzz target: any bytes through the keys examiner.
#include "evidence/recorder.h"

namespace examine {
const evidence::Reader& keys();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)evidence::read_alone(examine::keys(), {data, size}, "unknown", size % 2 ? "etc/shadow" : "x");
  return 0;
}
