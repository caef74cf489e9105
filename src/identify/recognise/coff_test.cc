#include <gtest/gtest.h>

#include "identify/recogniser.h"
#include "parse/mutants.h"

namespace identify {
const Recogniser& coff();

namespace {

/// One section ".text" of four bytes and one external symbol "f".
base::Buffer object() {
  base::Buffer out(20 + 40 + 4 + 18 + 4);
  const auto put = [&](std::size_t at, std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) out[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  put(0, 0x8664, 2);
  put(2, 1, 2);
  put(8, 64, 4);   // symbols
  put(12, 1, 4);
  const std::string_view name = ".text";
  std::copy(name.begin(), name.end(), out.begin() + 20);
  put(20 + 16, 4, 4);
  put(20 + 20, 60, 4);
  put(20 + 36, 0x60000020, 4);
  out[64] = 'f';
  put(64 + 12, 1, 2);
  out[64 + 16] = 2;
  put(82, 4, 4);
  return out;
}

TEST(Coff, IsProvedByItsTables) {
  const auto good = object();
  const auto found = coff().recognise({good, "a.obj"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, "coff");
  auto other = good;
  other[64 + 12] = 9;  // a section that isn't there
  EXPECT_FALSE(coff().recognise({other, "a.obj"}));
  other = good;
  other[8] = 0xff;     // symbols behind the end
  other[9] = 0xff;
  EXPECT_FALSE(coff().recognise({other, "a.obj"}));
  EXPECT_FALSE(coff().recognise({base::bytes_of("d\x86 is how a text may begin, of course"), "a.txt"}));
}

TEST(Coff, SurvivesEveryMutant) {
  const auto good = object();
  const auto use = [](base::Bytes bytes) { (void)coff().recognise({bytes, "a"}); };
  parse::each_truncation(good, use);
  parse::each_mutant(good, 3000, 41, use);
}

}  // namespace
}  // namespace identify
