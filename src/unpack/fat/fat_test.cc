#include <gtest/gtest.h>

#include "base/cursor.h"
#include "unpack/disk/make.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& fat();
namespace {

using namespace std::string_literals;

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string entry(const std::string& name, int attributes, unsigned cluster, std::uint64_t size) { return name + n(attributes, 1) + n(0, 14) + n(cluster, 2) + n(size, 4); }
void put(std::string& image, std::size_t at, const std::string& bytes) { image.replace(at, bytes.size(), bytes); }

// FAT12: sector 0 boot, 1 and 2 the tables, 3 the root, 4 on the clusters of one sector each.
// Clusters 2 and 4 a file, 3 a folder with a file in 5, 6 and 7 a deleted file.
std::string image() {
  std::string out(40 * 512, '\0');
  put(out, 0, "\xEB\x3C\x90" + std::string("mkfs.fat") + n(512, 2) + n(1, 1) + n(1, 2) + n(2, 1) + n(16, 2) + n(40, 2) + n(0xF8, 1) + n(1, 2));
  put(out, 62, "this is boot code, really");
  put(out, 510, "\x55\xAA");
  // 12-bit entries: 0 FF8, 1 FFF, 2 -> 4, 3 end, 4 end, 5 end, 6 and 7 free
  for (const auto at : {512, 1024}) put(out, at, std::string("\xF8\xFF\xFF\x04\xF0\xFF\xFF\xFF\xFF", 9));
  const auto unit = [](const std::string& s) {
    std::string w;
    for (const char c : s) w += c, w += '\0';
    return w;
  };
  unsigned char sum = 0;
  for (const unsigned char c : std::string("LONGNA~1TXT")) sum = static_cast<unsigned char>((sum << 7 | sum >> 1) + c);
  // the last part stands first: "A very, very " + "long.txt" is 13 + 8 units
  std::string root = n(0x42, 1) + unit("long.") + n(0x0F, 1) + n(0, 1) + n(sum, 1) + unit("txt") + n(0, 2) + std::string(4, '\xFF') + n(0, 2) + std::string(4, '\xFF') + n(1, 1) + unit("A ver") + n(0x0F, 1) +
         n(0, 1) + n(sum, 1) + unit("y, ver") + n(0, 2) + unit("y ");
  root += entry("LONGNA~1TXT", 0x20, 2, 700) + entry("SUB        ", 0x10, 3, 0) + entry("\xE5ONE    BIN", 0x20, 6, 800) + entry("A DISK     ", 8, 0, 0);
  put(out, 3 * 512, root);
  const auto cluster = [](unsigned c) { return (4 + c - 2) * 512u; };
  put(out, cluster(2), some_text(512));
  put(out, cluster(4), some_text(700).substr(512));
  put(out, cluster(3), entry(".          ", 0x10, 3, 0) + entry("..         ", 0x10, 0, 0) + entry("INNER      ", 0x20, 5, 5));
  put(out, cluster(5), "inner\0slack behind the end of the file"s);
  put(out, cluster(6), std::string(800, 'g'));
  return out;
}

TEST(Fat, LongNamesFoldersSlackAndDeletedFiles) {
  const auto bytes = image();
  const auto r = evidence::read_alone(fat(), base::bytes_of(bytes), "fat");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto got = contents(r);
  EXPECT_EQ(got.at("A very, very long.txt"), some_text(700));
  EXPECT_EQ(got.at("SUB/INNER"), "inner");
  const auto hidden = contents(r, artifact::Origin::hidden);
  EXPECT_EQ(hidden.at("_ONE.BIN"), std::string(800, 'g'));
  for (const std::string_view part : {"this is boot code", "slack behind the end"})
    EXPECT_TRUE(std::ranges::any_of(hidden, [&](const auto& h) { return h.second.find(part) != h.second.npos; })) << part;
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Fat, TablesThatDifferAndSharedClustersAreNamed) {
  auto bytes = image();
  bytes[1024 + 9] = 7;
  put(bytes, 3 * 512 + 7 * 32, entry("SECOND  BIN", 0x20, 2, 100));
  put(bytes, 3 * 512 + 6 * 32, entry("THIRD   BIN", 0x20, 9, 100));
  const auto r = evidence::read_alone(fat(), base::bytes_of(bytes), "fat");
  EXPECT_TRUE(r.sink.has(evidence::Facet::concealment, "mismatch", "the copies of the file allocation table differ from byte 9 on"));
  EXPECT_TRUE(r.sink.has(evidence::Facet::concealment, "mismatch", "clusters of SECOND.BIN belong to another file too"));
}
TEST(Fat, ARingOfClustersEnds) {
  auto bytes = image();
  put(bytes, 512 + 3, "\x02\xF0");
  put(bytes, 3 * 512 + 64 + 28, n(100000, 4));
  const auto r = evidence::read_alone(fat(), base::bytes_of(bytes), "fat");
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "malformed", "A very, very long.txt: its chain runs in a ring"));
}
TEST(Fat, Survives) { expect_survives(fat(), image(), "fat", 3000, "file", 512); }

const char* const make_tree =
    "mkdir -p tree/folder/inner; i=0; while [ $i -lt 120 ]; do seq $i 400 > \"tree/folder/A long name of file $i.text\"; i=$((i+1)); done; seq 60000 > tree/large.bin; printf x > tree/folder/inner/SHORT.TXT;";

// Against what mcopy takes out of the same volume.
class FatMade : public testing::TestWithParam<const char*> {};
TEST_P(FatMade, SameAsMtools) {
  const parse::ScratchFolder folder;
  const auto bytes = made_image(folder, std::string(make_tree) + "mkfs.fat " + GetParam() + "; mcopy -s -i image tree/* ::; mcopy -i image tree/large.bin ::gone.bin; mdel -i image ::gone.bin; mkdir out; mcopy -s -n -i image '::*' out");
  if (bytes.empty()) GTEST_SKIP() << "no mkfs.fat or mtools";
  const auto r = evidence::read_alone(fat(), bytes, "fat");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto got = contents(r);
  std::size_t count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder / "out")) {
    if (!file.is_regular_file()) continue;
    const auto name = std::filesystem::relative(file.path(), folder / "out").string();
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_EQ(base::sha256(got.at(name)).hex(), base::sha256(parse::file_bytes(file.path())).hex()) << name;
    ++count;
  }
  EXPECT_EQ(count, 122u);
  EXPECT_EQ(got.size(), count);
  const auto hidden = contents(r, artifact::Origin::hidden);
  ASSERT_TRUE(hidden.contains("gone.bin") || hidden.contains("_ONE.BIN") || hidden.contains("_one.bin")) << "the deleted file";
  for (const auto* name : {"gone.bin", "_ONE.BIN", "_one.bin"})
    if (hidden.contains(name)) {
      EXPECT_EQ(base::sha256(hidden.at(name)).hex(), base::sha256(parse::file_bytes(folder / "tree/large.bin")).hex());
    }
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  for (const auto& i : r.sink.items) ADD_FAILURE() << i.word << ": " << i.value;
}
INSTANTIATE_TEST_SUITE_P(Kinds, FatMade, testing::Values("-C image 1440", "-F 16 -C image 16384", "-F 32 -s 1 -C image 40000", "-F 16 -S 2048 -s 1 -C image 30000"));

// exFAT without a program that fills it: an empty volume of mkfs.exfat, with entries written by hand.
base::Buffer exfat_image(const parse::ScratchFolder& folder) {
  auto bytes = made_image(folder, "truncate -s 4M image; mkfs.exfat image");
  if (bytes.empty()) return bytes;
  base::Cursor at{base::Bytes(bytes)};
  at.seek(88);
  const std::uint64_t heap = at.u32();
  at.skip(4);
  const std::uint64_t root = at.u32();
  at.seek(109);
  const std::uint64_t cluster = 512ull << at.u8();
  const auto place = [&](std::uint64_t c) { return heap * 512 + (c - 2) * cluster; };
  const auto write = [&](std::uint64_t where, const std::string& text) { std::ranges::copy(text, bytes.begin() + static_cast<std::ptrdiff_t>(where)); };
  std::uint64_t free = place(root);
  while (bytes[free]) free += 32;
  const auto set = [&](int live, const std::string& name, int attributes, std::uint64_t first, std::uint64_t size, std::uint64_t valid) {
    std::string units;
    for (const char c : name) units += c, units += '\0';
    units.resize(30);
    return n(live | 5, 1) + n(2, 1) + n(0, 2) + n(attributes, 2) + std::string(26, '\0') + n(live | 0x40, 1) + n(3, 1) + n(0, 1) + n(name.size(), 1) + n(0, 4) + n(valid, 8) + n(0, 4) + n(first, 4) +
           n(size, 8) + n(live | 0x41, 1) + n(0, 1) + units;
  };
  write(free, set(0x80, "file.txt", 0x20, root + 1, 3000, 2000) + set(0x80, "folder", 0x10, root + 2, cluster, cluster) + set(0, "gone.txt", 0x20, root + 3, 600, 600));
  write(place(root + 1), some_text(3000));
  write(place(root + 2), set(0x80, "inner", 0x20, root + 4, 5, 5));
  write(place(root + 3), some_text(600));
  write(place(root + 4), "inner");
  return bytes;
}
TEST(Fat, ExfatFoldersValidLengthAndDeletedFiles) {
  const parse::ScratchFolder folder;
  const auto bytes = exfat_image(folder);
  if (bytes.empty()) GTEST_SKIP() << "no mkfs.exfat";
  const auto r = evidence::read_alone(fat(), bytes, "exfat");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto got = contents(r);
  ASSERT_TRUE(got.contains("file.txt"));
  EXPECT_EQ(got.at("file.txt"), some_text(2000) + std::string(1000, '\0'));
  EXPECT_EQ(got.at("folder/inner"), "inner");
  EXPECT_EQ(contents(r, artifact::Origin::hidden).at("gone.txt"), some_text(600));
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Fat, SurvivesHostileExfat) {
  const parse::ScratchFolder folder;
  const auto bytes = exfat_image(folder);
  if (bytes.empty()) GTEST_SKIP() << "no mkfs.exfat";
  expect_survives(fat(), std::string(base::text_of(bytes)), "exfat", 300, "file", 16);
}

}  // namespace
}  // namespace unpack
