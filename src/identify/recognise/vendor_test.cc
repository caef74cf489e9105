#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

std::string kind(std::string_view bytes) { return identify::identify({base::bytes_of(bytes), "x"}).kind; }

TEST(Vendor, HexRecords) {
  EXPECT_EQ(kind(":100000007465737420737472696E6720696E2066FC\n:03001000696C65B3\n:00000001FF\n"), "intel-hex");
  EXPECT_EQ(kind("S111003848656C6C6F20776F726C642E0A0042\r\nS9030000FC\r\n"), "srec");
  EXPECT_EQ(kind("/0040060A726C642E0A003F\n/00000000\n"), "tektronix-hex");
  EXPECT_EQ(kind("%1A65C800000040726C642E0A00\n%0E81E800000000\n"), "tektronix-hex");
  EXPECT_EQ(kind(":syntax on\n:set number\n"), "text");
}

}  // namespace
