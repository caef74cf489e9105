#include <gtest/gtest.h>

#include "unpack/decode/compare.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& cramfs();
namespace {

using namespace std::string_literals;

std::string n(std::uint32_t v) {
  std::string out;
  for (int i = 0; i < 4; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string inode(std::uint32_t mode, std::uint32_t size, const std::string& name, std::uint32_t at) {
  auto padded = name;
  padded.resize((name.size() + 3) / 4 * 4);
  return n(mode | 1000u << 16) + n(size | 7u << 24) + n(static_cast<std::uint32_t>(padded.size() / 4) | at / 4 << 6) + padded;
}
// One file of two pages, the first of them a hole, and a link; no sum, as before version 2.4.
std::string image(const std::string& tail) {
  const auto packed = deflated(tail, 15), target = deflated("file", 15);
  const std::uint32_t entries = 76, pointers = entries + 16 + 16, data = pointers + 8, link = (data + static_cast<std::uint32_t>(packed.size()) + 3) / 4 * 4;
  auto out = n(0x28cd3d45) + n(0) + n(0) + n(0) + "Compressed ROMFS" + n(0) + n(0) + n(0) + n(0) + std::string("sound").append(11, '\0');
  out += inode(0040755, 32, "", entries) + inode(0100640, 4096 + static_cast<std::uint32_t>(tail.size()), "file", pointers) + inode(0120777, 4, "ln", link);
  out += n(data) + n(data + static_cast<std::uint32_t>(packed.size())) + packed;
  out.resize(link);
  return out + n(link + 4 + static_cast<std::uint32_t>(target.size())) + target;
}

TEST(Cramfs, HolesPagesAndLinks) {
  const auto tail = some_text(900);
  const auto bytes = image(tail);
  const auto r = evidence::read_alone(cramfs(), base::bytes_of(bytes), "cramfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("file"));
  EXPECT_EQ(base::text_of(r.sink.child_named("file")->bytes), std::string(4096, '\0') + tail);
  EXPECT_EQ(r.sink.child_named("file")->entry.mode, 0640u);
  EXPECT_EQ(r.sink.child_named("file")->entry.uid, 1000u);
  EXPECT_EQ(r.sink.child_named("file")->entry.gid, 7u);
  ASSERT_TRUE(r.sink.child_named("ln"));
  EXPECT_EQ(r.sink.child_named("ln")->entry.link, "file");
  EXPECT_LT(left_over(r, bytes.size()), 4u) << "but for what aligns the link";
}
TEST(Cramfs, ReadsWhatMkfsWritesInBothOrders) {
  parse::ScratchFolder folder;
  if (!make_tree(folder / "in")) GTEST_SKIP() << "no files to pack";
  for (const std::string order : {"little", "big"})
    for (const std::string more : {"", " -z", " -p"}) {
      if (!parse::run_tool("PATH=$PATH:/sbin:/usr/sbin mkfs.cramfs -N " + order + more + " " + (folder / "in") + " " + (folder / "image"))) GTEST_SKIP() << "no mkfs.cramfs";
      const auto bytes = parse::file_bytes(folder / "image");
      const auto r = evidence::read_alone(cramfs(), bytes, "cramfs");
      ASSERT_TRUE(r.result) << r.result.error().what;
      EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty()) << order << more;
      EXPECT_EQ(sums(r), sums(folder / "in")) << order << more;
      EXPECT_LT(left_over(r, bytes.size()), 512u) << "but for what aligns blocks";
    }
}
TEST(Cramfs, SharedInputs) {
  for (const auto* path : {"binwalk/cramfs.bin", "firmware/sevenz/cramfs.img"}) {
    const auto bytes = shared_input(path);
    if (!bytes) GTEST_SKIP();
    const auto r = evidence::read_alone(cramfs(), *bytes, "cramfs");
    ASSERT_TRUE(r.result) << r.result.error().what;
    EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty());
    EXPECT_GE(sums(r).size(), 1u);
  }
}
TEST(Cramfs, Survives) { expect_survives(cramfs(), image(some_text(900)), "cramfs"); }

}  // namespace
}  // namespace unpack
