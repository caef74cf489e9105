#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/xar/sha1.h"

namespace unpack {
const evidence::Reader& xar();
namespace {

using xar_format::sha1;

std::string be(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string data(std::size_t offset, std::size_t length, std::size_t size, const std::string& style) {
  return fmt::format("<offset>{}</offset><length>{}</length><size>{}</size><encoding style=\"{}\"/>", offset, length, size, style);
}
// A folder with a packed file, a plain one, an attribute, a symlink and a hard link.
std::string archive() {
  const auto packed = deflated(some_text(3000), 15), bzip2 = bzipped("with bzip2");
  const std::string heap = std::string(20, '\0') + packed + "plain text" + bzip2;
  const auto plain_at = 20 + packed.size(), bzip2_at = plain_at + 10;
  const auto toc = "<?xml version=\"1.0\"?><xar><toc><checksum style=\"sha1\"><offset>0</offset><size>20</size></checksum>"
                   "<file id=\"1\"><name>folder</name><type>directory</type><mode>0755</mode>"
                   "<file id=\"2\"><name>a&amp;b</name><type>file</type><mode>04755</mode><uid>3</uid><data>" + data(20, packed.size(), 3000, "application/x-gzip") + "</data></file>"
                   "<file id=\"3\"><name enctype=\"base64\">cGxhaW4=</name><type>file</type><data>" + data(plain_at, 10, 10, "application/octet-stream") + "</data>"
                   "<ea id=\"0\"><name>com.example</name>" + data(bzip2_at, bzip2.size(), 10, "application/x-bzip2") + "</ea></file>"
                   "<file id=\"4\"><name>link</name><type>symlink</type><link type=\"file\">a&amp;b</link></file>"
                   "<file id=\"5\"><name>hard</name><type link=\"2\">hardlink</type></file></file></toc></xar>";
  const auto table = deflated(toc, 15);
  const auto sum = sha1(base::bytes_of(table));
  auto out = "xar!" + be(28, 2) + be(1, 2) + be(table.size(), 8) + be(toc.size(), 8) + be(1, 4) + table + heap;
  return out.replace(28 + table.size(), 20, base::text_of(sum));
}

TEST(Xar, FilesLinksAndAttributes) {
  const auto bytes = archive();
  const auto r = evidence::read_alone(xar(), base::bytes_of(bytes), "xar");
  ASSERT_TRUE(r.result) << r.result.error().what;
  for (const auto& i : r.sink.items) ADD_FAILURE() << i.value;
  ASSERT_TRUE(r.sink.child_named("folder/a&b"));
  EXPECT_EQ(base::text_of(r.sink.child_named("folder/a&b")->bytes), some_text(3000));
  EXPECT_EQ(r.sink.child_named("folder/a&b")->entry.mode, 04755u);
  EXPECT_EQ(r.sink.child_named("folder/a&b")->entry.uid, 3u);
  ASSERT_TRUE(r.sink.child_named("folder/plain"));
  EXPECT_EQ(base::text_of(r.sink.child_named("folder/plain")->bytes), "plain text");
  ASSERT_TRUE(r.sink.child_named("folder/plain:com.example"));
  EXPECT_EQ(base::text_of(r.sink.child_named("folder/plain:com.example")->bytes), "with bzip2");
  EXPECT_EQ(r.sink.child_named("folder/link")->entry.link, "a&b");
  EXPECT_EQ(r.sink.child_named("folder/hard")->entry.link, "folder/a&b");
  const auto tiles = evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""});
  for (const auto& t : *tiles) EXPECT_TRUE(t.label == evidence::Label::handed_on || t.label == evidence::Label::structure) << t.range.offset;
}
TEST(Xar, WrongSumsAndHiddenHeap) {
  auto bytes = archive();
  bytes[28 + 9] = static_cast<char>(bytes[28 + 9]);
  const auto at = bytes.find("plain text");
  const auto r = evidence::read_alone(xar(), base::bytes_of(bytes + "bytes that no file uses"), "xar");
  EXPECT_TRUE(std::ranges::any_of(r.sink.children, [](const auto& c) { return c.entry.origin == artifact::Origin::hidden && base::text_of(c.bytes) == "bytes that no file uses"; }));
  bytes[at - 30] ^= 1;
  EXPECT_TRUE(evidence::read_alone(xar(), base::bytes_of(bytes), "xar").sink.has(evidence::Facet::trouble, "malformed"));
}
TEST(Xar, Survives) { expect_survives(xar(), archive(), "xar"); }
TEST(Xar, Sha1) {
  EXPECT_EQ(base::to_hex(sha1(base::bytes_of("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(base::to_hex(sha1(base::bytes_of(std::string(1000, 'a')))), "291e9a6c66994949b57ba5e650361e98fc36b1ba");
}
// An archive that an independent tool made.
TEST(Xar, SameFilesAsBsdtarWrote) {
  const parse::ScratchFolder folder;
  const auto text = some_text(100'000);
  folder.write("a", text);
  folder.write("b", "short");
  for (const auto* compression : {"gzip", "bzip2", "xz", "lzma", "none"}) {
    if (!parse::run_tool(fmt::format("cd '{}' && bsdtar --format xar --options xar:compression={} -cf out.xar a b", folder / "", compression))) GTEST_SKIP() << "no bsdtar";
    const auto bytes = parse::file_bytes(folder / "out.xar");
    const auto r = evidence::read_alone(xar(), bytes, "xar");
    ASSERT_TRUE(r.result) << compression << r.result.error().what;
    for (const auto& i : r.sink.items) ADD_FAILURE() << compression << " " << i.value;
    ASSERT_TRUE(r.sink.child_named("a")) << compression;
    EXPECT_EQ(base::text_of(r.sink.child_named("a")->bytes), text) << compression;
    EXPECT_EQ(base::text_of(r.sink.child_named("b")->bytes), "short") << compression;
  }
}

}  // namespace
}  // namespace unpack
