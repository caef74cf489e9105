#include "unpack/mutants.h"
#include "unpack/uefi/make.h"
#include "unpack/virtual_disk_make.h"

namespace unpack {
const evidence::Reader& vhdx();
namespace {

using uefi_format::guid;
using uefi_format::le;

std::string with_crc(std::string bytes) {
  std::uint32_t c = 0xFFFFFFFF;
  for (const char b : bytes) {
    c ^= static_cast<std::uint8_t>(b);
    for (int k = 0; k < 8; ++k) c = c & 1 ? c >> 1 ^ 0x82F63B78u : c >> 1;
  }
  return bytes.replace(4, 4, le(~c, 4));
}
std::string sized(std::string text, std::size_t size) {
  text.resize(size, '\0');
  return text;
}
// A disk of 1.5 MiB whose second block is kept; log, metadata and table stand where few bytes lie between.
std::string image(bool log_in_use = false) {
  const auto head = with_crc(sized("head" + le(0, 4) + le(1, 8) + std::string(32, '\x01') + std::string(16, log_in_use ? '\x02' : '\0') + le(0, 2) + le(1, 2) + le(0x10000, 4) + le(0x50000, 8), 4096));
  const auto regions = with_crc(sized("regi" + le(0, 4) + le(2, 4) + le(0, 4) + guid("2DC27766-F623-4200-9D64-115E9BFD4A08") + le(0x60000, 8) + le(0x10000, 4) + le(1, 4) +
                                          guid("8B7CA206-4790-4B9A-B8FE-575F050F886E") + le(0x70000, 8) + le(0x20000, 4) + le(1, 4), 65536));
  auto metadata = sized("metadata" + le(0, 2) + le(3, 2) + std::string(20, '\0') + guid("CAA16737-FA36-4D43-B3B6-33F0AA44E76B") + le(0x10000, 4) + le(8, 4) + le(4, 8) +
                            guid("2FA54224-CD1B-4876-B211-5DBED83BF4B8") + le(0x10008, 4) + le(8, 4) + le(6, 8) + guid("8141BF1D-A96F-4709-BA47-F233A8FAAB5F") + le(0x10010, 4) + le(4, 4) + le(6, 8), 0x10000) +
                  le(1 << 20, 4) + le(0, 4) + le(3 << 19, 8) + le(512, 4);
  std::string out = "vhdxfile" + uefi_format::utf16("maker");
  out = sized(out, 0x10000) + head;
  out = sized(out, 0x20000) + head;
  out = sized(out, 0x30000) + regions + regions;
  out = sized(out, 0x60000) + le(0, 8) + le(1 << 20 | 6, 8);
  out = sized(out, 0x70000) + metadata;
  return sized(out, 1 << 20) + some_text(1 << 20);
}

TEST(Vhdx, BlocksAndTheLog) {
  const auto bytes = image();
  EXPECT_EQ(identify::identify({base::bytes_of(bytes), ""}).kind, "vhdx");
  const auto r = evidence::read_alone(vhdx(), base::bytes_of(bytes), "vhdx");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.items.empty());
  ASSERT_TRUE(r.sink.child_named("disk"));
  EXPECT_EQ(base::text_of(r.sink.child_named("disk")->bytes), std::string(1 << 20, '\0') + some_text(1 << 19));
  // What the block holds behind the end of the disk.
  EXPECT_TRUE(r.sink.child_named("unused-block@0x180000"));
  expect_all_labelled(r, bytes.size());
  EXPECT_TRUE(evidence::read_alone(vhdx(), base::bytes_of(image(true)), "vhdx").sink.has(evidence::Facet::trouble, "unsupported", "the log of the virtual hard disk is not empty and is not replayed"));
}
TEST(Vhdx, Survives) { expect_survives(vhdx(), image(), "vhdx", 300, "file", 100); }
TEST(Vhdx, SameDiskAsQemu) {
  for (const auto* options : {"-O vhdx", "-O vhdx -o subformat=fixed", "-O vhdx -o block_size=1M"})
    if (!same_disk_as_qemu_made(vhdx(), "vhdx", options)) GTEST_SKIP() << "no qemu-img";
}

}  // namespace
}  // namespace unpack
