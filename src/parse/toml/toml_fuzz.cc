#include <cstdlib>

#include "base/checked.h"
#include "parse/toml/toml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  (void)parse::toml::read(base::text_of({bytes, size}), [&](const parse::toml::Value& v) {
    if (!base::fits(v.range.offset, v.range.size, size)) std::abort();
  });
  return 0;
}
