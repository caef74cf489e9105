#include "parse/kernel/kernel.h"

#include <gtest/gtest.h>

namespace parse::kernel {
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

TEST(Kernel, ArmZimage) {
  const auto head = std::string(0x24, '\0') + n(0x016F2818, 4) + n(0, 4) + n(200, 4) + n(0x04030201, 4);
  const auto found = read(base::bytes_of(head + std::string(300, 'x')));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->form, Form::arm);
  EXPECT_EQ(found->end, 200u);
}
TEST(Kernel, FlatImages) {
  auto head = std::string(64, '\0');
  head.replace(0x38, 4, "ARM\x64");
  ASSERT_TRUE(read(base::bytes_of(head)));
  EXPECT_EQ(read(base::bytes_of(head))->form, Form::arm64);
  EXPECT_FALSE(read(base::bytes_of(head))->packed);
  head.replace(0x30, 12, std::string("RISCV\0\0\0RSC\x05", 12));
  ASSERT_TRUE(read(base::bytes_of(head)));
  EXPECT_EQ(read(base::bytes_of(head))->form, Form::riscv);
}
TEST(Kernel, Zboot) {
  const auto bytes = "MZ" + n(0, 2) + "zimg" + n(64, 4) + n(10, 4) + n(0, 8) + "gzip" + n(0, 36) + "0123456789";
  ASSERT_EQ(bytes.size(), 74u);
  const auto found = read(base::bytes_of(bytes));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, (base::Range{64, 10}));
}
TEST(Kernel, ABootSectorIsNone) {
  auto sector = std::string(2048, '\0');
  sector.replace(0x1fe, 2, "\x55\xaa");
  EXPECT_FALSE(read(base::bytes_of(sector)));
}

}  // namespace
}  // namespace parse::kernel
