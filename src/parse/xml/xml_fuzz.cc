#include "base/bytes.h"
#include "parse/xml/xml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (const auto root = parse::xml::read(base::text_of({bytes, size}))) (void)root->attribute("a");
  return 0;
}
