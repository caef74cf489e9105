#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& iso();
namespace {

using evidence::Facet;
using evidence::Label;

// By libarchive's writer: Rock Ridge and Joliet, zisofs where asked.
std::string iso_of(const std::vector<std::pair<std::string, std::string>>& files, const char* options = "") {
  std::string out(4 << 20, '\0');
  std::size_t used = 0;
  auto* a = archive_write_new();
  archive_write_set_format_iso9660(a);
  EXPECT_EQ(archive_write_set_options(a, options), ARCHIVE_OK);
  archive_write_open_memory(a, out.data(), out.size(), &used);
  for (const auto& [name, content] : files) {
    auto* e = archive_entry_new();
    archive_entry_set_pathname(e, name.c_str());
    archive_entry_set_perm(e, 0750);
    archive_entry_set_uid(e, 12);
    if (content.starts_with("->")) {
      archive_entry_set_filetype(e, AE_IFLNK);
      archive_entry_set_symlink(e, content.c_str() + 2);
    } else {
      archive_entry_set_filetype(e, AE_IFREG);
      archive_entry_set_size(e, static_cast<la_int64_t>(content.size()));
    }
    archive_write_header(a, e);
    if (!content.starts_with("->")) archive_write_data(a, content.data(), content.size());
    archive_entry_free(e);
  }
  archive_write_close(a);
  archive_write_free(a);
  out.resize(used);
  return out;
}
evidence::Reading read(const std::string& bytes) { return evidence::read_alone(iso(), base::bytes_of(bytes), "iso"); }
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
std::uint64_t unread(const evidence::Reading& r, std::size_t size) {
  const auto t = evidence::tally(*evidence::tile(r.sink.claims, size, {{}, Label::scanned, ""}));
  return t.of(Label::scanned) + t.of(Label::opaque);
}
const std::string long_name = "a folder/a rather long name with spaces, and a letter \xC3\xA9.txt";

TEST(Iso, RockRidgeNamesModesAndLinks) {
  const auto bytes = iso_of({{long_name, some_text(5000)}, {"b", "2"}, {"empty", ""}, {"l", "->../b/c"}}, "rockridge=strict");
  const auto r = read(bytes);
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, long_name), some_text(5000));
  EXPECT_EQ(content(r, "b"), "2");
  EXPECT_EQ(content(r, "empty"), "");
  ASSERT_TRUE(r.sink.child_named("l"));
  EXPECT_EQ(r.sink.child_named("l")->entry.link, "../b/c");
  EXPECT_EQ(r.sink.child_named("b")->entry.mode, 0750u);
  EXPECT_EQ(r.sink.child_named("b")->entry.uid, 12u);
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
  EXPECT_LE(unread(r, bytes.size()), 64u);
}
TEST(Iso, JolietNamesWithoutRockRidge) {
  const auto r = read(iso_of({{"a folder/a rather long name.txt", "1"}, {"b", "2"}}, "!rockridge"));
  EXPECT_EQ(content(r, "a folder/a rather long name.txt"), "1");
  const auto members = std::ranges::count_if(r.sink.children, [](const evidence::Child& c) { return c.entry.origin == artifact::Origin::member; });
  EXPECT_EQ(members, 3) << "a file or folder was handed on twice";
}
TEST(Iso, CompressedFilesAreDecompressed) {
  const auto text = some_text(100'000);
  const auto bytes = iso_of({{"z", text + std::string(70'000, '\0')}}, "zisofs=direct");
  EXPECT_TRUE(content(read(bytes), "z") == text + std::string(70'000, '\0'));
}
TEST(Iso, BlocksThatNoTreeNamesAndTheSystemArea) {
  auto bytes = iso_of({{"a", some_text(2048)}, {"b", "x"}});
  const auto b = bytes.find(std::string("x\0\0\0", 4));
  ASSERT_NE(b, std::string::npos);
  bytes.replace(b + 100, 30, "thirty bytes in a file's slack");
  bytes.replace(16, 20, "code that boots here");
  const auto r = read(bytes);
  EXPECT_EQ(content(r, "system-area").substr(16, 20), "code that boots here");
  bool found = false;
  for (const auto& c : r.sink.children) found = found || (c.entry.origin == artifact::Origin::hidden && base::text_of(c.bytes).find("a file's slack") != std::string_view::npos);
  EXPECT_TRUE(found);
}
TEST(Iso, AFileThatOnlyOneTreeNamesIsHidden) {
  // The Rock Ridge tree's record of "b" is made to point at "a".
  auto bytes = iso_of({{"a", some_text(2048)}, {"b", "the file of the other tree"}});
  const auto place = [&](std::string_view text) { return static_cast<std::uint32_t>(bytes.find(text) / 2048); };
  const auto b = place("the file of the other tree"), a = place("line 0");
  // A record says where its file stands in both byte orders.
  const auto both = [](std::uint32_t v) {
    std::string out;
    for (int i = 0; i < 4; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
    for (int i = 3; i >= 0; --i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
    return out;
  };
  const auto record = bytes.find(both(b) + both(26));
  ASSERT_NE(record, std::string::npos);
  bytes.replace(record, 16, both(a) + both(2048));
  const auto r = read(bytes);
  bool hidden = false;
  for (const auto& c : r.sink.children) hidden = hidden || (c.entry.origin == artifact::Origin::hidden && base::text_of(c.bytes) == "the file of the other tree");
  EXPECT_TRUE(hidden);
  EXPECT_TRUE(r.sink.has(Facet::concealment, "mismatch", "b"));
}
TEST(Iso, ARealMakersImageWithABootImage) {
  const parse::ScratchFolder folder;
  if (!parse::run_tool("cd " + (folder / "") + " && mkdir -p t/d && seq 1 40000 > t/d/numbers && seq 5 > t/x && head -c 2048 /dev/zero | tr '\\0' B > t/boot.bin && ln -s d/numbers t/l && genisoimage -quiet -R -J -b boot.bin -no-emul-boot -c boot.cat -o o.iso t"))
    GTEST_SKIP() << "genisoimage is not installed";
  const auto bytes = parse::file_bytes(folder / "o.iso");
  const auto r = evidence::read_alone(iso(), bytes, "iso");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "d/numbers"), base::text_of(parse::file_bytes(folder / "t/d/numbers")));
  EXPECT_EQ(content(r, "x"), "1\n2\n3\n4\n5\n");
  EXPECT_EQ(content(r, "boot.bin").size(), 2048u);
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
  EXPECT_LE(unread(r, bytes.size()), 64u);
}
TEST(Iso, Survives) {
  // The descriptors and folders are what a reader believes; mutants of the whole would mostly hit zeros.
  const auto sound = iso_of({{long_name, some_text(300)}, {"b", "2"}, {"l", "->../b/c"}, {"d/e/f/g", "3"}});
  std::mt19937 random(11);
  for (int round = 0; round < 1500; ++round) {
    auto bytes = sound;
    for (unsigned i = 0; i < 1 + random() % 8; ++i) {
      const auto at = 0x8000 + random() % (bytes.size() - 0x8000);
      if (bytes[at] || random() % 64 == 0) bytes[at] = static_cast<char>(random() % 3 ? random() : 0xFF);
    }
    if (random() % 16 == 0) bytes.resize(random() % bytes.size());
    read_hostile(iso(), base::bytes_of(bytes), "iso", "f");
  }
}

}  // namespace
}  // namespace unpack
