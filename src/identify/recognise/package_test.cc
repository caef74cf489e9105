#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;

std::string kind(std::string bytes) { return identify::identify({base::bytes_of(bytes), "x"}).kind; }

TEST(Package, AsarBySizesThatFit) {
  const auto asar = "\4\0\0\0\x14\0\0\0\x10\0\0\0\x0c\0\0\0"s + "{\"files\":{}}";
  EXPECT_EQ(kind(asar), "asar");
  auto other = asar;
  other[8] = '\x11';
  EXPECT_NE(kind(other), "asar");
}

TEST(Package, AFlatpakBundle) { EXPECT_EQ(kind("flatpak\0\1\0\x89\xE5 and more"s), "flatpak"); }

}  // namespace
