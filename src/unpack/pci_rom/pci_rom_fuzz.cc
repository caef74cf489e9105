#include "evidence/fuzz.h"

namespace unpack {
const evidence::Reader& pci_rom();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { return evidence::fuzz(unpack::pci_rom(), bytes, size, "pci-rom"); }
