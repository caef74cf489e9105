#include <gtest/gtest.h>

#include "identify/identify.h"
#include "identify/recogniser.h"
#include "parse/mutants.h"

namespace identify {
const Recogniser& uefi();

namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string kind(const std::string& bytes) {
  const auto found = uefi().recognise({base::bytes_of(bytes), ""});
  return found ? found->kind : "";
}
std::string volume() {
  auto head = std::string(16, '\0') + std::string(16, '\x11') + le(0x1000, 8) + "_FVH" + le(0x800, 4) + le(0x48, 2) + le(0, 2) + le(0, 2) + '\0' + '\x02' + le(1, 4) + le(0x1000, 4) + le(0, 8);
  std::uint16_t sum = 0;
  for (std::size_t i = 0; i < head.size(); i += 2) sum = static_cast<std::uint16_t>(sum + static_cast<std::uint8_t>(head[i]) + (static_cast<std::uint8_t>(head[i + 1]) << 8));
  head.replace(0x32, 2, le(static_cast<std::uint16_t>(-sum), 2));
  head.resize(0x1000, '\xFF');
  return head;
}

TEST(RecogniseUefi, AVolumeByItsSum) {
  auto bytes = volume();
  EXPECT_EQ(kind(bytes), "uefi-image");
  bytes[0x21] ^= 1;
  EXPECT_EQ(kind(bytes), "");
}
TEST(RecogniseUefi, AVolumeBehindAGap) {
  EXPECT_EQ(kind(std::string(0x10000, '\xFF') + volume() + std::string(0xF000, '\xFF')), "uefi-image");
}
TEST(RecogniseUefi, TwoBytesAreNotEnough) {
  EXPECT_EQ(kind("\x55\xAA" + std::string(1000, '\0')), "");
  EXPECT_EQ(kind("VZ" + std::string(1000, '\x01')), "");
  EXPECT_EQ(kind(std::string(16, '\0') + le(0x0FF0A55A, 4) + std::string(8000, '\0')), "");
}
TEST(RecogniseUefi, SectionsMustFitExactly) {
  const auto section = [](std::size_t size, int type) { return le(size, 3) + static_cast<char>(type) + std::string(size - 4, 'x'); };
  EXPECT_EQ(kind(section(16, 0x10) + section(20, 0x15) + section(24, 0x19)), "uefi-sections");
  EXPECT_EQ(kind(section(16, 0x10) + section(20, 0x15) + section(24, 0x19) + "more"), "");
}
TEST(RecogniseUefi, ATerseExecutableWhoseSectionFits) {
  const auto head = "VZ" + le(0x8664, 2) + '\x01' + '\x0b' + le(0x1B8, 2) + std::string(32, '\0');
  const auto section = std::string(".text\0\0\0", 8) + le(64, 4) + le(0x240, 4) + le(64, 4) + le(0x240, 4) + std::string(16, '\0');
  EXPECT_EQ(kind(head + section + std::string(0x240 - 0x1B8 + 40 + 64, '\x90')), "te");
  EXPECT_EQ(kind(head + section), "");
}

}  // namespace
}  // namespace identify
