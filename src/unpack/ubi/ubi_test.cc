#include <gtest/gtest.h>

#include "unpack/decode/compare.h"
#include "unpack/decode/flash_sum.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& ubi();
namespace {

std::string b(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string sealed(std::string header, std::size_t size) {
  header.resize(size - 4);
  return header + b(flash_crc(base::bytes_of(header), 0xFFFFFFFF), 4);
}
std::string block(std::uint32_t volume, std::uint32_t number, std::uint64_t sequence, const std::string& data, bool is_static = false) {
  std::string out = sealed("UBI#" + b(1, 1) + b(0, 3) + b(7, 8) + b(64, 4) + b(128, 4) + b(99, 4), 64);
  out += sealed("UBI!" + b(1, 1) + b(is_static ? 2 : 1, 1) + b(0, 2) + b(volume, 4) + b(number, 4) + b(0, 4) + b(is_static ? data.size() : 0, 4) + b(is_static ? 2 : 0, 4) + b(0, 4) +
                    b(is_static ? flash_crc(base::bytes_of(data), 0xFFFFFFFF) : 0, 4) + b(0, 4) + b(sequence, 8), 64);
  out += data;
  out.resize(4096, '\xff');
  return out;
}
std::string record(const std::string& name) {
  auto padded = name;
  padded.resize(128);
  return sealed(b(3, 4) + b(1, 4) + b(0, 4) + b(1, 1) + b(0, 1) + b(name.size(), 2) + padded, 172);
}
// A table, a dynamic volume whose LEB 1 is unmapped and whose LEB 0 has an older copy, a static one.
std::string image(const std::string& text) {
  std::string erased(4096, '\xff');
  return block(0x7fffefff, 0, 1, record("rootfs") + record("data")) + block(0, 2, 5, text) + block(0, 0, 3, "old") + erased + block(0, 0, 4, "new") + block(1, 1, 6, "end", true) +
         block(1, 0, 7, text, true);
}

TEST(Ubi, VolumesInTheOrderOfTheirBlocks) {
  const auto text = some_text(3000);
  const auto bytes = image(text);
  const auto r = evidence::read_alone(ubi(), base::bytes_of(bytes), "ubi");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty());
  ASSERT_TRUE(r.sink.child_named("rootfs"));
  const auto rootfs = base::text_of(r.sink.child_named("rootfs")->bytes);
  ASSERT_EQ(rootfs.size(), 3u * 3968);
  EXPECT_TRUE(rootfs.starts_with("new\xff"));
  EXPECT_EQ(rootfs.substr(3968, 3968), std::string(3968, '\xff'));
  EXPECT_TRUE(rootfs.substr(2 * 3968).starts_with(text));
  ASSERT_TRUE(r.sink.child_named("data"));
  EXPECT_EQ(base::text_of(r.sink.child_named("data")->bytes), text + "end");
  EXPECT_EQ(left_over(r, bytes.size()), 3u) << "but for the three bytes of the older copy";
}
TEST(Ubi, ATornBlockIsNamed) {
  auto bytes = image(some_text(3000));
  bytes[4096 + 64 + 20] ^= 1;
  const auto r = evidence::read_alone(ubi(), base::bytes_of(bytes), "ubi");
  ASSERT_TRUE(r.result);
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "malformed", "UBI erase block 1 has a torn volume header"));
}
TEST(Ubi, ReadsWhatUbinizeWrites) {
  parse::ScratchFolder folder;
  const auto one = some_text(900'000), two = some_text(300'000);
  folder.write("one", one);
  folder.write("two", two);
  folder.write("ini", "[a]\nmode=ubi\nimage=" + (folder / "one") + "\nvol_id=3\nvol_size=2MiB\nvol_type=dynamic\nvol_name=first\n[b]\nmode=ubi\nimage=" + (folder / "two") +
                          "\nvol_id=7\nvol_type=static\nvol_name=second\n");
  for (const std::string geometry : {"-p 128KiB -m 2048", "-p 128KiB -m 2048 -s 512", "-p 16KiB -m 1", "-p 1MiB -m 4096 -O 4096"}) {
    if (!parse::run_tool("PATH=$PATH:/usr/sbin ubinize -o " + (folder / "image") + " " + geometry + " " + (folder / "ini"))) GTEST_SKIP() << "no ubinize";
    const auto bytes = parse::file_bytes(folder / "image");
    const auto r = evidence::read_alone(ubi(), bytes, "ubi");
    ASSERT_TRUE(r.result) << r.result.error().what;
    EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty()) << geometry;
    ASSERT_TRUE(r.sink.child_named("first") && r.sink.child_named("second")) << geometry;
    EXPECT_TRUE(base::text_of(r.sink.child_named("first")->bytes).starts_with(one)) << geometry;
    EXPECT_TRUE(base::text_of(r.sink.child_named("second")->bytes) == two) << geometry;
    EXPECT_EQ(left_over(r, bytes.size()), 0u) << geometry;
  }
}
TEST(Ubi, SharedInput) {
  const auto bytes = shared_input("firmware/ubi/ubi.img");
  if (!bytes) GTEST_SKIP();
  const auto r = evidence::read_alone(ubi(), *bytes, "ubi");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty());
  EXPECT_GE(r.sink.children.size(), 1u);
  EXPECT_EQ(left_over(r, bytes->size()), 0u);
}
TEST(Ubi, Survives) { expect_survives(ubi(), image(some_text(3000)), "ubi"); }

}  // namespace
}  // namespace unpack
