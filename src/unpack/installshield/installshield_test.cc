#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& installshield();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
std::uint64_t unread(const evidence::Reading& r, std::size_t size) {
  const auto t = evidence::tally(*evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, ""}));
  return t.of(evidence::Label::scanned) + t.of(evidence::Label::opaque);
}
std::string file(const std::string& name, const std::string& bytes) { return name + '\0' + "Disk1\\" + name + '\0' + "1.0" + '\0' + std::to_string(bytes.size()) + '\0' + bytes; }

// A header with one folder and one file, and the cabinet that holds it in two deflated pieces.
std::string plain_form() {
  const auto one = deflated("hello ", -15), two = deflated("world", -15);
  const auto data = le(one.size(), 2) + one + le(two.size(), 2) + two;
  std::string cab = "ISc(" + le(0x01009500, 4);
  cab.resize(512);
  cab += data;
  std::string header = "ISc(" + le(0x01009500, 4) + le(0, 4) + le(512, 4) + le(200, 4);
  header.resize(512);
  std::string descriptor(0x100, '\0');
  descriptor.replace(0x0C, 4, le(0x100, 4)).replace(0x1C, 4, le(1, 4)).replace(0x28, 8, le(1, 4) + le(32, 4));
  std::string table = le(4, 4) + std::string("App\0", 4) + std::string("a.txt\0", 6);
  table.resize(32);
  table += le(4, 2) + le(11, 8) + le(data.size(), 8) + le(512, 8) + le(0, 32) + le(8, 4) + le(0, 2) + le(0, 21) + le(1, 2);
  return file("data1.cab", cab) + file("data1.hdr", header + descriptor + table) + file("setup.ini", "[Startup]");
}
std::string turned_form(const std::string& text) {
  const std::string name = "a.txt", mask = "\xEC\xCA\x79\xF8";
  auto body = deflated(text, 15);
  for (std::size_t i = 0; i < body.size(); ++i) {
    const auto at = i % 1024 % name.size();
    const auto c = static_cast<unsigned char>(body[i] ^ name[at] ^ mask[at & 3]);
    body[i] = static_cast<char>(c << 4 | c >> 4);
  }
  std::string record = name;
  record.resize(260);
  return std::string("InstallShield\0", 14) + le(1, 2) + std::string(30, '\0') + record + le(6, 4) + le(0, 4) + le(body.size(), 4) + std::string(40, '\0') + body;
}

TEST(Installshield, PlainFilesAndFilesOfTheirCabinets) {
  const auto bytes = plain_form();
  const auto r = evidence::read_alone(installshield(), base::bytes_of(bytes), "installshield");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "App/a.txt"), "hello world");
  EXPECT_EQ(content(r, "Disk1/setup.ini"), "[Startup]");
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
  EXPECT_EQ(unread(r, bytes.size()), 0u);
}
TEST(Installshield, TurnedFiles) {
  const auto bytes = turned_form(some_text(5000));
  const auto r = evidence::read_alone(installshield(), base::bytes_of(bytes), "installshield");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "a.txt"), some_text(5000));
  EXPECT_EQ(unread(r, bytes.size()), 0u);
}
TEST(Installshield, ACabinetWithoutItsHeaderIsUnsupported) {
  const auto r = evidence::read_alone(installshield(), base::bytes_of("ISc(" + le(0x01009500, 4) + std::string(600, 'x')), "iscab");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::unsupported);
}
TEST(Installshield, Survives) {
  expect_survives(installshield(), plain_form(), "installshield", 2000, "file", 400);
  expect_survives(installshield(), turned_form(some_text(300)), "installshield", 2000, "file", 400);
}

}  // namespace
}  // namespace unpack
