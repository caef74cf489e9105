#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& zoo();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
unsigned crc_of(const std::string& text) {
  unsigned crc = 0;
  for (const unsigned char c : text) {
    crc ^= c;
    for (int i = 0; i < 8; ++i) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
  }
  return crc;
}
std::string entry(std::uint64_t next, std::uint64_t offset, const std::string& name, unsigned method, const std::string& packed, const std::string& plain, bool deleted = false) {
  auto field = name;
  field.resize(13);
  return le(0xFDC4A7DC, 4) + le(1, 1) + le(method, 1) + le(next, 4) + le(offset, 4) + le(0, 4) + le(crc_of(plain), 2) + le(plain.size(), 4) + le(packed.size(), 4) + le(0x100, 2) + le(deleted, 1) + le(0, 1) + le(0, 6) + field;
}
// 9-bit codes: clear, a, b, 258 ("ab"), 260 (the code being made: "aba"), end.
std::string lzw() {
  std::string out;
  std::uint64_t buffer = 0;
  unsigned count = 0;
  for (const std::uint64_t c : {256, 'a' + 0, 'b' + 0, 258, 260, 257}) {
    buffer |= c << count;
    for (count += 9; count >= 8; count -= 8, buffer >>= 8) out += static_cast<char>(buffer);
  }
  return out + static_cast<char>(buffer);
}
std::string zoo_of() {
  std::string out = "ZOO 2.10 Archive.";
  out.resize(20);
  out += le(0xFDC4A7DC, 4) + le(34, 4) + le(static_cast<std::uint32_t>(-34), 4) + le(2, 2);
  const std::uint64_t size = 51;
  const auto packed = lzw();
  const auto second = 34 + size + 6, third = second + size + packed.size();
  out += entry(second, 34 + size, "gone.sh", 0, "id; id", "id; id", true) + "id; id";
  out += entry(third, second + size, "l", 1, packed, "abababa") + packed;
  return out + entry(0, 0, "", 0, "", "");
}

TEST(Zoo, DeletedMembersAreHiddenAndLzwIsRead) {
  const auto bytes = zoo_of();
  const auto r = evidence::read_alone(zoo(), base::bytes_of(bytes), "zoo");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("gone.sh"));
  EXPECT_EQ(r.sink.child_named("gone.sh")->entry.origin, artifact::Origin::hidden);
  ASSERT_TRUE(r.sink.child_named("l"));
  EXPECT_EQ(base::text_of(r.sink.child_named("l")->bytes), "abababa");
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
  const auto t = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_EQ(t.of(evidence::Label::scanned) + t.of(evidence::Label::opaque), 0u);
}
TEST(Zoo, ARealArchive) {
  const char* shared = std::getenv("ASSAY_SHARED");
  const auto bytes = parse::file_bytes(std::string(shared ? shared : "") + "/data/unpack/firmware/patool/test.zoo");
  if (bytes.empty()) GTEST_SKIP() << "the shared data are not here";
  const auto r = evidence::read_alone(zoo(), bytes, "zoo");
  ASSERT_TRUE(r.result);
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;  // every checksum is right
  EXPECT_GE(r.sink.children.size(), 3u);
}
TEST(Zoo, Survives) { expect_survives(zoo(), zoo_of(), "zoo", 3000); }

}  // namespace
}  // namespace unpack
