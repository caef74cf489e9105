#include "evidence/recorder.h"
#include "examine/registry.h"

namespace examine {
const evidence::Reader& binary();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  for (const auto* kind : {"elf", "pe", "macho", "macho-fat", "coff"}) {
    const auto reading = evidence::read_alone(examine::binary(), {bytes, size}, kind);
    for (const auto& claim : reading.sink.claims)
      if (claim.range.end() > size) __builtin_trap();
  }
  return 0;
}
