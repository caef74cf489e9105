#include "identify/identify.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  identify::identify({{bytes, size}, "name.br"});
  return 0;
}
