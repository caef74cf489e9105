#include "parse/pe/coff.h"
#include "parse/pe/pe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  (void)parse::pe::read_object({bytes, size});
  const auto image = parse::pe::read({bytes, size});
  if (!image) return 0;
  for (const auto& part : image->parts)
    if (part.range.end() > size) __builtin_trap();
  for (const auto& r : image->resources)
    if (r.range.end() > size) __builtin_trap();
  return 0;
}
