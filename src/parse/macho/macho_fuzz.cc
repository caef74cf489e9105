#include "parse/macho/macho.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  (void)parse::macho::read_fat({bytes, size});
  const auto image = parse::macho::read({bytes, size});
  if (!image) return 0;
  for (const auto& part : image->parts)
    if (part.end() > size) __builtin_trap();
  return 0;
}
