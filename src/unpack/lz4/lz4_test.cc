#include <gtest/gtest.h>
#include <lz4.h>
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
std::string legacy(const std::string& text) {
  std::string packed(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(text.size()))), '\0');
  const auto size = static_cast<std::uint32_t>(LZ4_compress_default(text.data(), packed.data(), static_cast<int>(text.size()), static_cast<int>(packed.size())));
  packed.resize(size);
  std::string out = "\x02\x21\x4c\x18";
  for (int i = 0; i < 4; ++i) out += static_cast<char>(size >> (8 * i));
  return out + packed;
}
TEST(Lz4, LegacyFrames) {
  const auto text = some_text(400'000);
  auto r = evidence::read_alone(lz4(), base::bytes_of(legacy(text) + legacy("more")), "lz4", "a.lz4");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(base::text_of(r.sink.children.at(0).bytes), text + "more");
  r = evidence::read_alone(lz4(), base::bytes_of("\x02\x21\x4c\x18rest"), "lz4");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::malformed);
}
TEST(Lz4, Survives) {
  expect_survives(lz4(), encoded(some_text(3000)), "lz4");
  expect_survives(lz4(), legacy(some_text(3000)), "lz4", 300, "file", 200);
}

}  // namespace
}  // namespace unpack
