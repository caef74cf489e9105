#include <gtest/gtest.h>

#include "unpack/disk/make.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& minix();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string named(const std::string& text, std::size_t size) {
  auto out = text;
  out.resize(size);
  return out;
}

// Version 1, names of 14 bytes: inode bitmap in block 2, zone bitmap in 3, inodes in 4, zones from 5.
std::string first_version(const std::string& text) {
  std::string out(64 * 1024, '\0');
  const auto put = [&](std::size_t at, const std::string& bytes) { out.replace(at, bytes.size(), bytes); };
  const auto inode = [&](unsigned number, unsigned mode, std::size_t size, unsigned links, std::initializer_list<unsigned> zones) {
    std::string map;
    for (const auto z : zones) map += n(z, 2);
    put(4096 + (number - 1) * 32, n(mode, 2) + n(7, 2) + n(size, 4) + n(0, 4) + n(8, 1) + n(links, 1) + map);
  };
  put(1024, n(32, 2) + n(64, 2) + n(1, 2) + n(1, 2) + n(5, 2) + n(0, 2) + n(268966912, 4) + n(0x137F, 2) + n(1, 2));
  put(2048, "\xFF"), put(3072, "\xFF");
  inode(1, 040755, 80, 2, {5});
  inode(2, 0100644, text.size(), 2, {6, 0, 7, 8, 9, 10, 11, 12});
  inode(3, 0120777, 4, 1, {20});
  inode(4, 0100600, 300, 0, {21});
  put(5 * 1024, n(1, 2) + named(".", 14) + n(1, 2) + named("..", 14) + n(2, 2) + named("file", 14) + n(2, 2) + named("same", 14) + n(3, 2) + named("link", 14));
  put(6 * 1024, text.substr(0, 1024));
  put(7 * 1024, text.substr(2048, 5 * 1024));
  put(12 * 1024, n(13, 2) + n(14, 2));
  put(13 * 1024, text.substr(7 * 1024));
  put(20 * 1024, "file");
  put(21 * 1024, std::string(300, 'u'));
  return out;
}
std::string holey() { return some_text(1024) + std::string(1024, '\0') + some_text(5 * 1024 + 1500); }

TEST(Minix, FirstVersion) {
  const auto bytes = first_version(holey());
  const auto r = evidence::read_alone(minix(), base::bytes_of(bytes), "minix");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(contents(r).contains("file"));
  EXPECT_EQ(contents(r).at("file"), holey());
  EXPECT_EQ(r.sink.child_named("same")->entry.nature, artifact::Nature::hardlink);
  EXPECT_EQ(r.sink.child_named("link")->entry.link, "file");
  EXPECT_EQ(contents(r, artifact::Origin::hidden).at("unnamed-inode-4"), std::string(300, 'u'));
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Minix, Survives) { expect_survives(minix(), first_version(holey()), "minix", 2000, "file", 256); }

// What mkfs.minix makes is empty but for the root; the layout has to add up all the same.
TEST(Minix, VolumesOfMkfs) {
  for (const auto* options : {"-1", "-1 -n 14", "-2", "-2 -n 14", "-3"}) {
    const parse::ScratchFolder folder;
    const auto bytes = made_image(folder, std::string("truncate -s 1M image; mkfs.minix ") + options + " image");
    if (bytes.empty()) GTEST_SKIP() << "no mkfs.minix";
    const auto r = evidence::read_alone(minix(), bytes, "minix");
    ASSERT_TRUE(r.result) << options << ": " << r.result.error().what;
    EXPECT_TRUE(r.sink.items.empty()) << options;
    EXPECT_TRUE(contents(r, artifact::Origin::hidden).empty()) << options << ": every byte is structure or constant";
    EXPECT_EQ(unlabelled(r, bytes.size()), 0u) << options;
  }
}

}  // namespace
}  // namespace unpack
