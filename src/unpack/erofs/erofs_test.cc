#include <gtest/gtest.h>

#include "unpack/disk/make.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& erofs();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

// Blocks of 4096 bytes: 0 superblock, 1 inodes (with the root's entries and a tail behind theirs), 2 data.
std::string image(const std::string& text) {
  std::string out(4 * 4096, '\0');
  const auto put = [&](std::size_t at, const std::string& bytes) { out.replace(at, bytes.size(), bytes); };
  put(1024, n(0xE0F5E1E2, 4) + n(0, 8) + n(12, 1) + n(0, 1) + n(0, 2) + n(4, 8) + n(0, 12) + n(3, 4) + n(1, 4));
  const auto inode = [&](unsigned nid, unsigned layout, unsigned mode, std::uint64_t size, unsigned raw, const std::string& tail) {
    put(4096 + nid * 32, n(layout << 1, 2) + n(0, 2) + n(mode, 2) + n(1, 2) + n(size, 4) + n(0, 4) + n(raw, 4) + n(nid, 4) + n(3, 2) + n(4, 2) + n(0, 4) + tail);
  };
  const auto entry = [](unsigned nid, unsigned name) { return n(nid, 8) + n(name, 2) + n(1, 1) + n(0, 1); };
  const auto names = entry(0, 48) + entry(0, 49) + entry(10, 51) + entry(20, 55) + "..." + "file" + "link";
  inode(0, 2, 040755, names.size(), 0, names);
  inode(10, 2, 0100644, text.size(), 2, text.substr(4096));
  inode(20, 2, 0120777, 4, 0, "file");
  put(2 * 4096, text.substr(0, 4096));
  put(3 * 4096 - 64, "");
  return out;
}

TEST(Erofs, InlineTailsAndLinks) {
  const auto text = some_text(4200);
  const auto bytes = image(text);
  const auto r = evidence::read_alone(erofs(), base::bytes_of(bytes), "erofs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(contents(r).contains("file"));
  EXPECT_EQ(contents(r).at("file"), text);
  EXPECT_EQ(r.sink.child_named("file")->entry.uid, 3u);
  EXPECT_EQ(r.sink.child_named("link")->entry.link, "file");
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
}
TEST(Erofs, Survives) { expect_survives(erofs(), image(some_text(4200)), "erofs", 3000, "file", 256); }

class ErofsMade : public testing::TestWithParam<const char*> {};
TEST_P(ErofsMade, SameAsTheFolder) {
  const parse::ScratchFolder folder;
  const auto bytes = made_image(folder,
                                std::string("mkdir -p tree/many; i=0; while [ $i -lt 300 ]; do echo content of $i > tree/many/a-rather-long-name-of-a-file-$i; i=$((i+1)); done; seq 200000 > tree/large; head -c 70000 /dev/urandom > "
                                            "tree/noise; cat tree/noise tree/large tree/noise > tree/mixed; seq 3000 > tree/middle; ln -s large tree/soft; ln tree/large tree/hard; mkfs.erofs -x-1 ") +
                                    GetParam() + " image tree");
  if (bytes.empty()) GTEST_SKIP() << "no mkfs.erofs with this";
  const auto r = evidence::read_alone(erofs(), bytes, "erofs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  for (const auto& i : r.sink.items) ADD_FAILURE() << i.word << ": " << i.value;
  const auto got = contents(r);
  std::size_t count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder / "tree")) {
    if (!file.is_regular_file() || file.is_symlink() || file.hard_link_count() > 1) continue;
    const auto name = std::filesystem::relative(file.path(), folder / "tree").string();
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_EQ(base::sha256(got.at(name)).hex(), base::sha256(parse::file_bytes(file.path())).hex()) << name;
    ++count;
  }
  EXPECT_EQ(count, 303u);
  const auto* large = got.contains("large") ? &got.at("large") : &got.at("hard");
  EXPECT_EQ(base::sha256(*large).hex(), base::sha256(parse::file_bytes(folder / "tree/large")).hex());
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
}
INSTANTIATE_TEST_SUITE_P(Kinds, ErofsMade, testing::Values("", "-zlz4", "-zlz4hc -C65536", "-zlz4 -Elegacy-compress", "-zlz4 -Eztailpacking", "--chunksize=8192", "-zlz4 -Enoinline_data"));

}  // namespace
}  // namespace unpack
