#include <gtest/gtest.h>

#include "unpack/decode/compare.h"
#include "unpack/decode/flash_sum.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& ubifs();
namespace {

using namespace std::string_literals;
constexpr std::size_t leb = 8192;

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += i < 8 ? static_cast<char>(i < 8 ? v >> (8 * i) : 0) : '\0';
  return out;
}
std::string node(int type, std::uint64_t sequence, const std::string& body) {
  const auto tail = n(sequence, 8) + n(body.size() + 24, 4) + n(static_cast<unsigned>(type), 4) + body;
  auto out = n(0x06101831, 4) + n(flash_crc(base::bytes_of(tail), 0xFFFFFFFF), 4) + tail;
  out.resize((out.size() + 7) / 8 * 8);
  return out;
}
std::string key(std::uint32_t inode, unsigned type, std::uint32_t rest) { return n(inode, 4) + n(type << 29 | rest, 4) + n(0, 8); }
std::string inode(std::uint64_t sequence, std::uint32_t number, std::uint32_t mode, std::uint64_t size, unsigned links, const std::string& data = "") {
  return node(0, sequence, key(number, 0, 0) + n(1, 8) + n(size, 8) + n(0, 24) + n(0, 12) + n(links, 4) + n(1000, 4) + n(7, 4) + n(mode, 4) + n(0, 4) + n(data.size(), 4) + std::string(44, '\0') + data);
}
std::string data(std::uint64_t sequence, std::uint32_t number, std::uint32_t block, const std::string& content) {
  return node(1, sequence, key(number, 1, block) + n(content.size(), 4) + n(2, 2) + n(0, 2) + deflated(content, -15));
}
std::string entry(std::uint64_t sequence, std::uint32_t folder, std::uint32_t number, int type, const std::string& name) {
  return node(2, sequence, key(folder, 2, 77) + n(number, 8) + n(0, 1) + n(static_cast<unsigned>(type), 1) + n(name.size(), 2) + n(0, 4) + name + "\0"s);
}
std::string filled(std::string text) {
  text.resize(leb, '\xff');
  return text;
}

// LEB 0 superblock, 1 and 2 master, 3 log, 4 free space, 5 committed nodes and index, 6 the journal.
struct Made {
  std::string image, first, second, old;
};
Made make() {
  Made out;
  out.first = some_text(4096);
  out.second = "the end of the file";
  out.old = "what the file held before";
  std::string super = key(0, 0, 0).substr(0, 8) + n(8, 4) + n(leb, 4) + n(7, 4) + n(7, 4) + n(0, 8) + n(1, 4) + n(1, 4) + n(0, 4);
  super.resize(4096 - 24);
  std::string leaves;
  std::vector<std::size_t> places;
  const auto add = [&](const std::string& text) {
    places.push_back(leaves.size());
    leaves += text;
  };
  add(inode(10, 1, 0040755, 0, 2));
  add(entry(11, 1, 64, 0, "file"));
  add(inode(12, 64, 0100640, 4096 + out.second.size(), 1));
  add(data(13, 64, 0, out.first));
  add(entry(14, 1, 65, 2, "ln"));
  add(inode(15, 65, 0120777, 4, 1, "file"));
  add(entry(16, 1, 66, 0, "gone"));
  add(inode(17, 66, 0100600, 4, 1));
  add(data(18, 66, 0, "gone"));
  leaves += data(5, 64, 0, out.old);  // not in the index
  std::string branches = n(places.size(), 2) + n(0, 2);
  for (const auto at : places) branches += n(5, 4) + n(at, 4) + n(24, 4) + n(0, 8);
  const auto root = leaves.size();
  leaves += node(9, 19, branches);
  const auto journal = data(31, 64, 1, out.second) + entry(32, 1, 0, 0, "gone") + inode(33, 66, 0100600, 0, 0);
  const auto master = node(7, 21, n(70, 8) + n(1, 8) + n(0, 4) + n(3, 4) + n(5, 4) + n(root, 4) + n(100, 4) + std::string(400, '\0'));
  out.image = filled(node(6, 1, super)) + filled(master) + filled(master) + filled(node(10, 20, n(1, 8))) + filled("free space bits") + filled(leaves) + filled(journal);
  return out;
}

TEST(Ubifs, IndexJournalAndWhatTheyReplaced) {
  const auto made = make();
  const auto r = evidence::read_alone(ubifs(), base::bytes_of(made.image), "ubifs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << i.value;
  ASSERT_TRUE(r.sink.child_named("file"));
  EXPECT_EQ(base::text_of(r.sink.child_named("file")->bytes), made.first + made.second);
  EXPECT_EQ(r.sink.child_named("file")->entry.mode, 0640u);
  EXPECT_EQ(r.sink.child_named("file")->entry.gid, 7u);
  ASSERT_TRUE(r.sink.child_named("ln"));
  EXPECT_EQ(r.sink.child_named("ln")->entry.link, "file");
  EXPECT_FALSE(r.sink.child_named("gone")) << "the journal deletes it";
  ASSERT_TRUE(r.sink.child_named("replaced-data-of-inode-66/gone"));
  EXPECT_EQ(base::text_of(r.sink.child_named("replaced-data-of-inode-66/gone")->bytes), "gone");
  ASSERT_TRUE(r.sink.child_named("replaced-data-of-inode-64/file"));
  EXPECT_EQ(base::text_of(r.sink.child_named("replaced-data-of-inode-64/file")->bytes), made.old);
  EXPECT_EQ(r.sink.child_named("replaced-data-of-inode-64/file")->entry.origin, artifact::Origin::hidden);
  EXPECT_EQ(left_over(r, made.image.size()), 0u);
}
TEST(Ubifs, WithoutAnIndexTheNewestNodesCount) {
  auto bytes = make().image;
  bytes[leb + 50] ^= 1, bytes[2 * leb + 50] ^= 1;
  const auto r = evidence::read_alone(ubifs(), base::bytes_of(bytes), "ubifs");
  ASSERT_TRUE(r.result);
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "malformed"));
  EXPECT_TRUE(r.sink.child_named("file"));
}
TEST(Ubifs, ReadsWhatMkfsWritesWithEachCompressor) {
  parse::ScratchFolder folder;
  if (!make_tree(folder / "in") || !parse::run_tool("cd " + (folder / "in") + " && ln deep/program deep/again && mkfifo pipe")) GTEST_SKIP() << "no files to pack";
  bool any = false;
  for (const std::string options : {"-x lzo", "-x zlib", "-x zstd", "-x none", "-x favor_lzo", "-x lzo -m 512 -e 15360 -c 4000"}) {
    const std::string shape = options.find("-m") == options.npos ? " -m 2048 -e 126976 -c 200" : "";
    if (!parse::run_tool("PATH=$PATH:/usr/sbin mkfs.ubifs -r " + (folder / "in") + " -o " + (folder / "image") + " " + options + shape)) continue;
    any = true;
    const auto bytes = parse::file_bytes(folder / "image");
    const auto r = evidence::read_alone(ubifs(), bytes, "ubifs");
    ASSERT_TRUE(r.result) << options << ": " << r.result.error().what;
    for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << options << ": " << i.value;
    EXPECT_EQ(sums(r), sums(folder / "in")) << options;
    EXPECT_EQ(left_over(r, bytes.size()), 0u) << options;
    for (const auto& c : r.sink.children) EXPECT_NE(c.entry.origin, artifact::Origin::hidden) << options << ": " << c.entry.name;
  }
  if (!any) GTEST_SKIP() << "no mkfs.ubifs";
}
TEST(Ubifs, SharedInput) {
  const auto bytes = shared_input("firmware/ubi/test.ubifs");
  if (!bytes) GTEST_SKIP();
  const auto r = evidence::read_alone(ubifs(), *bytes, "ubifs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << i.value;
  EXPECT_EQ(sums(r).size(), 3u);
  EXPECT_EQ(left_over(r, bytes->size()), 0u);
}
TEST(Ubifs, Survives) { expect_survives(ubifs(), make().image, "ubifs", 3000, "file", 512); }

}  // namespace
}  // namespace unpack
