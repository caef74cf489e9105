#include "parse/der/der.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  (void)parse::der::walk({bytes, size}, [](const parse::der::Element& e, unsigned) {
    (void)parse::der::oid_text(e.content);
    (void)parse::der::string_text(e);
    (void)parse::der::date_text(e);
    return true;
  });
  return 0;
}
