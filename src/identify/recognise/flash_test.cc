#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "identify/identify.h"
#include "parse/run_tool.h"

namespace {

using namespace std::string_literals;
std::string kind(base::Bytes bytes) { return identify::identify({bytes, "x"}).kind; }
std::string kind(const std::string& bytes) { return kind(base::bytes_of(bytes)); }
std::string little(std::uint64_t v, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

TEST(Flash, ASquashfsNeedsMoreThanItsMagic) {
  const std::string zeros(200, '\0');
  auto super = "hsqs"s + little(5, 4) + little(0, 4) + little(131072, 4) + little(1, 4) + little(1, 2) + little(17, 2) + little(0, 2) + little(1, 2) + little(4, 2) + little(0, 2) + zeros;
  EXPECT_EQ(kind(super), "squashfs");
  super.replace(0, 4, "shsq");
  EXPECT_EQ(kind(super), "squashfs") << "a maker's magic";
  super[22] = 16;
  EXPECT_NE(kind(super), "squashfs") << "block sizes that contradict each other";
  EXPECT_NE(kind("hsqs" + zeros), "squashfs");
}
TEST(Flash, SumsDecide) {
  const auto marker = "\x85\x19\x03\x20\x0c\x00\x00\x00\xb1\xb0\x1e\xe4"s;
  EXPECT_EQ(kind(marker + std::string(100, '\xff')), "jffs2");
  auto wrong = marker;
  wrong[9] ^= 1;
  EXPECT_NE(kind(wrong + std::string(100, '\xff')), "jffs2");
  EXPECT_NE(kind("UBI#\1"s + std::string(200, '\0')), "ubi");
  EXPECT_NE(kind("\x31\x18\x10\x06"s + std::string(5000, '\0')), "ubifs");
  EXPECT_NE(kind("\x45\x3d\xcd\x28"s + std::string(5000, '\0')), "cramfs");
}
TEST(Flash, AYaffsObjectHeader) {
  auto name = "etc"s;
  name.resize(256);
  const auto header = little(3, 4) + little(1, 4) + "\xff\xff" + name + "\xff\xff" + little(0040755, 4);
  std::string rest(2112, '\xff');
  EXPECT_EQ(kind(header + rest), "yaffs");
  auto wrong = header;
  wrong[0] = 1;
  EXPECT_NE(kind(wrong + rest), "yaffs") << "a file with the mode of a directory";
}
TEST(Flash, SharedInputs) {
  const auto* shared = std::getenv("ASSAY_SHARED");
  if (!shared || !std::filesystem::exists(std::string(shared) + "/data/unpack/binwalk")) GTEST_SKIP();
  const std::string folder = std::string(shared) + "/data/unpack/";
  for (const auto& [path, is] : std::initializer_list<std::pair<std::string, std::string>>{{"binwalk/cramfs.bin", "cramfs"}, {"binwalk/romfs.bin", "romfs"}, {"binwalk/squashfs.bin", "squashfs"},
           {"binwalk/squashfs_v2.bin", "squashfs"}, {"binwalk/yaffs2.bin", "yaffs"}, {"firmware/ubi/ubi.img", "ubi"}, {"firmware/ubi/test.ubifs", "ubifs"}, {"firmware/jffs2/jffs2_le.img", "jffs2"},
           {"firmware/squashFS/zlib_be.sqfs3", "squashfs"}, {"firmware/squashFS/lzma_le.sqfs2", "squashfs"}, {"firmware/squashFS/avm_le.sqfs4", "squashfs"}})
    EXPECT_EQ(kind(parse::file_bytes(folder + path)), is) << path;
}

}  // namespace
