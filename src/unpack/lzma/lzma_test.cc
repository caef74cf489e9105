#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& lzma();
namespace {

TEST(Lzma, GivesTheContent) {
  const auto text = some_text(400'000);
  const auto r = evidence::read_alone(lzma(), base::bytes_of(lzma_encoded(text)), "lzma", "a.tar.lzma");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(base::text_of(r.sink.children.at(0).bytes), text);
  EXPECT_EQ(r.sink.children[0].entry.name, "a.tar");
}
TEST(Lzma, Truncated) {
  const auto whole = lzma_encoded(some_text(400'000));
  EXPECT_FALSE(evidence::read_alone(lzma(), base::bytes_of(whole.substr(0, whole.size() / 2)), "lzma").result);
}
TEST(Lzma, Survives) { expect_survives(lzma(), lzma_encoded(some_text(2000)), "lzma", 2000); }

}  // namespace
}  // namespace unpack
