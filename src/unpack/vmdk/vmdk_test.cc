#include "unpack/mutants.h"
#include "unpack/virtual_disk_make.h"

namespace unpack {
const evidence::Reader& vmdk();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string sectors(std::string text) {
  text.resize((text.size() + 511) / 512 * 512, '\0');
  return text;
}
std::string head(std::uint32_t flags, std::uint64_t directory, std::uint64_t overhead) {
  return sectors("KDMV" + le(1, 4) + le(flags, 4) + le(64, 8) + le(1, 8) + le(1, 8) + le(1, 8) + le(128, 4) + le(0, 8) + le(directory, 8) + le(overhead, 8) + '\0' + "\n \r\n" + le(flags >> 16 & 1, 2));
}
const std::string descriptor = "# Disk DescriptorFile\nversion=1\nRW 64 SPARSE \"x.vmdk\"\n";

// One grain of a sector each: the second and the last of the disk.
std::string sparse() {
  std::string table(512, '\0');
  table.replace(4, 4, le(4, 4));
  table.replace(63 * 4, 4, le(5, 4));
  return head(1, 2, 4) + sectors(descriptor) + sectors(le(3, 4)) + table + some_text(512) + std::string(512, 'e');
}
std::string stream() {
  const auto grain = [](std::uint64_t at, const std::string& text) {
    const auto packed = deflated(text, 15);
    return sectors(le(at, 8) + le(packed.size(), 4) + packed);
  };
  const auto marker = [](std::uint64_t size, int type) { return sectors(le(size, 8) + le(0, 4) + le(static_cast<std::uint64_t>(type), 4)); };
  return head(0x30001, UINT64_MAX, 2) + sectors(descriptor) + grain(1, some_text(512)) + grain(63, std::string(512, 'e')) + marker(1, 1) + std::string(512, '\x01') + marker(0, 0);
}

TEST(Vmdk, SparseAndStream) {
  const auto truth = std::string(512, '\0') + some_text(512) + std::string(61 * 512, '\0') + std::string(512, 'e');
  for (const auto& bytes : {sparse(), stream()}) {
    EXPECT_EQ(identify::identify({base::bytes_of(bytes), ""}).kind, "vmdk");
    const auto r = evidence::read_alone(vmdk(), base::bytes_of(bytes), "vmdk");
    ASSERT_TRUE(r.result) << r.result.error().what;
    ASSERT_TRUE(r.sink.child_named("disk"));
    EXPECT_EQ(base::text_of(r.sink.child_named("disk")->bytes), truth);
    EXPECT_EQ(base::text_of(r.sink.child_named("descriptor.vmdk.txt")->bytes), descriptor);
    expect_all_labelled(r, bytes.size());
  }
}
TEST(Vmdk, ADescriptorNamesItsFiles) {
  const std::string text = "# Disk DescriptorFile\nversion=1\nparentFileNameHint=\"old.vmdk\"\nRW 64 FLAT \"x-flat.vmdk\" 0\n";
  EXPECT_EQ(identify::identify({base::bytes_of(text), ""}).kind, "vmdk");
  const auto r = evidence::read_alone(vmdk(), base::bytes_of(text), "vmdk");
  EXPECT_TRUE(r.sink.has(evidence::Facet::reference, "needs", "x-flat.vmdk"));
  EXPECT_TRUE(r.sink.has(evidence::Facet::reference, "needs", "old.vmdk"));
}
TEST(Vmdk, Survives) {
  expect_survives(vmdk(), sparse(), "vmdk", 2000);
  expect_survives(vmdk(), stream(), "vmdk", 2000);
}
TEST(Vmdk, SameDiskAsQemu) {
  for (const auto* options : {"-O vmdk", "-O vmdk -o subformat=streamOptimized", "-O vmdk -o zeroed_grain=on"})
    if (!same_disk_as_qemu_made(vmdk(), "vmdk", options)) GTEST_SKIP() << "no qemu-img";
}

}  // namespace
}  // namespace unpack
