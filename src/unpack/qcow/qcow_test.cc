#include "unpack/mutants.h"
#include "unpack/virtual_disk_make.h"

namespace unpack {
const evidence::Reader& qcow();
namespace {

std::string be(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

// Clusters of 512 bytes: header, first table, second table, one plain and one packed cluster, one that no table names.
std::string image(std::uint32_t crypt = 0, const std::string& backing = {}) {
  const auto packed = deflated(std::string(512, 'p'), -12);
  auto head = "QFI\xFB" + be(3, 4) + be(backing.empty() ? 0 : 104, 8) + be(backing.size(), 4) + be(9, 4) + be(64 * 512, 8) + be(crypt, 4) + be(1, 4) + be(512, 8) + be(0, 8) + be(0, 4) + be(0, 4) +
              be(0, 8) + be(0, 8) + be(0, 8) + be(0, 8) + be(4, 4) + be(104, 4) + backing;
  head.resize(512, '\0');
  auto first = be(1024 | 1ull << 63, 8);
  first.resize(512, '\0');
  std::string second(512, '\0');
  second.replace(0, 8, be(1536 | 1ull << 63, 8));
  second.replace(16, 8, be(2048 | 1ull << 62, 8));
  second.replace(24, 8, be(1, 8));
  auto packed_cluster = packed;
  packed_cluster.resize(512, '\0');
  return head + first + second + some_text(512) + packed_cluster + some_text(512);
}

TEST(Qcow, ClustersPlainPackedMissingAndUnused) {
  const auto bytes = image();
  const auto r = evidence::read_alone(qcow(), base::bytes_of(bytes), "qcow2");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto* disk = r.sink.child_named("disk");
  ASSERT_TRUE(disk);
  EXPECT_EQ(base::text_of(disk->bytes), some_text(512) + std::string(512, '\0') + std::string(512, 'p') + std::string(61 * 512, '\0'));
  ASSERT_TRUE(r.sink.child_named("unused-cluster@0xa00"));
  EXPECT_EQ(r.sink.child_named("unused-cluster@0xa00")->entry.origin, artifact::Origin::hidden);
  expect_all_labelled(r, bytes.size());
}
TEST(Qcow, ABackingFileIsNamedAndTheDiskGivenInPieces) {
  const auto r = evidence::read_alone(qcow(), base::bytes_of(image(0, "base.img")), "qcow2");
  EXPECT_TRUE(r.sink.has(evidence::Facet::reference, "needs", "base.img"));
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "unsupported"));
  EXPECT_FALSE(r.sink.child_named("disk"));
  EXPECT_TRUE(r.sink.child_named("disk@0x0"));
  EXPECT_TRUE(r.sink.child_named("disk@0x400"));
}
TEST(Qcow, EncryptedClustersAreOpaque) {
  const auto r = evidence::read_alone(qcow(), base::bytes_of(image(1)), "qcow2");
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "encrypted"));
  EXPECT_TRUE(std::ranges::any_of(r.sink.claims, [](const auto& c) { return c.why == "encrypted" && c.range.offset == 1536; }));
}
// A small file that says it holds a disk of 2^50 bytes with one cluster near its end.
TEST(Qcow, AHugeDiskIsGivenInPieces) {
  auto bytes = image();
  bytes.replace(24, 8, be(1ull << 50, 8));
  const auto r = read_hostile(qcow(), base::bytes_of(bytes), "qcow2", "huge");
  EXPECT_TRUE(r.sink.has(evidence::Facet::property, "format"));
  EXPECT_EQ(r.sink.child_named("disk")->bytes.size(), 3u * 512);
}
TEST(Qcow, Survives) {
  expect_survives(qcow(), image(), "qcow2", 3000);
  auto old = "QFI\xFB" + be(1, 4) + be(0, 8) + be(0, 4) + be(0, 4) + be(4096, 8) + "\x09\x06" + be(0, 2) + be(0, 4) + be(48, 8) + be(64, 8) + be(0, 8) + be(64 + 512, 8);
  old.resize(64 + 512, '\0');
  expect_survives(qcow(), old + some_text(512), "qcow", 2000);
}
TEST(Qcow, SameDiskAsQemu) {
  for (const auto* options : {"-O qcow2", "-O qcow2 -c", "-O qcow2 -c -o compression_type=zstd", "-O qcow2 -o cluster_size=4096,compat=0.10", "-O qcow2 -o extended_l2=on,cluster_size=65536"})
    if (!same_disk_as_qemu_made(qcow(), "qcow2", options)) GTEST_SKIP() << "no qemu-img";
  EXPECT_TRUE(same_disk_as_qemu_made(qcow(), "qcow", "-O qcow"));

}
// A snapshot keeps the old content after the disk was written to.
TEST(Qcow, SnapshotsOfQemu) {
  const parse::ScratchFolder folder;
  const auto disk = some_disk();
  folder.write("raw", disk);
  const auto image_at = folder / "image";
  if (!parse::run_tool(fmt::format("qemu-img convert -f raw -O qcow2 '{}' '{}' && qemu-img snapshot -c before '{}' && qemu-io -c 'write -P 0x41 0 65536' '{}'", folder / "raw", image_at, image_at, image_at)))
    GTEST_SKIP() << "no qemu-img or qemu-io";
  const auto bytes = parse::file_bytes(image_at);
  const auto r = evidence::read_alone(qcow(), bytes, "qcow2");
  ASSERT_TRUE(r.sink.child_named("disk"));
  EXPECT_EQ(r.sink.child_named("disk")->bytes[0], 'A');
  const auto* before = r.sink.child_named("snapshot-1-before");
  ASSERT_TRUE(before);
  EXPECT_EQ(base::text_of(before->bytes), disk);
  expect_all_labelled(r, bytes.size());
}

}  // namespace
}  // namespace unpack
