#include <cstdlib>

#include "base/checked.h"
#include "parse/openpgp/openpgp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (const auto keys = parse::openpgp::read_keys({bytes, size}))
    for (const auto& key : *keys)
      if (!base::fits(key.range.offset, key.range.size, size)) std::abort();
  return 0;
}
