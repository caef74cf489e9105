#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& szdd();
namespace {

using namespace std::string_literals;

// "abcd" and a match of 4 from where the ring began, then "!".
const std::string packed = "\x2f"s + "abcd" + "\xf0\xf1" + "!";
const std::string whole = "SZDD\x88\xf0\x27\x33"s + "AE" + "\x09\0\0\0"s + packed;

TEST(Szdd, LiteralsAndMatchesByPlace) {
  const auto r = evidence::read_alone(szdd(), base::bytes_of(whole), "szdd", "SETUP.EX_");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), "abcdabcd!");
  EXPECT_EQ(r.sink.children[0].entry.name, "SETUP.EXE");
}
TEST(Szdd, KwajStoredAndTurned) {
  for (const char method : {'\0', '\1'}) {
    std::string body = "hello";
    if (method) for (auto& c : body) c = static_cast<char>(~c);
    const auto r = evidence::read_alone(szdd(), base::bytes_of("KWAJ\x88\xf0\x27\xd1"s + method + "\0\x0e\0\0\0"s + body), "kwaj");
    ASSERT_TRUE(r.result);
    EXPECT_EQ(base::text_of(r.sink.children[0].bytes), "hello");
  }
}
TEST(Szdd, BytesBehindTheContent) { EXPECT_TRUE(evidence::read_alone(szdd(), base::bytes_of(whole + "tail"), "szdd").sink.child_named("after-the-end")); }
TEST(Szdd, Survives) { expect_survives(szdd(), whole, "szdd", 2000); }

}  // namespace
}  // namespace unpack
