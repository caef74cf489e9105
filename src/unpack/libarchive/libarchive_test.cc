#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& libarchive();
namespace {

using evidence::Facet;

// Written by libarchive's own writers, where it has one: 7z.
std::string made(int (*format)(struct archive*), const std::vector<std::pair<std::string, std::string>>& files) {
  std::string out(1 << 22, '\0');
  std::size_t used = 0;
  auto* a = archive_write_new();
  EXPECT_EQ(format(a), ARCHIVE_OK);
  archive_write_set_bytes_in_last_block(a, 1);
  archive_write_open_memory(a, out.data(), out.size(), &used);
  for (const auto& [name, content] : files) {
    auto* e = archive_entry_new();
    archive_entry_set_pathname(e, name.c_str());
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0755);
    archive_entry_set_size(e, static_cast<la_int64_t>(content.size()));
    archive_write_header(a, e);
    archive_write_data(a, content.data(), content.size());
    archive_entry_free(e);
  }
  archive_write_close(a);
  archive_write_free(a);
  out.resize(used);
  return out;
}

TEST(Libarchive, ReadsWhatItsWritersWrite) {
  const auto text = some_text(300'000);
  const std::vector<std::pair<std::string_view, int (*)(struct archive*)>> formats = {
      {"7z", archive_write_set_format_7zip}};
  for (const auto& [kind, format] : formats) {
    const auto whole = made(format, {{"d/a.txt", text}, {"b", "x"}});
    const auto r = evidence::read_alone(libarchive(), base::bytes_of(whole), kind);
    ASSERT_TRUE(r.result) << kind << r.result.error().what;
    ASSERT_TRUE(r.sink.child_named("d/a.txt")) << kind;
    EXPECT_EQ(base::text_of(r.sink.child_named("d/a.txt")->bytes), text) << kind;
    EXPECT_TRUE(r.sink.all(Facet::concealment).empty());
  }
}
TEST(Libarchive, BytesBehindTheEndOfA7z) {
  const auto r = evidence::read_alone(libarchive(), base::bytes_of(made(archive_write_set_format_7zip, {{"a", "1"}}) + "#!/bin/sh"), "7z");
  ASSERT_TRUE(r.sink.child_named("after-the-end"));
  EXPECT_EQ(base::text_of(r.sink.child_named("after-the-end")->bytes), "#!/bin/sh");
}
TEST(Libarchive, AnLhaMemberStored) {
  const std::string content = "hello";
  std::string h = "-lh0-" + std::string("\5\0\0\0\5\0\0\0\0\0\0\0\x20\0\1f\0\0", 17);  // sizes, time, attribute, level 0, name "f", CRC
  h.resize(5 + 4 + 4 + 4);
  h += std::string("\x20\0", 2) + "\1f" + std::string("\0\0", 2);
  unsigned sum = 0;
  for (const unsigned char c : h) sum += c;
  const auto whole = std::string(1, static_cast<char>(h.size())) + static_cast<char>(sum) + h + content + '\0';
  const auto r = evidence::read_alone(libarchive(), base::bytes_of(whole), "lha");
  EXPECT_EQ(r.sink.children.size(), 1u);
}
TEST(Libarchive, EncryptedMembersMakeTheContentOpaque) {
  const parse::ScratchFolder folder;
  (void)folder.write("a.txt", some_text(3000));
  if (!parse::run_tool("cd " + (folder / "") + " && 7z a -psecret a.7z a.txt")) GTEST_SKIP() << "7z is not installed";
  const auto bytes = parse::file_bytes(folder / "a.7z");
  const auto r = evidence::read_alone(libarchive(), bytes, "7z");
  EXPECT_TRUE(r.sink.has(Facet::trouble, "encrypted", "a.txt"));
  const auto t = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_GT(t.of(evidence::Label::opaque), bytes.size() / 2);
  EXPECT_EQ(t.of(evidence::Label::handed_on), 0u);
}
TEST(Libarchive, Survives7z) { expect_survives(libarchive(), made(archive_write_set_format_7zip, {{"a", some_text(300)}, {"b", "2"}}), "7z", 1500, "f", 300); }

}  // namespace
}  // namespace unpack
