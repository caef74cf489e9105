#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& uefi();
}

// The first byte chooses the kind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static constexpr const char* kinds[] = {"uefi-image", "uefi-sections", "uefi-capsule", "intel-flash", "intel-me", "efi-signature-list"};
  if (size == 0) return 0;
  return evidence::fuzz(unpack::uefi(), bytes + 1, size - 1, kinds[bytes[0] % 6]);
}
