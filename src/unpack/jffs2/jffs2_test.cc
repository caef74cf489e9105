#include <gtest/gtest.h>

#include "unpack/decode/compare.h"
#include "unpack/decode/flash_sum.h"
#include "unpack/encode.h"
#include "unpack/jffs2/nodes.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& jffs2();
namespace {

using namespace std::string_literals;

// Writes in either byte order.
struct Maker {
  bool big = false;
  std::string n(std::uint64_t v, int bytes) const {
    std::string out;
    if (bytes > 8) return std::string(static_cast<std::size_t>(bytes), '\0');
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(v >> (8 * (big ? bytes - 1 - i : i)));
    return out;
  }
  std::string sum(const std::string& of) const { return n(flash_crc(base::bytes_of(of), 0), 4); }
  std::string node(unsigned type, const std::string& body) const {
    auto head = n(0x1985, 2) + n(type, 2) + n(body.size() + 12, 4);
    auto out = head + sum(head) + body;
    out.resize((out.size() + 3) / 4 * 4, '\xff');
    return out;
  }
  std::string name(unsigned parent, unsigned version, unsigned inode, unsigned type, const std::string& name) const {
    auto head = n(0x1985, 2) + n(0xE001, 2) + n(name.size() + 40, 4);
    const auto fields = n(parent, 4) + n(version, 4) + n(inode, 4) + n(0, 4) + n(name.size(), 1) + n(type, 1) + n(0, 2);
    const auto sealed = head + sum(head) + fields;
    return node(0xE001, fields + sum(sealed) + sum(name) + name);
  }
  std::string data(unsigned inode, unsigned version, unsigned mode, unsigned file_size, unsigned offset, const std::string& content, unsigned method, const std::string& packed) const {
    auto head = n(0x1985, 2) + n(0xE002, 2) + n(packed.size() + 68, 4);
    const auto fields = n(inode, 4) + n(version, 4) + n(mode, 4) + n(1000, 2) + n(7, 2) + n(file_size, 4) + n(0, 12) + n(offset, 4) + n(packed.size(), 4) + n(content.size(), 4) + n(method, 1) + n(0, 3);
    const auto sealed = head + sum(head) + fields;
    return node(0xE002, fields + sum(packed) + sum(sealed) + packed);
  }
  // A file of two nodes of which the second is written again, a link, a deleted file.
  std::string image() const {
    const auto first = some_text(2000);
    return node(0x2003, "") + name(1, 1, 2, 8, "file") + data(2, 1, 0100640, 2000, 0, first, 6, deflated(first, 15)) + data(2, 2, 0100640, 2003, 2000, "old", 0, "old") +
           data(2, 3, 0100640, 2003, 2000, "new", 0, "new") + name(1, 2, 3, 10, "ln") + data(3, 1, 0120777, 4, 0, "file", 0, "file") + name(1, 3, 4, 8, "gone") +
           data(4, 1, 0100600, 6, 0, "secret", 0, "secret") + name(1, 4, 0, 8, "gone") + std::string(1000, '\xff');
  }
};

TEST(Jffs2, NewestVersionsAndWhatTheyReplaced) {
  for (const bool big : {false, true}) {
    const auto bytes = Maker{big}.image();
    const auto r = evidence::read_alone(jffs2(), base::bytes_of(bytes), "jffs2");
    ASSERT_TRUE(r.result) << r.result.error().what;
    for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << i.value;
    ASSERT_TRUE(r.sink.child_named("file"));
    EXPECT_EQ(base::text_of(r.sink.child_named("file")->bytes), some_text(2000) + "new");
    EXPECT_EQ(r.sink.child_named("file")->entry.mode, 0640u);
    EXPECT_EQ(r.sink.child_named("file")->entry.uid, 1000u);
    ASSERT_TRUE(r.sink.child_named("ln"));
    EXPECT_EQ(r.sink.child_named("ln")->entry.link, "file");
    EXPECT_FALSE(r.sink.child_named("gone"));
    ASSERT_TRUE(r.sink.child_named("deleted-inode-4/gone"));
    EXPECT_EQ(base::text_of(r.sink.child_named("deleted-inode-4/gone")->bytes), "secret");
    ASSERT_TRUE(r.sink.child_named("replaced-data-of-inode-2/file"));
    EXPECT_EQ(base::text_of(r.sink.child_named("replaced-data-of-inode-2/file")->bytes), "old");
    EXPECT_EQ(left_over(r, bytes.size()), 0u);
  }
}
TEST(Jffs2, PiecesOverlapAndFilesShrink) {
  const Maker m;
  const auto bytes = m.name(1, 1, 2, 8, "f") + m.data(2, 1, 0100600, 10, 0, "aaaaaaaaaa", 0, "aaaaaaaaaa") + m.data(2, 2, 0100600, 10, 3, "bb", 0, "bb") + m.data(2, 3, 0100600, 4, 0, "", 0, "") +
                     m.data(2, 4, 0100600, 8, 7, "c", 0, "c");
  const auto r = evidence::read_alone(jffs2(), base::bytes_of(bytes), "jffs2");
  ASSERT_TRUE(r.sink.child_named("f"));
  EXPECT_EQ(base::text_of(r.sink.child_named("f")->bytes), "aaab\0\0\0c"s);
}
TEST(Jffs2, EachCompressor) {
  const auto unpacked = [](unsigned method, const std::string& packed, std::uint32_t size) {
    jffs2_format::InodeNode n;
    n.packed = base::bytes_of(packed);
    n.method = method;
    n.size = size;
    const auto out = jffs2_format::content(n);
    return out ? std::string(base::text_of(*out)) : "error: " + out.error().what;
  };
  EXPECT_EQ(unpacked(0, "abc", 3), "abc");
  EXPECT_EQ(unpacked(1, "", 3), "\0\0\0"s);
  EXPECT_EQ(unpacked(2, "a\0b\0a\2c\0"s, 6), "ababac") << "rtime: after the second a comes what followed the first";
  EXPECT_EQ(unpacked(6, deflated("text", 15), 4), "text");
  EXPECT_EQ(unpacked(7, "\x13" "ab\x11\0\0"s, 2), "ab");
  EXPECT_TRUE(unpacked(5, "abc", 3).find("rubin") != std::string::npos);
}
TEST(Jffs2, ReadsWhatMkfsWrites) {
  parse::ScratchFolder folder;
  if (!make_tree(folder / "in") || !parse::run_tool("cd " + (folder / "in") + " && mkfifo pipe")) GTEST_SKIP() << "no files to pack";
  bool any = false;
  for (const std::string options : {"-l", "-b", "-l -x zlib", "-l -x zlib -x rtime", "-l -m size", "-b -e 64KiB -n", "-l -X lzo -y 90:lzo", "-l -p -s 2048"}) {
    if (!parse::run_tool("PATH=$PATH:/usr/sbin mkfs.jffs2 -r " + (folder / "in") + " -o " + (folder / "image") + " " + options)) continue;
    any = true;
    const auto bytes = parse::file_bytes(folder / "image");
    const auto r = evidence::read_alone(jffs2(), bytes, "jffs2");
    ASSERT_TRUE(r.result) << options << ": " << r.result.error().what;
    for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << options << ": " << i.value;
    EXPECT_EQ(sums(r), sums(folder / "in")) << options;
    EXPECT_EQ(left_over(r, bytes.size()), 0u) << options;
    for (const auto& c : r.sink.children) EXPECT_NE(c.entry.origin, artifact::Origin::hidden) << options << ": " << c.entry.name;
  }
  if (!any) GTEST_SKIP() << "no mkfs.jffs2";
}
TEST(Jffs2, SharedInput) {
  const auto bytes = shared_input("firmware/jffs2/jffs2_le.img");
  if (!bytes) GTEST_SKIP();
  const auto r = evidence::read_alone(jffs2(), *bytes, "jffs2");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(sums(r).size(), 3u);
  EXPECT_EQ(left_over(r, bytes->size()), 0u);
}
TEST(Jffs2, Survives) { expect_survives(jffs2(), Maker{}.image(), "jffs2"); }

}  // namespace
}  // namespace unpack
