#include <gtest/gtest.h>

#include <filesystem>

#include "identify/identify.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/uefi/make.h"

namespace unpack {
const evidence::Reader& pci_rom();
namespace {

using uefi_format::le;

std::string structure(unsigned blocks, int code, bool last) {
  return "PCIR" + le(0x8086, 2) + le(0x100e, 2) + le(0, 2) + le(0x18, 2) + '\0' + le(2, 3) + le(blocks, 2) + le(0, 2) + static_cast<char>(code) + static_cast<char>(last ? 0x80 : 0) + le(0, 2);
}
std::string padded(std::string text) {
  text.resize((text.size() + 511) / 512 * 512, '\0');
  return text;
}
// An image for x86 and a compressed one for UEFI.
std::string rom() {
  const auto legacy = padded("\x55\xAA\x01" + std::string(21, '\0') + le(0x1C, 2) + le(0, 2) + structure(1, 0, false) + some_text(200));
  const auto packed = uefi_format::TianoWriter(4).write("MZ" + some_text(900));
  const auto blocks = (0x40 + packed.size() + 511) / 512;
  auto head = "\x55\xAA" + le(blocks, 2) + le(0x0EF1, 4) + le(11, 2) + le(0x8664, 2) + le(1, 2) + std::string(8, '\0') + le(0x40, 2) + le(0x1C, 2) + le(0, 2) + structure(static_cast<unsigned>(blocks), 3, true);
  head.resize(0x40, '\0');
  return legacy + padded(head + packed);
}

TEST(PciRom, ImagesOfTwoMachines) {
  const auto bytes = rom();
  EXPECT_EQ(identify::identify({base::bytes_of(bytes), ""}).kind, "pci-rom");
  const auto r = evidence::read_alone(pci_rom(), base::bytes_of(bytes), "pci-rom");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("image-0-x86.code"));
  ASSERT_TRUE(r.sink.child_named("image-1-uefi.efi"));
  EXPECT_EQ(base::text_of(r.sink.child_named("image-1-uefi.efi")->bytes), "MZ" + some_text(900));
  EXPECT_TRUE(r.sink.items.empty());
}

TEST(PciRom, Survives) { expect_survives(pci_rom(), rom(), "pci-rom"); }

// Real expansion ROMs: each says how large its program is, and the program is one.
TEST(PciRom, RomsOfNetworkCards) {
  unsigned seen = 0, programs = 0;
  for (const auto* folder : {"/usr/lib/ipxe/qemu", "/usr/share/seabios"}) {
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& f : std::filesystem::directory_iterator(folder)) {
      const auto bytes = parse::file_bytes(f.path());
      if (identify::identify({bytes, ""}).kind != "pci-rom") continue;
      ++seen;
      const auto r = evidence::read_alone(pci_rom(), bytes, "pci-rom");
      EXPECT_TRUE(r.result) << f.path();
      for (const auto& i : r.sink.items) ADD_FAILURE() << f.path() << ": " << i.word << " " << i.value;
      for (const auto& c : r.sink.children) {
        if (!c.entry.name.ends_with(".efi")) continue;
        ++programs;
        EXPECT_EQ(identify::identify({c.bytes, ""}).kind, "pe") << f.path();
      }
    }
  }
  if (!seen) GTEST_SKIP() << "no expansion ROM here";
  EXPECT_GE(seen, programs);
}

}  // namespace
}  // namespace unpack
