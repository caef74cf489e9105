#include <gtest/gtest.h>

#include "unpack/disk/make.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& ext();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string entry(unsigned inode, unsigned size, const std::string& name) {
  std::string out = n(inode, 4) + n(size, 2) + n(name.size(), 2) + name;
  out.resize(std::max<std::size_t>(size, out.size()), '\0');
  return out;
}
std::string inode(unsigned mode, std::uint64_t size, unsigned links, unsigned deleted, const std::string& map) {
  std::string out = n(mode, 2) + n(1000, 2) + n(size, 4) + n(0, 12) + n(deleted, 4) + n(100, 2) + n(links, 2) + n(2, 4) + n(0, 4) + n(0, 4) + map;
  out.resize(128);
  return out;
}

// ext2 of 32 blocks of 1024 bytes: a file, a second name for it, a link, and a deleted file whose
// entry stands in the slack of the root.
std::string image(const std::string& text, const std::string& gone) {
  std::string out(32 * 1024, '\0');
  const auto put = [&](std::size_t at, const std::string& bytes) { out.replace(at, bytes.size(), bytes); };
  put(1024, n(16, 4) + n(32, 4) + n(0, 12) + n(1, 4) + n(0, 4) + n(0, 4) + n(8192, 4) + n(8192, 4) + n(16, 4) + n(0, 12) + n(0xEF53, 2) + n(1, 2));
  put(2048, n(3, 4) + n(4, 4) + n(5, 4));
  put(3 * 1024, "\xff\x3f");
  put(4 * 1024, "\xff\x0f");
  const auto node = [&](unsigned number, const std::string& bytes) { put(5 * 1024 + (number - 1) * 128, bytes); };
  node(2, inode(040755, 1024, 2, 0, n(7, 4)));
  node(11, inode(0100644, text.size(), 2, 0, n(8, 4) + n(0, 4) + n(9, 4)));
  node(12, inode(0120777, 4, 1, 0, "file"));
  node(13, inode(0100600, gone.size(), 0, 12345, n(10, 4)));
  put(7 * 1024, entry(2, 12, ".") + entry(2, 12, "..") + entry(11, 12, "file") + entry(11, 12, "same") + entry(12, 976, "link"));
  put(7 * 1024 + 60, entry(13, 964, "gone"));
  put(8 * 1024, text.substr(0, 1024));
  put(9 * 1024, text.substr(2048));
  put(10 * 1024, gone);
  put(20 * 1024 + 100, "bytes in a block that nobody uses");
  return out;
}
std::string holey() { return some_text(1024) + std::string(1024, '\0') + some_text(500); }

TEST(Ext, FilesLinksHolesAndDeletedFiles) {
  const auto bytes = image(holey(), some_text(900));
  const auto r = evidence::read_alone(ext(), base::bytes_of(bytes), "ext");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("file"));
  EXPECT_EQ(base::text_of(r.sink.child_named("file")->bytes), holey());
  EXPECT_EQ(r.sink.child_named("file")->entry.uid, 1000u);
  EXPECT_EQ(r.sink.child_named("file")->entry.mode, 0644u);
  EXPECT_EQ(r.sink.child_named("same")->entry.nature, artifact::Nature::hardlink);
  EXPECT_EQ(r.sink.child_named("link")->entry.link, "file");
  const auto hidden = contents(r, artifact::Origin::hidden);
  EXPECT_EQ(hidden.at("gone"), some_text(900)) << "a deleted file keeps its name and content";
  EXPECT_TRUE(std::ranges::any_of(hidden, [](const auto& h) { return h.second.find("bytes in a block that nobody uses") != h.second.npos; }));
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Ext, ABlockOfTwoFilesIsNamed) {
  auto bytes = image(holey(), some_text(900));
  bytes.replace(5 * 1024 + 11 * 128, 128, inode(0100644, 1024, 1, 0, n(8, 4)));
  const auto r = evidence::read_alone(ext(), base::bytes_of(bytes), "ext");
  EXPECT_TRUE(r.sink.has(evidence::Facet::concealment, "mismatch", "blocks of link belong to another file too"));
}
TEST(Ext, Survives) { expect_survives(ext(), image(holey(), some_text(900)), "ext", 3000, "file", 512); }

// The files of a folder, with names and contents, against what the reader hands on.
void expect_same(const parse::ScratchFolder& folder, const std::string& truth, const base::Buffer& bytes, std::size_t at_least) {
  const auto listed = parse::run_tool("cd '" + (folder / truth) + "' && find . -type f | sed 's|^./||'");
  ASSERT_TRUE(listed);
  const auto r = evidence::read_alone(ext(), bytes, "ext");
  ASSERT_TRUE(r.result) << r.result.error().what;
  std::map<std::string, const evidence::Child*> got;
  for (const auto& c : r.sink.children) got[c.entry.name] = &c;
  std::size_t count = 0;
  for (std::size_t at = 0, end; (end = listed->find('\n', at)) != std::string::npos; at = end + 1) {
    const auto name = listed->substr(at, end - at);
    ASSERT_TRUE(got.contains(name)) << name;
    const auto* child = got.at(name);
    if (child->entry.nature == artifact::Nature::hardlink) child = got.at(child->entry.link);
    EXPECT_EQ(base::sha256(child->bytes).hex(), base::sha256(parse::file_bytes(folder / (truth + "/" + name))).hex()) << name;
    ++count;
  }
  EXPECT_GE(count, at_least);
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  for (const auto& i : r.sink.items) ADD_FAILURE() << i.word << ": " << i.value;
}

const char* const make_tree =
    "mkdir -p tree/many tree/deep/er; i=0; while [ $i -lt 400 ]; do echo content of $i > tree/many/a-rather-long-name-of-a-file-$i; i=$((i+1)); done;"
    "seq 200000 > tree/deep/large; printf tiny > tree/deep/er/tiny; dd if=/dev/zero of=tree/sparse bs=1k seek=900 count=1 status=none; echo end >> tree/sparse;"
    "ln tree/deep/large tree/hard; ln -s deep/large tree/soft; ln -s $(seq -s/ 60) tree/long-link; chmod 4755 tree/deep/er/tiny;";

class ExtMade : public testing::TestWithParam<const char*> {};
TEST_P(ExtMade, SameAsTheFolder) {
  const parse::ScratchFolder folder;
  const auto bytes = made_image(folder, std::string(make_tree) + "truncate -s 24M image; mke2fs -q -F -d tree " + GetParam() + " image");
  if (bytes.empty()) GTEST_SKIP() << "no mke2fs";
  expect_same(folder, "tree", bytes, 404);
}
INSTANTIATE_TEST_SUITE_P(Kinds, ExtMade,
                         testing::Values("-t ext2", "-t ext2 -b 4096 -I 128", "-t ext3", "-t ext4", "-t ext4 -b 1024 -O ^64bit", "-t ext4 -O inline_data -I 512", "-t ext4 -b 1024 -g 1024 -O meta_bg,^resize_inode,64bit",
                                         "-t ext4 -O bigalloc -C 16384", "-t ext4 -O sparse_super2,^metadata_csum,uninit_bg", "-t ext2 -O ^filetype -r 0"));

TEST(Ext, RealImages) {
  for (const auto* name : {"ext2", "ext4"}) {
    const parse::ScratchFolder folder;
    const auto bytes = shared_data(std::string("unpack/firmware/sevenz/") + name + ".img.xz");
    if (bytes.empty()) GTEST_SKIP() << "no shared inputs";
    folder.write("image", base::text_of(bytes));
    if (!parse::run_tool("cd '" + (folder / "") + "' && mkdir out && /usr/sbin/debugfs -R 'rdump / out' image")) GTEST_SKIP() << "no debugfs";
    expect_same(folder, "out", bytes, 1);
  }
}
TEST(Ext, FilesDeletedByDebugfs) {
  const parse::ScratchFolder folder;
  const auto bytes = made_image(folder, "mkdir tree; seq 3000 > tree/kept; seq 9000 > tree/gone; truncate -s 2M image; mke2fs -q -F -t ext2 -d tree image; debugfs -w -R 'rm gone' image");
  if (bytes.empty()) GTEST_SKIP() << "no e2fsprogs";
  const auto r = evidence::read_alone(ext(), bytes, "ext");
  const auto gone = contents(r, artifact::Origin::hidden);
  ASSERT_TRUE(gone.contains("gone"));
  EXPECT_EQ(base::sha256(gone.at("gone")).hex(), base::sha256(parse::file_bytes(folder / "tree/gone")).hex());
}

}  // namespace
}  // namespace unpack
