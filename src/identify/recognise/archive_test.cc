#include <gtest/gtest.h>

#include <cstdio>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;

std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }
std::string header(std::string name) {
  std::string h(512, '\0');
  h.replace(0, name.size(), name);
  h.replace(100, 7, "0000644");
  h.replace(124, 11, "00000000000");
  h.replace(148, 8, "        ");
  h[156] = '0';
  h.replace(257, 8, "ustar\00000"s);
  unsigned sum = 0;
  for (const unsigned char c : h) sum += c;
  char text[8];
  snprintf(text, sizeof text, "%06o", sum);
  h.replace(148, 7, text, 7);
  return h;
}
std::string tar(std::initializer_list<std::string> names) {
  std::string out;
  for (const auto& n : names) out += header(n);
  return out + std::string(1024, '\0');
}

TEST(Archive, DebAndAr) {
  EXPECT_EQ(kind("!<arch>\ndebian-binary   0  "), "deb");
  EXPECT_EQ(kind("!<arch>\nfoo.o/   "), "ar");
}
TEST(Archive, TarsOfPackages) {
  EXPECT_EQ(kind(tar({"./", "./usr/"})), "tar");
  EXPECT_EQ(kind(tar({"package/index.js", "package/package.json"})), "npm");
  EXPECT_EQ(kind(tar({"metadata.gz", "data.tar.gz", "checksums.yaml.gz"})), "gem");
  EXPECT_EQ(kind(tar({"x-1.0/.cargo_vcs_info.json", "x-1.0/Cargo.toml"})), "crate");
  EXPECT_EQ(kind(tar({"blobs/sha256/1", "index.json", "oci-layout"})), "oci-image");
  EXPECT_EQ(kind(tar({std::string(64, 'a') + "/layer.tar", std::string(64, 'b') + ".json", "manifest.json"})), "oci-image");
  EXPECT_EQ(kind(tar({"src/a", "package/package.json"})), "tar");
}
TEST(Archive, ATarWithABadChecksumIsNone) {
  auto t = tar({"a"});
  t[0] = 'b';
  EXPECT_NE(kind(t), "tar");
}
TEST(Archive, Magics) {
  EXPECT_EQ(kind("7z\xBC\xAF\x27\x1C\0\4"s), "7z");
  EXPECT_EQ(kind("Rar!\x1A\x07\x01\0"s), "rar");
  EXPECT_EQ(kind("MSCF\0\0\0\0"s + std::string(40, '\0')), "cab");
  EXPECT_EQ(kind("070701" + std::string(110, '0')), "cpio");
  EXPECT_EQ(kind("\xED\xAB\xEE\xDB\3\0"s + std::string(100, '\0')), "rpm");
  EXPECT_EQ(kind(std::string(0x8001, '\0') + "CD001" + std::string(0x900, '\0')), "iso");
}

}  // namespace
