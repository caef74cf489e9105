#include <gtest/gtest.h>
#include <zlib.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& arj();
namespace {

using evidence::Facet;

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string header(const std::string& name, unsigned method, unsigned type, std::size_t packed, const std::string& plain, unsigned flags = 0) {
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(plain.data()), static_cast<uInt>(plain.size()));
  const auto body = le(30, 1) + le(11, 1) + le(1, 1) + le(2, 1) + le(flags, 1) + le(method, 1) + le(type, 1) + le(0, 1) + le(0, 4) + le(packed, 4) + le(plain.size(), 4) + le(crc, 4) + le(0, 2) + le(0644, 2) + le(0, 2) +
                    name + '\0' + '\0';
  return "\x60\xea" + le(body.size(), 2) + body + le(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())), 4) + le(0, 2);
}
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
const std::string sound = header("x.arj", 0, 2, 0, "") + header("d/a.txt", 0, 0, 5, "hello") + "hello" + header("s", 0, 0, 3, "abc", 1) + "???" + "\x60\xea" + le(0, 2);

TEST(Arj, StoredMembersEncryptedOnesAndTheEnd) {
  const auto r = evidence::read_alone(arj(), base::bytes_of(sound + "tail"), "arj");
  ASSERT_TRUE(r.result);
  EXPECT_EQ(content(r, "d/a.txt"), "hello");
  EXPECT_TRUE(r.sink.has(Facet::trouble, "encrypted", "s"));
  EXPECT_EQ(content(r, "after-the-end"), "tail");
}
TEST(Arj, EveryMethodOfTheRealMaker) {
  const parse::ScratchFolder folder;
  const auto text = some_text(200'000) + std::string(50'000, 'r') + some_text(90'000);
  (void)folder.write("one.txt", text);
  (void)folder.write("two.txt", some_text(100));
  unsigned read = 0;
  for (const char method : {'0', '1', '2', '3', '4'}) {
    const auto name = std::string("m") + method + ".arj";
    if (!parse::run_tool("cd " + (folder / "") + " && arj a -m" + method + " " + name + " one.txt two.txt")) continue;
    const auto bytes = parse::file_bytes(folder / name);
    const auto r = evidence::read_alone(arj(), bytes, "arj");
    ASSERT_TRUE(r.result);
    EXPECT_TRUE(content(r, "one.txt") == text) << method;
    EXPECT_EQ(content(r, "two.txt"), some_text(100)) << method;
    EXPECT_TRUE(r.sink.items.empty()) << method << r.sink.items[0].value;
    EXPECT_EQ(evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""})).of(evidence::Label::scanned), 0u);
    ++read;
  }
  if (!read) GTEST_SKIP() << "arj is not installed";
}
TEST(Arj, SurvivesEveryMethod) {
  for (unsigned method = 0; method < 5; ++method) {
    const auto junk = some_text(300);
    expect_survives(arj(), header("x.arj", 0, 2, 0, "") + header("a", method, 0, junk.size(), std::string(5000, 'x')) + junk + "\x60\xea" + le(0, 2), "arj", 600, "file", 100);
  }
}

}  // namespace
}  // namespace unpack
