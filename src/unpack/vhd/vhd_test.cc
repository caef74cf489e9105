#include "unpack/mutants.h"
#include "unpack/virtual_disk_make.h"

namespace unpack {
const evidence::Reader& vhd();
namespace {

std::string be(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string with_sum(std::string bytes, std::size_t at) {
  std::uint32_t sum = 0;
  for (const char c : bytes) sum += static_cast<std::uint8_t>(c);
  return bytes.replace(at, 4, be(~sum, 4));
}
std::string footer(std::uint32_t type, std::uint64_t size, std::uint64_t header) {
  auto out = "conectix" + be(2, 4) + be(0x10000, 4) + be(header, 8) + std::string(24, '\0') + be(size, 8) + be(0, 4) + be(type, 4);
  out.resize(512, '\0');
  return with_sum(out, 64);
}
// Two blocks of 4 KiB, the second one kept.
std::string dynamic(std::uint32_t type) {
  auto header = "cxsparse" + be(UINT64_MAX, 8) + be(1536, 8) + be(0x10000, 4) + be(2, 4) + be(4096, 4) + be(0, 4) + std::string(24, '\0') + std::string("\0b\0a\0s\0e", 8);
  header.resize(1024, '\0');
  std::string table = be(0xFFFFFFFF, 4) + be(4, 4);
  table.resize(512, '\xFF');
  std::string bitmap(512, '\0');
  bitmap[0] = static_cast<char>(0xC0);
  return footer(type, 8192, 512) + with_sum(header, 36) + table + bitmap + some_text(4096) + footer(type, 8192, 512);
}

TEST(Vhd, FixedAndDynamic) {
  const auto fixed = some_text(8192) + footer(2, 8192, UINT64_MAX);
  EXPECT_EQ(identify::identify({base::bytes_of(fixed), ""}).kind, "vhd");
  const auto r = evidence::read_alone(vhd(), base::bytes_of(fixed), "vhd");
  ASSERT_TRUE(r.sink.child_named("disk"));
  EXPECT_EQ(base::text_of(r.sink.child_named("disk")->bytes), some_text(8192));
  expect_all_labelled(r, fixed.size());

  const auto bytes = dynamic(3);
  const auto d = evidence::read_alone(vhd(), base::bytes_of(bytes), "vhd");
  ASSERT_TRUE(d.result) << d.result.error().what;
  ASSERT_TRUE(d.sink.child_named("disk"));
  EXPECT_EQ(base::text_of(d.sink.child_named("disk")->bytes), std::string(4096, '\0') + some_text(4096));
  EXPECT_TRUE(d.sink.items.empty());
  expect_all_labelled(d, bytes.size());
}
TEST(Vhd, OfADifferencingDiskItsOwnSectors) {
  const auto r = evidence::read_alone(vhd(), base::bytes_of(dynamic(4)), "vhd");
  EXPECT_TRUE(r.sink.has(evidence::Facet::reference, "needs", "base"));
  ASSERT_TRUE(r.sink.child_named("disk@0x1000"));
  EXPECT_EQ(base::text_of(r.sink.child_named("disk@0x1000")->bytes), some_text(1024));
}
TEST(Vhd, Survives) {
  expect_survives(vhd(), dynamic(3), "vhd", 2000);
  expect_survives(vhd(), dynamic(4), "vhd", 2000);
}
TEST(Vhd, SameDiskAsQemu) {
  for (const auto* options : {"-O vpc", "-O vpc -o subformat=fixed", "-O vpc -o force_size=on"})
    if (!same_disk_as_qemu_made(vhd(), "vhd", options)) GTEST_SKIP() << "no qemu-img";
}

}  // namespace
}  // namespace unpack
