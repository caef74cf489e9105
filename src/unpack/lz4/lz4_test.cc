#include <gtest/gtest.h>
#include <lz4frame.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& lz4();
namespace {

std::string encoded(const std::string& text) {
  std::string out(LZ4F_compressFrameBound(text.size(), nullptr), '\0');
  out.resize(LZ4F_compressFrame(out.data(), out.size(), text.data(), text.size(), nullptr));
  return out;
}

TEST(Lz4, GivesTheContentOfAllFrames) {
  const auto text = some_text(400'000);
  const auto r = evidence::read_alone(lz4(), base::bytes_of(encoded(text) + encoded("more")), "lz4", "a.lz4");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(base::text_of(r.sink.children.at(0).bytes), text + "more");
}
TEST(Lz4, TheLegacyFrameIsUnsupported) {
  const auto r = evidence::read_alone(lz4(), base::bytes_of("\x02\x21\x4c\x18rest"), "lz4");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::unsupported);
}
TEST(Lz4, Survives) { expect_survives(lz4(), encoded(some_text(3000)), "lz4"); }

}  // namespace
}  // namespace unpack
