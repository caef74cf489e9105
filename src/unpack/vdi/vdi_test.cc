#include "unpack/mutants.h"
#include "unpack/virtual_disk_make.h"

namespace unpack {
const evidence::Reader& vdi();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
// Three blocks of a sector: the last one kept first, a missing one, the first one kept second.
std::string image(bool differencing = false) {
  std::string out = "<<< a disk image >>>\n";
  out.resize(0x40, '\0');
  out += le(0xBEDA107F, 4) + le(0x00010001, 4) + le(0x190, 4) + le(1, 4);
  out.resize(0x154, '\0');
  out += le(0x200, 4) + le(0x400, 4) + std::string(20, '\0');
  out += le(1536, 8) + le(512, 4) + le(0, 4) + le(3, 4) + le(2, 4) + std::string(32, '\x05') + std::string(32, differencing ? '\x07' : '\0');
  out.resize(0x200, '\0');
  out += le(1, 4) + le(0xFFFFFFFF, 4) + le(0, 4);
  out.resize(0x400, '\0');
  return out + std::string(512, 'z') + some_text(512);
}

TEST(Vdi, BlocksInTheOrderOfTheDisk) {
  const auto bytes = image();
  EXPECT_EQ(identify::identify({base::bytes_of(bytes), ""}).kind, "vdi");
  const auto r = evidence::read_alone(vdi(), base::bytes_of(bytes), "vdi");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("disk"));
  EXPECT_EQ(base::text_of(r.sink.child_named("disk")->bytes), some_text(512) + std::string(512, '\0') + std::string(512, 'z'));
  expect_all_labelled(r, bytes.size());
}
TEST(Vdi, ADifferencingImageNamesItsParent) {
  const auto r = evidence::read_alone(vdi(), base::bytes_of(image(true)), "vdi");
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "unsupported"));
  EXPECT_TRUE(r.sink.child_named("disk@0x400"));
}
TEST(Vdi, Survives) { expect_survives(vdi(), image(), "vdi"); }
TEST(Vdi, SameDiskAsQemu) {
  for (const auto* options : {"-O vdi", "-O vdi -o static=on"})
    if (!same_disk_as_qemu_made(vdi(), "vdi", options)) GTEST_SKIP() << "no qemu-img";
}

}  // namespace
}  // namespace unpack
