#include <gtest/gtest.h>

#include "identify/recogniser.h"

namespace identify {
const Recogniser& vm_disk();

namespace {

std::string kind(const std::string& bytes) {
  const auto found = vm_disk().recognise({base::bytes_of(bytes), ""});
  return found ? found->kind : "";
}
std::string footer() {
  std::string out = "conectix" + std::string(504, '\0');
  out[60] = 0, out[63] = 2;
  std::uint32_t sum = 0;
  for (const char c : out) sum += static_cast<std::uint8_t>(c);
  for (int i = 0; i < 4; ++i) out[64 + i] = static_cast<char>(~sum >> (8 * (3 - i)));
  return out;
}

TEST(RecogniseVmDisk, AFixedVirtualHardDiskByTheSumOfItsFooter) {
  EXPECT_EQ(kind(std::string(4096, 'x') + footer()), "vhd");
  auto wrong = footer();
  wrong[100] = 1;
  EXPECT_EQ(kind(std::string(4096, 'x') + wrong), "");
}
TEST(RecogniseVmDisk, MagicsAloneAreNotEnough) {
  EXPECT_EQ(kind("QFI\xFB" + std::string(600, '\xFF')), "");
  EXPECT_EQ(kind("KDMV" + std::string(600, '\0')), "");
  EXPECT_EQ(kind("vhdxfile" + std::string(200'000, '\0')), "");
  EXPECT_EQ(kind(std::string(0x40, 'x') + "\x7F\x10\xDA\xBE" + std::string(600, '\xFF')), "");
}
TEST(RecogniseVmDisk, QemuImagesByTheirSizes) {
  auto head = std::string("QFI\xFB\0\0\0\3", 8) + std::string(100, '\0');
  EXPECT_EQ(kind(head), "");
  head[23] = 16;
  EXPECT_EQ(kind(head), "qcow2");
}

}  // namespace
}  // namespace identify
