#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& lzop();
namespace {

using namespace std::string_literals;

std::string big(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::uint32_t adler(const std::string& s) { return static_cast<std::uint32_t>(adler32(1, reinterpret_cast<const Bytef*>(s.data()), static_cast<uInt>(s.size()))); }

// One part: a packed block ("abcde" and a copy) and a stored one.
std::string part() {
  const auto fields = big(0x1040, 2) + big(0x20a0, 2) + big(0x0940, 2) + "\x01\x05"s + big(1, 4) + big(0100644, 4) + big(0, 8) + "\x05" "a.txt"s;
  const auto first = "\x16" "abcde\x20\x10\x10\x00\x11\x00\x00"s;
  std::string content = "abcde";
  for (int i = 0; i < 49; ++i) content += content[content.size() - 5];
  return "\x89LZO\0\r\n\x1a\n"s + fields + big(adler(fields), 4) + big(static_cast<std::uint32_t>(content.size()), 4) + big(static_cast<std::uint32_t>(first.size()), 4) +
         big(adler(content), 4) + first + big(6, 4) + big(6, 4) + big(adler("stored"), 4) + "stored" + big(0, 4);
}

TEST(Lzop, PackedAndStoredBlocks) {
  const auto r = evidence::read_alone(lzop(), base::bytes_of(part()), "lzop");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(r.sink.children[0].entry.name, "a.txt");
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), "abcdeabcdeabcdeabcdeabcdeabcdeabcdeabcdeabcdeabcdeabcdstored");
}
TEST(Lzop, AWrongSumIsMalformed) {
  auto bytes = part();
  bytes[bytes.size() - 6] ^= 1;
  const auto r = evidence::read_alone(lzop(), base::bytes_of(bytes), "lzop");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::malformed);
}
TEST(Lzop, ReadsWhatLzopWrites) {
  parse::ScratchFolder folder;
  const auto text = some_text(3'000'000);
  folder.write("text", text);
  for (const auto* level : {"-1", "-3", "-9", "--crc32", "-F"}) {
    if (!parse::run_tool(std::string("lzop ") + level + " -c " + (folder / "text") + " > " + (folder / "text.lzo"))) GTEST_SKIP() << "no lzop";
    const auto bytes = parse::file_bytes(folder / "text.lzo");
    const auto r = evidence::read_alone(lzop(), bytes, "lzop", "text.lzo");
    ASSERT_TRUE(r.result) << r.result.error().what;
    ASSERT_EQ(r.sink.children.size(), 1u);
    EXPECT_TRUE(base::text_of(r.sink.children[0].bytes) == text) << level;
    const auto tiles = evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""});
    ASSERT_TRUE(tiles);
    EXPECT_EQ(evidence::tally(*tiles).of(evidence::Label::scanned), 0u);
  }
}
TEST(Lzop, Survives) { expect_survives(lzop(), part() + part(), "lzop"); }

}  // namespace
}  // namespace unpack
