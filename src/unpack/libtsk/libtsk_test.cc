#include <gtest/gtest.h>

#include "unpack/disk/make.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& libtsk();
namespace {

// What another program takes out of the same image, with a common folder in front removed.
void expect_same_as_7z(const base::Buffer& bytes, const evidence::Reading& r, const std::string& top, std::size_t at_least) {
  const parse::ScratchFolder folder;
  folder.write("image", base::text_of(bytes));
  if (!parse::run_tool("cd '" + (folder / "") + "' && 7z x -oout image")) GTEST_SKIP() << "no 7z";
  const auto got = contents(r);
  std::size_t count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder / ("out/" + top))) {
    if (!file.is_regular_file()) continue;
    const auto name = std::filesystem::relative(file.path(), folder / ("out/" + top)).string();
    if (name.starts_with("[SYSTEM]")) continue;
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_EQ(base::sha256(got.at(name)).hex(), base::sha256(parse::file_bytes(file.path())).hex()) << name;
    ++count;
  }
  EXPECT_GE(count, at_least);
}

base::Buffer ntfs_image(const parse::ScratchFolder& folder) {
  return made_image(folder,
                    "truncate -s 4M image; mkfs.ntfs -F -q -c 4096 image; seq 30000 > large; printf small > small; printf 'in a stream' > stream; seq 5000 > bigstream;"
                    "ntfscp -f image large large.txt; ntfscp -f image small small.txt; ntfscp -f -N hidden image stream small.txt; ntfscp -f -N big image bigstream small.txt");
}

TEST(Libtsk, NtfsFilesAndStreams) {
  const parse::ScratchFolder folder;
  const auto bytes = ntfs_image(folder);
  if (bytes.empty()) GTEST_SKIP() << "no ntfs-3g";
  const auto r = evidence::read_alone(libtsk(), bytes, "ntfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto got = contents(r), streams = contents(r, artifact::Origin::embedded);
  EXPECT_EQ(got.at("large.txt"), base::text_of(parse::file_bytes(folder / "large")));
  EXPECT_EQ(got.at("small.txt"), "small");
  EXPECT_EQ(got.size(), 2u);
  EXPECT_EQ(streams.at("small.txt:hidden"), "in a stream");
  EXPECT_EQ(streams.at("small.txt:big"), base::text_of(parse::file_bytes(folder / "bigstream")));
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  for (const auto& i : r.sink.items) ADD_FAILURE() << i.word << ": " << i.value;
}
// A record that says "not in use" is what a deletion leaves behind.
TEST(Libtsk, NtfsDeletedFiles) {
  const parse::ScratchFolder folder;
  auto bytes = ntfs_image(folder);
  if (bytes.empty()) GTEST_SKIP() << "no ntfs-3g";
  std::string name;
  for (const char c : std::string("large.txt")) name += c, name += '\0';
  auto text = std::string(base::text_of(bytes));
  bool changed = false;
  for (auto at = text.find("FILE"); at != std::string::npos; at = text.find("FILE", at + 4))
    if (at % 1024 == 0 && text.substr(at, 1024).find(name) != std::string::npos && text[at + 22] == 1) text[at + 22] = 0, changed = true;
  ASSERT_TRUE(changed);
  const auto r = evidence::read_alone(libtsk(), base::bytes_of(text), "ntfs");
  ASSERT_TRUE(r.result);
  EXPECT_FALSE(contents(r).contains("large.txt"));
  EXPECT_EQ(contents(r, artifact::Origin::hidden).at("large.txt"), base::text_of(parse::file_bytes(folder / "large")));
}
TEST(Libtsk, RealImages) {
  const auto ntfs = shared_data("unpack/firmware/sevenz/ntfs.img.xz"), hfs = shared_data("unpack/firmware/sevenz/hfs.img.xz");
  if (ntfs.empty() || hfs.empty()) GTEST_SKIP() << "no shared inputs";
  const auto a = evidence::read_alone(libtsk(), ntfs, "ntfs"), b = evidence::read_alone(libtsk(), hfs, "hfs");
  ASSERT_TRUE(a.result) << a.result.error().what;
  ASSERT_TRUE(b.result) << b.result.error().what;
  expect_same_as_7z(ntfs, a, "", 3);
  expect_same_as_7z(hfs, b, "untitled", 3);
  EXPECT_EQ(unlabelled(a, ntfs.size()), 0u);
  EXPECT_EQ(unlabelled(b, hfs.size()), 0u);
}
TEST(Libtsk, WhatItDoesNotReadIsSaid) {
  const std::string bytes(8192, 'x');
  for (const auto* kind : {"ntfs", "hfs", "apfs"}) {
    const auto r = evidence::read_alone(libtsk(), base::bytes_of(bytes), kind);
    ASSERT_FALSE(r.result);
    EXPECT_EQ(r.result.error().trouble, base::Trouble::unsupported);
    EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  }
}
// The library is not ours: its tables are changed too, each mutant of a whole image.
TEST(Libtsk, SurvivesHostileNtfs) {
  const parse::ScratchFolder folder;
  const auto bytes = made_image(folder, "truncate -s 2M image; mkfs.ntfs -F -q -c 512 image; seq 300 > f; ntfscp -f image f f; ntfscp -f -N s image f f");
  if (bytes.empty()) GTEST_SKIP() << "no ntfs-3g";
  auto text = std::string(base::text_of(bytes));
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    auto mutant = text;
    // Half of the changes go where the file records are.
    const auto table = text.find("FILE0");
    for (unsigned i = 0; i < 1 + random() % 8; ++i) mutant[random() % 2 ? random() % mutant.size() : table + random() % 27648] = static_cast<char>(random());
    read_hostile(libtsk(), base::bytes_of(mutant), "ntfs", "file");
  }
}
TEST(Libtsk, SurvivesHostileHfs) {
  const auto bytes = shared_data("unpack/firmware/sevenz/hfs.img.xz");
  if (bytes.empty()) GTEST_SKIP() << "no shared inputs";
  const auto text = std::string(base::text_of(bytes));
  std::mt19937 random(6);
  for (int round = 0; round < 40; ++round) {
    auto mutant = text;
    for (unsigned i = 0; i < 1 + random() % 8; ++i) {
      auto at = random() % 2 ? 1024 + random() % 512 : random() % (mutant.size() / 4);
      for (unsigned tries = 0; tries < 100 && mutant[at] == 0; ++tries) at = random() % (mutant.size() / 4);
      mutant[at] = static_cast<char>(random());
    }
    read_hostile(libtsk(), base::bytes_of(mutant), "hfs", "file");
  }
}

}  // namespace
}  // namespace unpack
