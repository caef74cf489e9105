#include "code/machine/password_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const base::Bytes input(bytes, size);
  std::optional<code::machine::Image> image;
  if (const auto elf = parse::elf::read(input)) image = code::machine::image_of(input, *elf);
  else if (const auto pe = parse::pe::read(input)) image = code::machine::image_of(input, *pe);
  else if (const auto macho = parse::macho::read(input)) image = code::machine::image_of(input, *macho);
  else if (const auto object = parse::pe::read_object(input)) image = code::machine::image_of(input, *object);
  if (!image) return 0;
  std::uint64_t work = 0;
  if (const auto calls = code::machine::calls_of(*image, work)) (void)code::machine::password_checks(*image, *calls);
  return 0;
}
