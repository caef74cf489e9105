#include "parse/elf/elf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto file = parse::elf::read({bytes, size});
  if (!file) return 0;
  if (file->extent > size) __builtin_trap();
  for (const auto& part : file->parts)
    if (part.range.end() > size) __builtin_trap();
  return 0;
}
