#include <gtest/gtest.h>

#include <random>

#include "identify/identify.h"
#include "parse/run_tool.h"

namespace {

using namespace std::string_literals;

std::string kind(std::string_view bytes) { return identify::identify({base::bytes_of(bytes), "x"}).kind; }
std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string slot(int status, int type, unsigned start, unsigned sectors) { return le(status, 1) + le(0, 3) + le(type, 1) + le(0, 3) + le(start, 4) + le(sectors, 4); }
std::string mbr(const std::string& slots) {
  std::string out(8192, '\0');
  return out.replace(446, slots.size(), slots).replace(510, 2, "\x55\xAA");
}

// What the usual programs make is known, and by its own kind only.
TEST(Disk, WhatTheProgramsMake) {
  struct Case {
    const char *kind, *command;
  };
  static constexpr Case cases[] = {{"ext", "mkfs.ext2 -q image 4096"},       {"ext", "mkfs.ext3 -q image 8192"},          {"ext", "mkfs.ext4 -q image 8192"},
                                   {"fat", "mkfs.fat -C image 1440"},       {"fat", "mkfs.fat -F 16 -C image 16384"},    {"fat", "mkfs.fat -F 32 -C image 70000"},
                                   {"exfat", "truncate -s 8M image; mkfs.exfat image"}, {"ntfs", "truncate -s 4M image; mkfs.ntfs -F -q image"}, {"minix", "truncate -s 1M image; mkfs.minix -1 image"},
                                   {"minix", "truncate -s 1M image; mkfs.minix -2 -n 14 image"}, {"minix", "truncate -s 1M image; mkfs.minix -3 image"},
                                   {"btrfs", "truncate -s 120M image; mkfs.btrfs -q image"}, {"erofs", "mkdir d; echo x > d/f; mkfs.erofs image d"},
                                   {"luks", "truncate -s 20M image; echo -n secret | cryptsetup -q luksFormat --pbkdf pbkdf2 --pbkdf-force-iterations 1000 image -"},
                                   {"verity", "truncate -s 1M data; veritysetup format data image"},
                                   {"gpt", "truncate -s 2M image; sgdisk -a 1 -n 1:64:127 image"}, {"mbr", "truncate -s 2M image; echo '64,64,83' | sfdisk image"}};
  for (const auto& c : cases) {
    const parse::ScratchFolder folder;
    if (!parse::run_tool("cd '" + (folder / "") + "' || exit 1; PATH=$PATH:/usr/sbin:/sbin; export PATH; set -e; " + c.command)) continue;
    const auto bytes = parse::file_bytes(folder / "image");
    EXPECT_EQ(kind(base::text_of(bytes)), c.kind) << c.command;
  }
}
TEST(Disk, AnMbrNeedsPartitionsInsideTheImage) {
  EXPECT_EQ(kind(mbr(slot(0x80, 0x83, 1, 15))), "mbr");
  EXPECT_NE(kind(mbr("")), "mbr");
  EXPECT_NE(kind(mbr(slot(0x12, 0x83, 1, 15))), "mbr") << "a status that is none";
  EXPECT_NE(kind(mbr(slot(0, 0x83, 100, 15))), "mbr") << "outside the image";
  EXPECT_NE(kind(mbr(slot(0, 0x83, 1, 8) + slot(0, 0x83, 4, 8))), "mbr") << "overlapping";
}
TEST(Disk, AFatBootSectorIsNoMbr) {
  std::string sector = "\xEB\x3C\x90"s + "mkdosfs\0"s + le(512, 2) + le(1, 1) + le(1, 2) + le(2, 1) + le(16, 2) + le(2880, 2) + le(0xF0, 1) + le(9, 2);
  sector.resize(510);
  sector += "\x55\xAA\xF0\xFF\xFF"s;
  sector.resize(4096);
  EXPECT_EQ(kind(sector), "fat");
}
TEST(Disk, RealImages) {
  const char* root = std::getenv("ASSAY_SHARED");
  if (!root) GTEST_SKIP() << "no shared inputs";
  for (const auto& [path, expected] : std::initializer_list<std::pair<const char*, const char*>>{{"sevenz/ext2", "ext"}, {"sevenz/ext4", "ext"}, {"sevenz/hfs", "hfs"}, {"sevenz/ntfs", "ntfs"}, {"generic_fs/btrfs", "btrfs"}, {"generic_fs/mbr", "mbr"}, {"generic_fs/udf", "udf"}}) {
    const auto bytes = parse::run_tool(std::string("xz -dc ") + root + "/data/unpack/firmware/" + path + ".img.xz");
    if (!bytes) continue;
    EXPECT_EQ(kind(*bytes), expected) << path;
  }
}
TEST(Disk, NoiseIsNoDisk) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string bytes(70000, '\0');
    for (auto& c : bytes) c = static_cast<char>(random());
    bytes.replace(510, 2, "\x55\xAA").replace(1024 + 0x38, 2, "\x53\xEF").replace(1024 + 16, 2, "\x7F\x13").replace(1024, 2, "BD");
    const auto k = kind(bytes);
    EXPECT_TRUE(k == "unknown" || k == "compress" || k == "lzma") << k;
  }
}

}  // namespace
