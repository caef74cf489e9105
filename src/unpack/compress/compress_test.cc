#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& compress();
namespace {

// 9-bit codes only: literals, and one code for a string seen before.
std::string lzw(const std::vector<unsigned>& codes) {
  std::string out("\x1f\x9d\x90", 3);
  unsigned bits = 0, held = 0;
  for (const auto c : codes) {
    held |= c << bits;
    for (bits += 9; bits >= 8; bits -= 8, held >>= 8) out += static_cast<char>(held);
  }
  if (bits) out += static_cast<char>(held);
  return out;
}

TEST(Compress, LiteralsAndRepeats) {
  // 'a' 'b' then 257 = "ab", then 259 = "aba" (the code being made).
  const auto whole = lzw({'a', 'b', 257, 259});
  const auto r = evidence::read_alone(compress(), base::bytes_of(whole), "compress", "x.tar.Z");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(base::text_of(r.sink.children.at(0).bytes), "abababa");
  EXPECT_EQ(r.sink.children[0].entry.name, "x.tar");
}
TEST(Compress, ACodeOutOfTurnIsMalformed) {
  const auto r = evidence::read_alone(compress(), base::bytes_of(lzw({'a', 400})), "compress");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::malformed);
}
TEST(Compress, Survives) {
  std::vector<unsigned> codes;
  for (unsigned i = 0; i < 200; ++i) codes.push_back(i < 20 ? 'a' + i : 257 + i % 10);
  expect_survives(compress(), lzw(codes), "compress", 6000);
}

}  // namespace
}  // namespace unpack
