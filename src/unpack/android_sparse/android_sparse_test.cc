#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& android_sparse();
namespace {

using evidence::Facet;

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string chunk(unsigned type, unsigned blocks, const std::string& body) { return n(type, 2) + n(0, 2) + n(blocks, 4) + n(12 + body.size(), 4) + body; }
std::string image() {
  return n(0xED26FF3A, 4) + n(1, 2) + n(0, 2) + n(28, 2) + n(12, 2) + n(16, 4) + n(6, 4) + n(4, 4) + n(0, 4) + chunk(0xCAC1, 2, some_text(32)) + chunk(0xCAC2, 1, "abcd") + chunk(0xCAC3, 3, "") +
         chunk(0xCAC4, 0, "sum!");
}
evidence::Reading read(const std::string& bytes) { return evidence::read_alone(android_sparse(), base::bytes_of(bytes), "android-sparse"); }

TEST(AndroidSparse, RawFilledAndOpenBlocks) {
  const auto r = read(image());
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("raw"));
  EXPECT_EQ(base::text_of(r.sink.child_named("raw")->bytes), some_text(32) + "abcdabcdabcdabcd" + std::string(48, '\0'));
  EXPECT_TRUE(r.sink.all(Facet::trouble).empty());
  const auto tally = evidence::tally(*evidence::tile(r.sink.claims, image().size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_EQ(tally.of(evidence::Label::scanned), 0u);
}
TEST(AndroidSparse, AHugeImageIsALimit) {
  auto bytes = image();
  bytes.replace(12, 8, n(1 << 20, 4) + n(0xFFFFFFFF, 4));
  const auto r = read_hostile(android_sparse(), base::bytes_of(bytes), "android-sparse", "x");
  EXPECT_TRUE(r.sink.has(Facet::trouble, "limit"));
}
TEST(AndroidSparse, TheToolAgrees) {
  const parse::ScratchFolder folder;
  auto raw = some_text(40960) + std::string(81920, '\0') + some_text(20480) + std::string(8192, 'z');
  folder.write("raw", raw);
  if (!parse::run_tool("img2simg " + folder / "raw" + " " + folder / "sparse")) GTEST_SKIP() << "no img2simg";
  const auto bytes = parse::file_bytes(folder / "sparse");
  const auto r = evidence::read_alone(android_sparse(), bytes, "android-sparse");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(base::text_of(r.sink.children.at(0).bytes) == raw);
}
TEST(AndroidSparse, Survives) { expect_survives(android_sparse(), image(), "android-sparse"); }

}  // namespace
}  // namespace unpack
