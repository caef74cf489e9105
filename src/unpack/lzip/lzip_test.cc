#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& lzip();
namespace {

// A member is a header, an LZMA stream with lc=3 lp=0 pb=2 and an end mark, CRC, sizes.
std::string encoded(const std::string& text) {
  const auto alone = lzma_encoded(text);
  std::string out = "LZIP\x01\x14" + alone.substr(13);  // 1 MiB dictionary, that of preset 1
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  const auto put = [&](std::uint64_t v, int n) {
    for (int i = 0; i < n; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  };
  put(crc, 4);
  put(text.size(), 8);
  put(out.size() + 8, 8);
  return out;
}

TEST(Lzip, GivesTheContentOfAllMembers) {
  const auto text = some_text(300'000);
  const auto r = evidence::read_alone(lzip(), base::bytes_of(encoded(text) + encoded("more")), "lzip", "a.tar.lz");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(base::text_of(r.sink.children.at(0).bytes), text + "more");
}
TEST(Lzip, Survives) { expect_survives(lzip(), encoded(some_text(2000)), "lzip", 2000); }

}  // namespace
}  // namespace unpack
