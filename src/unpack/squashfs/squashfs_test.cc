#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& squashfs();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * i));
  return out;
}
std::string metadata(const std::string& content) { return n(content.size() | 0x8000, 2) + content; }

// One directory with one file (a compressed block and a tail in a fragment) and one link.
std::string image(const std::string& text) {
  const std::uint32_t block = 4096;
  const auto packed = deflated(text.substr(0, block), 15);
  const auto tail = text.substr(block);
  std::string out(96, '\0');
  const auto blocks_at = out.size();
  out += packed;
  const auto fragment_at = out.size();
  out += tail;
  const auto inode_table = out.size();
  const std::string common = n(0755, 2) + n(0, 2) + n(0, 2) + n(0, 4);
  const auto file = n(2, 2) + common + n(2, 4) + n(blocks_at, 4) + n(0, 4) + n(0, 4) + n(text.size(), 4) + n(packed.size(), 4);
  const auto link = n(3, 2) + common + n(3, 4) + n(1, 4) + n(4, 4) + "file";
  const auto listing = n(1, 4) + n(0, 4) + n(2, 4) + n(0, 2) + n(0, 2) + n(2, 2) + n(3, 2) + "file" + n(file.size(), 2) + n(1, 2) + n(3, 2) + n(1, 2) + "ln";
  const auto root = n(1, 2) + common + n(1, 4) + n(0, 4) + n(2, 4) + n(listing.size() + 3, 2) + n(0, 2) + n(0, 4);
  out += metadata(file + link + root);
  const auto directory_table = out.size();
  out += metadata(listing);
  const auto fragments = out.size();
  out += metadata(n(fragment_at, 8) + n(tail.size() | 1u << 24, 4) + n(0, 4));
  const auto fragment_table = out.size();
  out += n(fragments, 8);
  const auto ids = out.size();
  out += metadata(n(1000, 4));
  const auto id_table = out.size();
  out += n(ids, 8);
  const auto super = "hsqs" + n(3, 4) + n(0, 4) + n(block, 4) + n(1, 4) + n(1, 2) + n(12, 2) + n(0, 2) + n(1, 2) + n(4, 2) + n(0, 2) +
                     n(file.size() + link.size(), 8) + n(out.size(), 8) + n(id_table, 8) + n(UINT64_MAX, 8) + n(inode_table, 8) + n(directory_table, 8) + n(fragment_table, 8) + n(UINT64_MAX, 8);
  return out.replace(0, 96, super);
}

TEST(Squashfs, FilesTailsAndLinks) {
  const auto text = some_text(5000);
  const auto r = evidence::read_alone(squashfs(), base::bytes_of(image(text)), "squashfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("file"));
  EXPECT_EQ(base::text_of(r.sink.child_named("file")->bytes), text);
  EXPECT_EQ(r.sink.child_named("file")->entry.uid, 1000u);
  EXPECT_EQ(r.sink.child_named("file")->entry.mode, 0755u);
  ASSERT_TRUE(r.sink.child_named("ln"));
  EXPECT_EQ(r.sink.child_named("ln")->entry.link, "file");
}
TEST(Squashfs, LzoIsUnsupported) {
  auto bytes = image(some_text(5000));
  bytes[20] = 3;
  const auto r = evidence::read_alone(squashfs(), base::bytes_of(bytes), "squashfs");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::unsupported);
}
TEST(Squashfs, Survives) { expect_survives(squashfs(), image(some_text(5000)), "squashfs", 6000); }

}  // namespace
}  // namespace unpack
