#include "parse/kernel/kernel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  (void)parse::kernel::read({bytes, size});
  return 0;
}
