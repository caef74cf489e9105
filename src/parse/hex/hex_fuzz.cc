#include "parse/hex/hex.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  (void)parse::hex::form_of({bytes, size});
  return 0;
}
