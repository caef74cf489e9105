#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;

std::string kind(const std::string& bytes) { return identify::identify({base::bytes_of(bytes), "x"}).kind; }
std::string little(std::uint64_t v, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

TEST(Android, BootImages) {
  auto boot = "ANDROID!" + little(10, 4) + little(0, 24) + little(2048, 4) + std::string(2000, '\0');
  boot.replace(36, 4, little(2048, 4));
  EXPECT_EQ(kind(boot), "android-boot");
  boot.replace(36, 4, little(2047, 4));
  EXPECT_NE(kind(boot), "android-boot") << "no size of a page";
}
TEST(Android, SparseImagesNeedAChunk) {
  const auto head = little(0xED26FF3A, 4) + little(1, 2) + little(0, 2) + little(28, 2) + little(12, 2) + little(4096, 4) + little(1, 4) + little(1, 4) + little(0, 4);
  EXPECT_EQ(kind(head + little(0xCAC3, 2) + std::string(10, '\0')), "android-sparse");
  EXPECT_NE(kind(head + little(0x1111, 2) + std::string(10, '\0')), "android-sparse");
}
TEST(Android, SuperAndPayload) {
  auto super = std::string(16384, '\0');
  super.replace(4096, 8, little(0x616C4467, 4) + little(52, 4));
  super.replace(4096 + 40, 8, little(65536, 4) + little(2, 4));
  EXPECT_EQ(kind(super), "android-super");
  EXPECT_EQ(kind("CrAU"s + std::string(7, '\0') + "\2"s + std::string(7, '\0') + "\4"s + std::string(40, '\0')), "android-payload");
  EXPECT_NE(kind("CrAU and other text, which is no payload at all"), "android-payload");
}

}  // namespace
