#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;

std::string kind(std::string bytes) { return identify::identify({base::bytes_of(bytes), "x"}).kind; }

TEST(Installer, NsisDataWithAndWithoutFlags) {
  EXPECT_EQ(kind("\2\0\0\0\xEF\xBE\xAD\xDENullsoftInst"s + std::string(30, '\0')), "nsis");
  EXPECT_EQ(kind("\xEF\xBE\xAD\xDENullsoftInst"s + std::string(30, '\0')), "nsis");
  EXPECT_EQ(kind("\xEF\xBE\xAD\xDENullsoftinst"s + std::string(30, '\0')), "unknown");
}

TEST(Installer, InstallShieldByItsTextsOrItsMark) {
  const auto plain = "data1.cab\0Disk1\\data1.cab\0001.0.0\00010\0"s + std::string(10, 'x');
  EXPECT_EQ(kind(plain), "installshield");
  EXPECT_NE(kind(plain.substr(0, plain.size() - 1)), "installshield");
  EXPECT_EQ(kind("InstallShield\0\1\0"s + std::string(30, '\0') + "a.txt" + std::string(400, '\0')), "installshield");
  EXPECT_NE(kind("InstallShield is a program"s + std::string(400, ' ')), "installshield");
  EXPECT_EQ(kind("ISc(\0\x95\0\1"s + std::string(600, '\0')), "iscab");
}

}  // namespace
