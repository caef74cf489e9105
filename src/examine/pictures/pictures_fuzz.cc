#include "evidence/fuzz.h"

namespace examine {
const evidence::Reader& pictures();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static constexpr const char* kinds[] = {"png", "jpeg", "gif"};
  return evidence::fuzz(examine::pictures(), bytes, size, kinds[size % 3]);
}
