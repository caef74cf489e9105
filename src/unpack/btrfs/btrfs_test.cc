#include <gtest/gtest.h>

#include "unpack/disk/make.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& btrfs();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string key(std::uint64_t object, int type, std::uint64_t offset) { return n(object, 8) + n(type, 1) + n(offset, 8); }
struct Made {
  std::string key, bytes;
};
std::string leaf(std::uint64_t logical, const std::vector<Made>& items) {
  std::string head(48, '\0'), list, data;
  head += n(logical, 8) + std::string(40, '\0') + n(items.size(), 4) + n(0, 1);
  std::uint64_t end = 4096 - 101;
  for (const auto& i : items) {
    end -= i.bytes.size();
    list += i.key + n(end, 4) + n(i.bytes.size(), 4);
    data = i.bytes + data;
  }
  head += list;
  head.resize(4096 - data.size());
  return head + data;
}
std::string inode(unsigned mode, std::uint64_t size) { return n(0, 16) + n(size, 8) + n(0, 16) + n(1, 4) + n(5, 4) + n(6, 4) + n(mode, 4) + std::string(104, '\0'); }
std::string name(std::uint64_t target, int type, const std::string& text) { return key(target, type, 0) + n(0, 10) + n(text.size(), 2) + n(1, 1) + text; }
std::string inlined(const std::string& raw, std::uint64_t size, int compression) { return n(1, 8) + n(size, 8) + n(compression, 1) + n(0, 4) + raw; }
std::string regular(std::uint64_t logical, std::uint64_t stored, std::uint64_t size, int compression) {
  return n(1, 8) + n(size, 8) + n(compression, 1) + n(0, 3) + n(1, 1) + n(logical, 8) + n(stored, 8) + n(0, 8) + n(size, 8);
}
// LZO1X with nothing but literals, in the form of one segment.
std::string lzo_stored(const std::string& text) {
  const auto block = n(17 + text.size(), 1) + text + std::string("\x11\0\0", 3);
  return n(8 + block.size(), 4) + n(block.size(), 4) + block;
}

// One chunk that maps logical 1 MiB on to byte 128 KiB on; nodes of 4096 bytes.
std::string image(const std::string& text) {
  constexpr std::uint64_t base = 1 << 20, at = 128 << 10;
  std::string out(512 << 10, '\0');
  const auto put = [&](std::uint64_t where, const std::string& bytes) { out.replace(where, bytes.size(), bytes); };
  const auto node = [&](int i, const std::vector<Made>& items) { put(at + i * 4096, leaf(base + i * 4096, items)); };
  const auto chunk = n(256 << 10, 8) + n(2, 8) + n(65536, 8) + n(1, 8) + n(0, 12) + n(1, 2) + n(0, 2) + n(1, 8) + n(at, 8) + std::string(16, '\0');
  const auto system = key(256, 228, base) + chunk;
  put(65536 + 48, n(65536, 8) + n(0, 8) + "_BHRfS_M" + n(1, 8) + n(base + 4096, 8) + n(base, 8) + n(0, 16) + n(512 << 10, 8) + n(0, 16) + n(1, 8) + n(4096, 4) + n(4096, 4) + n(4096, 8) + n(system.size(), 4));
  put(65536 + 201, n(1, 8) + n(512 << 10, 8));
  put(65536 + 811, system);
  const auto tree_root = [&](int i) { return std::string(176, '\0') + n(base + i * 4096, 8) + std::string(255, '\0'); };
  node(0, {{key(256, 228, base), chunk}});
  node(1, {{key(5, 132, 0), tree_root(2)}, {key(256, 132, 0), tree_root(3)}, {key(300, 132, 0), tree_root(4)}});
  const auto packed = deflated(text, 15);
  node(2, {{key(256, 1, 0), inode(040755, 0)}, {key(256, 96, 2), name(257, 1, "plain")}, {key(256, 96, 3), name(258, 1, "packed")}, {key(256, 96, 4), name(256, 132, "sub")}, {key(256, 96, 5), name(259, 1, "lzo")},
           {key(256, 96, 6), name(260, 1, "link")}, {key(257, 1, 0), inode(0100644, 12288)}, {key(257, 108, 0), regular(base + (100 << 10), 4096, 4096, 0)},
           {key(257, 108, 8192), regular(base + (104 << 10), 4096, 4096, 0)}, {key(258, 1, 0), inode(0100600, text.size())}, {key(258, 108, 0), regular(base + (112 << 10), 4096, text.size(), 1)},
           {key(259, 1, 0), inode(0100600, 200)}, {key(259, 108, 0), inlined(lzo_stored(text.substr(0, 200)), 200, 2)}, {key(260, 1, 0), inode(0120777, 5)}, {key(260, 108, 0), inlined("plain", 5, 0)}});
  node(3, {{key(256, 1, 0), inode(040755, 0)}, {key(256, 96, 2), name(257, 1, "inner")}, {key(257, 1, 0), inode(0100644, 5)}, {key(257, 108, 0), inlined("inner", 5, 0)}});
  node(4, {{key(256, 1, 0), inode(040755, 0)}, {key(256, 96, 2), name(257, 1, "old")}, {key(257, 1, 0), inode(0100644, 3)}, {key(257, 108, 0), inlined("old", 3, 0)}});
  put(at + (100 << 10), std::string(4096, 'a'));
  put(at + (104 << 10), std::string(4096, 'b'));
  put(at + (112 << 10), packed);
  put(at + (200 << 10), "free space that is not empty");
  return out;
}

TEST(Btrfs, SubvolumesHolesAndCompression) {
  const auto text = some_text(9000);
  const auto bytes = image(text);
  const auto r = evidence::read_alone(btrfs(), base::bytes_of(bytes), "btrfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  for (const auto& i : r.sink.items) ADD_FAILURE() << i.word << ": " << i.value;
  const auto got = contents(r), hidden = contents(r, artifact::Origin::hidden);
  ASSERT_TRUE(got.contains("plain") && got.contains("packed") && got.contains("sub/inner") && got.contains("lzo"));
  EXPECT_EQ(got.at("plain"), std::string(4096, 'a') + std::string(4096, '\0') + std::string(4096, 'b'));
  EXPECT_EQ(got.at("packed"), text);
  EXPECT_EQ(got.at("lzo"), text.substr(0, 200));
  EXPECT_EQ(got.at("sub/inner"), "inner");
  EXPECT_EQ(r.sink.child_named("link")->entry.link, "plain");
  EXPECT_EQ(hidden.at("subvolume-300/old"), "old") << "a subvolume that no folder names";
  EXPECT_TRUE(std::ranges::any_of(hidden, [](const auto& h) { return h.second == "free space that is not empty"; }));
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
}
TEST(Btrfs, Survives) { expect_survives(btrfs(), image(some_text(9000)), "btrfs", 1500, "file", 128); }

void expect_folder(const evidence::Reading& r, const std::filesystem::path& tree, std::size_t at_least) {
  const auto got = contents(r);
  std::size_t count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(tree)) {
    if (!file.is_regular_file() || file.is_symlink()) continue;
    const auto name = std::filesystem::relative(file.path(), tree).string();
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_EQ(base::sha256(got.at(name)).hex(), base::sha256(parse::file_bytes(file.path())).hex()) << name;
    ++count;
  }
  EXPECT_GE(count, at_least);
}
TEST(Btrfs, VolumesOfMkfs) {
  const parse::ScratchFolder folder;
  const auto bytes = made_image(folder,
                                "mkdir -p tree/many; i=0; while [ $i -lt 500 ]; do echo content of $i > tree/many/a-rather-long-name-of-a-file-$i; i=$((i+1)); done; seq 200000 > tree/large; printf tiny > tree/tiny; ln -s "
                                "large tree/soft; truncate -s 120M image; mkfs.btrfs -q --rootdir tree image");
  if (bytes.empty()) GTEST_SKIP() << "no mkfs.btrfs";
  const auto r = evidence::read_alone(btrfs(), bytes, "btrfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  for (const auto& i : r.sink.items) ADD_FAILURE() << i.word << ": " << i.value;
  expect_folder(r, folder / "tree", 502);
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
}
TEST(Btrfs, RealImage) {
  const auto bytes = shared_data("unpack/firmware/generic_fs/btrfs.img.xz");
  if (bytes.empty()) GTEST_SKIP() << "no shared inputs";
  const auto r = evidence::read_alone(btrfs(), bytes, "btrfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  for (const auto& i : r.sink.items) ADD_FAILURE() << i.word << ": " << i.value;
  const parse::ScratchFolder folder;
  folder.write("image", base::text_of(bytes));
  if (!parse::run_tool("cd '" + (folder / "") + "' && mkdir out && btrfs restore image out")) GTEST_SKIP() << "no btrfs";
  expect_folder(r, folder / "out", 3);
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
}

}  // namespace
}  // namespace unpack
