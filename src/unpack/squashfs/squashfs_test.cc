#include <gtest/gtest.h>

#include <set>

#include "unpack/decode/compare.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/squashfs/super.h"

namespace unpack {
const evidence::Reader& squashfs();
namespace {

using namespace std::string_literals;

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
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
TEST(Squashfs, EveryByteOfASoundImageIsAccountedFor) {
  const auto bytes = image(some_text(5000));
  EXPECT_EQ(left_over(evidence::read_alone(squashfs(), base::bytes_of(bytes), "squashfs"), bytes.size()), 0u);
}
TEST(Squashfs, AFileThatNoDirectoryListsIsHidden) {
  auto bytes = image(some_text(5000));
  const auto at = bytes.find("\4\0file"s.replace(0, 2, "\3\0"s));
  ASSERT_NE(at, bytes.npos);
  bytes[at - 6] = static_cast<char>(bytes[bytes.find("\1\0ln"s) - 6]);  // "file" becomes a second name of the link
  const auto r = evidence::read_alone(squashfs(), base::bytes_of(bytes), "squashfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("unlinked-inode@0x0"));
  EXPECT_EQ(r.sink.child_named("unlinked-inode@0x0")->entry.origin, artifact::Origin::hidden);
  EXPECT_EQ(r.sink.child_named("unlinked-inode@0x0")->bytes.size(), 5000u);
}
TEST(Squashfs, BitFieldsOfBothOrders) {
  const std::string bytes = "\x12\x34\x56\x78";
  squashfs_format::Bits little(base::bytes_of(bytes), std::endian::little), big(base::bytes_of(bytes), std::endian::big);
  EXPECT_EQ(little.take(4), 0x2u);
  EXPECT_EQ(little.take(12), 0x341u);
  EXPECT_EQ(big.take(4), 0x1u);
  EXPECT_EQ(big.take(12), 0x234u);
  EXPECT_EQ(big.take(13), 0x5678u >> 3);
  EXPECT_TRUE(big.ok());
  big.take(4);
  EXPECT_FALSE(big.ok());
}

TEST(Squashfs, ReadsWhatMksquashfsWritesWithEachCompressor) {
  parse::ScratchFolder folder;
  if (!make_tree(folder / "in") || !parse::run_tool("cd " + (folder / "in") + " && truncate -s 700000 hole && echo end >> hole && ln deep/program deep/again && mkfifo pipe")) GTEST_SKIP() << "no files to pack";
  bool any = false;
  for (const std::string options : {"-comp gzip", "-comp lzo", "-comp xz", "-comp lz4", "-comp zstd -b 1M", "-comp gzip -noI -noD -no-fragments", "-comp xz -Xbcj x86 -b 4096", "-comp lz4 -Xhc -no-exports", "-comp lzma"}) {
    if (!parse::run_tool("mksquashfs " + (folder / "in") + " " + (folder / "image") + " -noappend -no-progress -quiet " + options)) continue;
    any = true;
    const auto bytes = parse::file_bytes(folder / "image");
    const auto r = evidence::read_alone(squashfs(), bytes, "squashfs");
    ASSERT_TRUE(r.result) << options << ": " << r.result.error().what;
    EXPECT_FALSE(r.sink.has(evidence::Facet::trouble, "malformed"));
    EXPECT_EQ(sums(r), sums(folder / "in")) << options;
    EXPECT_EQ(left_over(r, bytes.size()), 0u) << options;
  }
  if (!any) GTEST_SKIP() << "no mksquashfs";
}

// Bit fields as the old versions pack them.
struct Packer {
  bool big = false;
  std::string out = {};
  unsigned used = 0;
  Packer& put(std::uint64_t value, unsigned bits) {
    for (unsigned i = 0; i < bits; ++i, ++used) {
      if (used % 8 == 0) out += '\0';
      const auto bit = value >> (big ? bits - 1 - i : i) & 1;
      out.back() = static_cast<char>(out.back() | bit << (big ? 7 - used % 8 : used % 8));
    }
    return *this;
  }
  Packer& text(const std::string& t) {
    for (const auto c : t) put(static_cast<unsigned char>(c), 8);
    return *this;
  }
};

// A file (a block, and from version 2 on a tail in a fragment) and a link.
std::string old_image(unsigned version, bool big, const std::string& text) {
  const std::uint32_t block = 4096, header = version == 1 ? 51 : version == 2 ? 63 : 119;
  const auto packed = deflated(text.substr(0, block), 15);
  const auto tail = version == 1 ? deflated(text.substr(block), 15) : text.substr(block);
  const auto metadata = [&](const std::string& content) { return Packer{big}.put(content.size() | 0x8000, 16).out + content; };
  std::string out(header, '\0');
  out += packed + tail;
  const auto base = [&](Packer& p, unsigned type, unsigned mode) -> Packer& {
    p.put(type, 4).put(mode, 12).put(0, version == 1 ? 4 : 8).put(0, version == 1 ? 4 : 8);
    return version == 3 ? p.put(0, 64) : p;
  };
  const unsigned mtime = version == 3 ? 0 : 32, links = version == 3 ? 32 : 0;
  Packer inodes{big};
  base(inodes, 2, 0640).put(0, mtime).put(header, version == 3 ? 64 : 32);
  if (version > 1) inodes.put(0, 32).put(0, 32);
  inodes.put(text.size(), 32).put(packed.size(), version == 1 ? 16 : 32);
  if (version == 1) inodes.put(tail.size(), 16);
  const auto link = inodes.out.size();
  base(inodes, 3, 0777).put(1, links).put(4, 16).text("file");
  const auto root = inodes.out.size();
  Packer listing{big};
  const unsigned numbers = version == 3 ? 16 : 0;
  listing.put(1, 8).put(0, version == 3 ? 64 : 24).put(0, 13).put(2, 3).put(3, 8).put(0, numbers).text("file").put(link, 13).put(3, 3).put(1, 8).put(0, numbers).text("ln");
  base(inodes, 1, 0755).put(1, links).put(listing.out.size() + (version == 3 ? 3 : 0), 19).put(0, 13).put(0, mtime).put(0, version == 3 ? 32 : 24).put(0, links);
  const auto inode_table = out.size();
  out += metadata(inodes.out);
  const auto directory_table = out.size();
  out += metadata(listing.out);
  const unsigned word = version == 3 ? 64 : 32;
  auto fragment_table = out.size();
  if (version > 1) {
    out += metadata(Packer{big}.put(header + packed.size(), word).put(tail.size() | 1u << 24, 32).put(0, version == 3 ? 32 : 0).out);
    const auto index = out.size();
    out += Packer{big}.put(fragment_table, word).out;
    fragment_table = index;
  }
  const auto uids = out.size();
  out += Packer{big}.put(1000, 32).put(7, 32).out;
  Packer super{big};
  super.put(0x73717368, 32).put(3, 32);
  for (const auto v : {out.size(), uids, uids + 4, inode_table, directory_table}) super.put(version == 3 ? 0 : v, 32);
  super.put(version, 16).put(0, 16).put(version == 1 ? block : 0, 16).put(12, 16).put(0, 8).put(1, 8).put(1, 8).put(0, 32).put(root, 64);
  if (version > 1) super.put(block, 32).put(1, 32).put(version == 2 ? fragment_table : 0, 32);
  if (version == 3)
    for (const auto v : {out.size(), uids, uids + 4, inode_table, directory_table, fragment_table}) super.put(v, 64);
  if (version == 3) super.put(UINT64_MAX, 64);
  return out.replace(0, header, super.out);
}

TEST(Squashfs, OldVersionsOfBothOrders) {
  const auto text = some_text(5000);
  for (const unsigned version : {1u, 2u, 3u})
    for (const bool big : {false, true}) {
      const auto bytes = old_image(version, big, text);
      const auto r = evidence::read_alone(squashfs(), base::bytes_of(bytes), "squashfs");
      ASSERT_TRUE(r.result) << version << big << r.result.error().what;
      for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << version << big << i.value;
      ASSERT_TRUE(r.sink.child_named("file") && r.sink.child_named("ln")) << version << big;
      EXPECT_EQ(base::text_of(r.sink.child_named("file")->bytes), text);
      EXPECT_EQ(r.sink.child_named("file")->entry.mode, 0640u);
      EXPECT_EQ(r.sink.child_named("file")->entry.uid, 1000u);
      EXPECT_EQ(r.sink.child_named("file")->entry.gid, 7u);
      EXPECT_EQ(r.sink.child_named("ln")->entry.link, "file");
      EXPECT_EQ(left_over(r, bytes.size()), 0u);
    }
}
TEST(Squashfs, OldVersionsSurvive) {
  for (const unsigned version : {1u, 2u, 3u}) expect_survives(squashfs(), old_image(version, version == 2, some_text(5000)), "squashfs", 2000);
}

TEST(Squashfs, OldVersionsAndLzmaWithoutHeaders) {
  std::set<Sums> answers;
  for (const std::string name : {"avm_le.sqfs4", "lz4.sqfs", "xz.sqfs", "lzma1_le.sqfs3", "lzma_be.sqfs2", "lzma_le.sqfs2", "zlib_be.sqfs3"}) {
    const auto bytes = shared_input("firmware/squashFS/" + name);
    if (!bytes) GTEST_SKIP();
    const auto r = evidence::read_alone(squashfs(), *bytes, "squashfs");
    ASSERT_TRUE(r.result) << name << ": " << r.result.error().what;
    EXPECT_EQ(sums(r).size(), 3u) << name;
    answers.insert(sums(r));
    EXPECT_EQ(left_over(r, bytes->size()), 0u) << name;
  }
  EXPECT_EQ(answers.size(), 1u) << "all hold the same three files";
}
TEST(Squashfs, BigEndianVersionTwo) {
  const auto bytes = shared_input("binwalk/squashfs_v2.bin");
  if (!bytes) GTEST_SKIP();
  const auto r = evidence::read_alone(squashfs(), *bytes, "squashfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(sums(r).size(), 263u) << "as unsquashfs lists them";
  for (const auto& i : r.sink.all(evidence::Facet::trouble)) ADD_FAILURE() << i.value;
  EXPECT_EQ(left_over(r, bytes->size()), 0u);
}
TEST(Squashfs, Survives) { expect_survives(squashfs(), image(some_text(5000)), "squashfs", 6000); }

}  // namespace
}  // namespace unpack
