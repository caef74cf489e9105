#include "parse/pem/pem.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  for (const auto& block : parse::pem::find({bytes, size}))
    if (block.range.end() > size) __builtin_trap();
  return 0;
}
