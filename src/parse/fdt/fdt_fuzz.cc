#include "parse/fdt/fdt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  (void)parse::fdt::read({bytes, size});
  return 0;
}
