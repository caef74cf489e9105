#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }
using namespace std::string_literals;

TEST(Compressed, KnowsEachMagic) {
  EXPECT_EQ(kind("\x1f\x8b\x08\0\0\0\0\0"s), "gzip");
  EXPECT_EQ(kind("BZh9\x31\x41\x59\x26\x53\x59"s), "bzip2");
  EXPECT_EQ(kind("\xFD" "7zXZ\0\0\4"s), "xz");
  EXPECT_EQ(kind("\x28\xb5\x2f\xfd\0\0\0\0"s), "zstd");
  EXPECT_EQ(kind("\x04\x22\x4d\x18\0\0\0\0"s), "lz4");
  EXPECT_EQ(kind("LZIP\1\x0c\0\0"s), "lzip");
  EXPECT_EQ(kind("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0"s), "lzma");
}
TEST(Compressed, BrotliOnlyByName) {
  EXPECT_EQ(kind("\x0b\x02\x80\x01\x02"s, "a.css.br"), "brotli");
  EXPECT_EQ(kind("\x0b\x02\x80\x01\x02"s, "a.css"), "unknown");
}
TEST(Compressed, GzipWithReservedFlagsIsNone) { EXPECT_EQ(kind("\x1f\x8b\x08\xe0\0\0\0\0"s), "unknown"); }

}  // namespace
