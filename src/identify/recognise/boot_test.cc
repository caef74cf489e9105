#include <gtest/gtest.h>

#include "base/sums.h"
#include "identify/identify.h"
#include "parse/firmware/layout.h"

namespace {

using namespace std::string_literals;

std::string kind(const std::string& bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }
std::string big(std::uint32_t v) {
  const auto b = parse::firmware::to_bytes(v);
  return {b.begin(), b.end()};
}
std::string uboot(std::uint32_t magic) {
  auto head = big(magic) + big(0) + big(1) + big(8) + big(0) + big(0) + big(0) + "\5\2\2\0"s + std::string(32, 'n');
  head.replace(4, 4, big(base::crc32(base::bytes_of(head))));
  return head + "12345678";
}

TEST(Boot, UBootByItsSum) {
  EXPECT_EQ(kind(uboot(0x27051956)), "uboot");
  EXPECT_EQ(kind(uboot(0x83800000)), "uboot") << "makers change the magic";
  auto damaged = uboot(0x83800000);
  damaged[40] ^= 1;
  EXPECT_NE(kind(damaged), "uboot");
}
TEST(Boot, DeviceTreesNeedARoot) {
  const auto header = [](std::uint32_t total) { return big(0xD00DFEED) + big(total) + big(56) + big(80) + big(40) + big(17) + big(16) + big(0) + big(0) + big(24); };
  const auto rest = std::string(16, '\0') + big(1) + big(0) + big(2) + big(9);
  EXPECT_EQ(kind(header(80) + rest + std::string(8, '\0')), "dtb");
  EXPECT_NE(kind(header(80) + std::string(16, '\0') + big(7) + big(0) + big(2) + big(9)), "dtb");
  EXPECT_NE(kind(header(20) + rest), "dtb");
}

}  // namespace
