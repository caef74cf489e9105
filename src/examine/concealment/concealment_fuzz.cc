// Fuzz target: any bytes through the concealment examiner, as script, program or picture.
#include "evidence/recorder.h"

namespace examine {
const evidence::Reader& concealment();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr const char* kinds[] = {"script/shell", "elf", "unknown", "png"};
  (void)evidence::read_alone(examine::concealment(), {data, size}, kinds[size % 4]);
  return 0;
}
