#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& rtf();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string rtf_of(const std::string& file) {
  const std::string package = le(2, 2) + "a.exe" + '\0' + "C:\\a.exe" + '\0' + le(0x30000, 4) + le(2, 4) + std::string("t\0", 2) + le(file.size(), 4) + file;
  const std::string object = le(0x501, 4) + le(2, 4) + le(8, 4) + std::string("Package\0", 8) + le(0, 4) + le(0, 4) + le(package.size(), 4) + package;
  std::string hex;
  for (const unsigned char c : object) {
    hex += "0123456789abcdef"[c >> 4];
    if (hex.size() % 40 == 7) hex += "\r\n{\\*\\junk dead}";  // what hides objects from simple readers
    hex += "0123456789ABCDEF"[c & 15];
  }
  return "{\\rtf1\\ansi text {\\object\\objemb{\\*\\objdata " + hex + "}{\\result x}} more}";
}

TEST(Rtf, APackagedFileComesOut) {
  const auto r = evidence::read_alone(rtf(), base::bytes_of(rtf_of("MZ packaged program")), "rtf");
  ASSERT_TRUE(r.result);
  ASSERT_TRUE(r.sink.child_named("object-1/a.exe"));
  EXPECT_EQ(base::text_of(r.sink.child_named("object-1/a.exe")->bytes), "MZ packaged program");
}
TEST(Rtf, Survives) { expect_survives(rtf(), rtf_of("MZ packaged program"), "rtf", 2000); }

}  // namespace
}  // namespace unpack
