#include <gtest/gtest.h>

#include "unpack/disk/make.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& partitions();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string slot(int type, std::uint64_t start, std::uint64_t sectors) { return n(0, 4) + n(type, 1) + n(0, 3) + n(start, 4) + n(sectors, 4); }
void table(std::string& image, std::uint64_t at, const std::string& slots) {
  image.replace(at + 446, slots.size(), slots);
  image.replace(at + 510, 2, "\x55\xAA");
}

// One primary partition (sectors 2 and 3), an extended one from sector 4 with two logical ones.
std::string mbr_image() {
  std::string image(512 * 12, '\0');
  image.replace(0, 16, "boot code is here");
  table(image, 0, slot(0x83, 2, 2) + slot(0x05, 4, 8));
  image.replace(1024, 1024, some_text(1024));
  table(image, 4 * 512, slot(0x0C, 1, 1) + slot(0x05, 4, 4));
  image.replace(5 * 512, 512, some_text(512));
  table(image, 8 * 512, slot(0xEF, 1, 2));
  image.replace(9 * 512, 1024, std::string(1024, 'e'));
  return image;
}

TEST(Partitions, PrimaryAndLogical) {
  const auto image = mbr_image();
  const auto r = evidence::read_alone(partitions(), base::bytes_of(image), "mbr");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto got = contents(r);
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got.at("1-Linux"), some_text(1024));
  EXPECT_EQ(got.at("5-FAT32"), some_text(512));
  EXPECT_EQ(got.at("6-EFI-System"), std::string(1024, 'e'));
  EXPECT_EQ(contents(r, artifact::Origin::hidden).count("unpartitioned@0x0"), 1u) << "boot code is examined";
  EXPECT_EQ(unlabelled(r, image.size()), 0u);
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Partitions, ARingOfExtendedTablesEnds) {
  auto image = mbr_image();
  table(image, 8 * 512, slot(0xEF, 1, 2) + slot(0x05, 4, 4));
  const auto r = evidence::read_alone(partitions(), base::bytes_of(image), "mbr");
  ASSERT_TRUE(r.result);
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "malformed"));
  EXPECT_EQ(contents(r).size(), 3u);
}
TEST(Partitions, OverlapsAreNamed) {
  auto image = mbr_image();
  table(image, 0, slot(0x83, 2, 2) + slot(0x05, 4, 8) + slot(0x0B, 3, 2));
  const auto r = evidence::read_alone(partitions(), base::bytes_of(image), "mbr");
  EXPECT_TRUE(r.sink.has(evidence::Facet::concealment, "mismatch", "partitions 1 and 3 overlap"));
}
TEST(Partitions, Survives) { expect_survives(partitions(), mbr_image(), "mbr", 3000); }

const char* const make_gpt =
    "dd if=/dev/zero of=image bs=1M count=4 status=none; printf 'boot' | dd of=image conv=notrunc status=none;"
    "sgdisk -a 1 -n 1:64:127 -t 1:ef00 -c 1:esp -n 2:256:511 -t 2:8300 -c 2:root image;"
    "seq 20000 | head -c 32768 | dd of=image bs=512 seek=64 conv=notrunc status=none; seq 90000 | head -c 131072 | dd of=image bs=512 seek=256 conv=notrunc status=none";

TEST(Partitions, GuidTablesOfSgdisk) {
  const parse::ScratchFolder folder;
  auto image = made_image(folder, make_gpt);
  if (image.empty()) GTEST_SKIP() << "no sgdisk";
  const auto r = evidence::read_alone(partitions(), image, "gpt");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto got = contents(r);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got.at("1-esp-EFI-System").size(), 32768u);
  EXPECT_TRUE(got.at("2-root-Linux").starts_with("1\n2\n3\n"));
  EXPECT_TRUE(r.sink.items.empty());
  EXPECT_EQ(unlabelled(r, image.size()), 0u);

  image[1024 + 128 + 32] ^= 1;  // the primary table now says another first sector
  const auto changed = evidence::read_alone(partitions(), image, "gpt");
  ASSERT_TRUE(changed.result);
  EXPECT_TRUE(changed.sink.has(evidence::Facet::concealment, "mismatch", "primary and backup GPT name different partitions"));
  EXPECT_EQ(contents(changed).at("2-root-Linux"), got.at("2-root-Linux")) << "the sound backup wins";
  EXPECT_EQ(contents(changed, artifact::Origin::hidden).count("primary-2-root-Linux"), 1u);
}
TEST(Partitions, SurvivesHostileGuidTables) {
  const parse::ScratchFolder folder;
  auto image = made_image(folder, make_gpt);
  if (image.empty()) GTEST_SKIP() << "no sgdisk";
  expect_survives(partitions(), std::string(base::text_of(base::slice(image, 0, 17408))), "gpt", 500, "file", 64);
}
TEST(Partitions, RealImages) {
  const auto cut = shared_data("unpack/firmware/generic_fs/mbr.img.xz");
  if (cut.empty()) GTEST_SKIP() << "no shared inputs";
  const auto r = evidence::read_alone(partitions(), cut, "mbr");
  ASSERT_TRUE(r.result);
  EXPECT_EQ(contents(r).size(), 4u);
  EXPECT_EQ(contents(r).at("1-NTFS-exFAT").size(), 4096u * 512);
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "truncated", "partition 4 ends behind the image"));
  const auto small = shared_data("unpack/binwalk/mbr.bin");
  EXPECT_EQ(contents(evidence::read_alone(partitions(), small, "mbr")).at("1-Linux").size(), 4608u);
}

}  // namespace
}  // namespace unpack
