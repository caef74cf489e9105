#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }
using namespace std::string_literals;

TEST(Executable, KnowsElfByHeaderNotName) {
  const auto elf = "\x7f" "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0"s + std::string(40, '\0');
  EXPECT_EQ(kind(elf, "readme.txt"), "elf");
  EXPECT_EQ(identify::identify({base::bytes_of(elf), ""}).detail, "ELF 64-bit x86-64 shared object");
}
TEST(Executable, TellsClassFromFatMacho) {
  EXPECT_EQ(kind("\xCA\xFE\xBA\xBE\0\0\0\x34"s + std::string(20, '\0')), "class");
  EXPECT_EQ(kind("\xCA\xFE\xBA\xBE\0\0\0\x02"s + std::string(20, '\0')), "macho-fat");
}
TEST(Executable, PeNeedsItsSecondSignature) {
  std::string pe = "MZ" + std::string(58, '\0') + "\x40\0\0\0"s + "PE\0\0"s + std::string(60, '\0');
  EXPECT_EQ(kind(pe), "pe");
  pe[0x40] = 'Q';
  EXPECT_NE(kind(pe), "pe");
}
TEST(Executable, WasmDexPyc) {
  EXPECT_EQ(kind("\0asm\1\0\0\0"s), "wasm");
  EXPECT_EQ(kind("dex\n035\0...."s), "dex");
  EXPECT_EQ(kind("\xa7\x0d\x0d\x0a"s + std::string(12, '\0') + "\xe3\0"s), "pyc");
}

}  // namespace
