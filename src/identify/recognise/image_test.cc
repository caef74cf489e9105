#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;
std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }

TEST(Image, Magics) {
  EXPECT_EQ(kind("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s), "png");
  EXPECT_EQ(kind("\xFF\xD8\xFF\xE0\0\x10JFIF\0"s), "jpeg");
  EXPECT_EQ(kind("GIF89a\1\0\1\0"s), "gif");
  EXPECT_EQ(kind("RIFF\x10\0\0\0WEBPVP8 "s), "webp");
  EXPECT_EQ(kind("<?xml version='1.0'?><svg xmlns='x'/>"), "svg");
  EXPECT_EQ(kind("BM, said the man, and went on to speak of other things entirely"), "text");
}
TEST(Image, IconNeedsSoundEntries) {
  auto icon = "\0\0\1\0\1\0"s + "\x10\x10\0\0\1\0\x20\0"s + "\4\0\0\0"s + "\x16\0\0\0"s + "abcd";
  EXPECT_EQ(kind(icon), "ico");
  icon[18] = 0x40;
  EXPECT_NE(kind(icon), "ico");
}

}  // namespace
