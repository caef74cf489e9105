#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& pbzx();
namespace {

std::string be(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string payload() {
  const auto packed = xzipped(some_text(5000));
  return "pbzx" + be(1 << 24, 8) + be(1 << 24, 8) + be(packed.size(), 8) + packed + be(0, 8) + be(5, 8) + "plain";
}

TEST(Pbzx, ChunksPackedAndPlain) {
  const auto bytes = payload();
  const auto r = evidence::read_alone(pbzx(), base::bytes_of(bytes), "pbzx");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_EQ(r.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), some_text(5000) + "plain");
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Pbzx, Survives) { expect_survives(pbzx(), payload(), "pbzx"); }

}  // namespace
}  // namespace unpack
