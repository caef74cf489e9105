#include <gtest/gtest.h>

#include "unpack/disk/make.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& udf();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
// A descriptor: its tag with the sum right, then the body.
std::string tagged(unsigned id, std::uint64_t location, const std::string& body) {
  std::string tag = n(id, 2) + n(2, 2) + n(0, 6) + n(body.size(), 2) + n(location, 4);
  unsigned char sum = 0;
  for (const unsigned char c : tag) sum = static_cast<unsigned char>(sum + c);
  tag[4] = static_cast<char>(sum);
  return tag + body;
}
std::string at_least(std::string text, std::size_t size) {
  text.resize(std::max(size, text.size()));
  return text;
}
std::string long_ad(std::uint64_t size, std::uint64_t block) { return n(size, 4) + n(block, 4) + n(0, 8); }
std::string file_entry(int type, unsigned flags, std::uint64_t size, const std::string& allocation, std::uint64_t block) {
  std::string body(160, '\0');
  body.replace(4, 2, n(4, 2));
  body.replace(11, 1, n(type, 1));
  body.replace(18, 2, n(flags, 2));
  body.replace(20, 4, n(7, 4));
  body.replace(28, 4, n(0x7C85, 4));
  body.replace(32, 2, n(1, 2));
  body.replace(40, 8, n(size, 8));
  body.replace(156, 4, n(allocation.size(), 4));
  return tagged(261, block, body + allocation);
}
std::string identifier(unsigned flags, const std::string& name, std::uint64_t block) {
  const auto coded = name.empty() ? "" : "\x08" + name;
  auto out = tagged(257, 0, n(1, 2) + n(flags, 1) + n(coded.size(), 1) + long_ad(512, block) + n(0, 2) + coded);
  out.resize((out.size() + 3) / 4 * 4);
  return out;
}

// Sectors of 512 bytes: anchor at 256, descriptors from 260, the partition from 270 on.
std::string image(const std::string& text) {
  std::string out(300 * 512, '\0');
  const auto put = [&](std::uint64_t sector, const std::string& bytes) { out.replace(sector * 512, bytes.size(), bytes); };
  put(64, std::string("\0BEA01\1", 7)), put(68, std::string("\0NSR02\1", 7)), put(72, std::string("\0TEA01\1", 7));
  put(256, tagged(2, 256, at_least(n(3 * 512, 4) + n(260, 4), 496)));
  put(260, tagged(5, 260, at_least(std::string(172, '\0') + n(270, 4) + n(30, 4), 496)));
  put(261, tagged(6, 261, at_least(std::string(196, '\0') + n(512, 4) + std::string(32, '\0') + long_ad(512, 0) + n(6, 4) + n(1, 4) + std::string(168, '\0') + n(1, 1) + n(6, 1) + n(1, 2) + n(0, 2), 496)));
  put(262, tagged(8, 262, std::string(496, '\0')));
  put(270, tagged(256, 0, at_least(std::string(384, '\0') + long_ad(512, 1), 496)));
  const auto names = identifier(10, "", 1) + identifier(0, "file", 2) + identifier(0, "small", 5) + identifier(4, "gone", 7);
  put(271, file_entry(4, 3, names.size(), names, 1));
  put(272, file_entry(5, 0, text.size(), n(512, 4) + n(3, 4) + n(512 | 1u << 30, 4) + n(0, 4) + n(text.size() - 1024, 4) + n(9, 4), 2));
  put(273, text.substr(0, 512));
  put(279, text.substr(1024));
  put(275, file_entry(5, 3, 5, "small", 5));
  put(277, file_entry(5, 0, 400, n(400, 4) + n(8, 4), 7));
  put(278, std::string(400, 'g'));
  put(290, "nobody knows this block");
  return out;
}
std::string holey() { return some_text(512) + std::string(512, '\0') + some_text(300); }

TEST(Udf, FilesHolesAndDeletedEntries) {
  const auto bytes = image(holey());
  const auto r = evidence::read_alone(udf(), base::bytes_of(bytes), "udf");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto got = contents(r), hidden = contents(r, artifact::Origin::hidden);
  ASSERT_TRUE(got.contains("file"));
  EXPECT_EQ(got.at("file"), holey());
  EXPECT_EQ(got.at("small"), "small");
  EXPECT_EQ(hidden.at("gone"), std::string(400, 'g'));
  EXPECT_TRUE(std::ranges::any_of(hidden, [](const auto& h) { return h.second == "nobody knows this block"; }));
  EXPECT_EQ(r.sink.child_named("file")->entry.mode, 0745u);
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Udf, Survives) { expect_survives(udf(), image(holey()), "udf", 1500, "file", 256); }

TEST(Udf, RealImage) {
  const auto bytes = shared_data("unpack/firmware/generic_fs/udf.img.xz");
  if (bytes.empty()) GTEST_SKIP() << "no shared inputs";
  const auto r = evidence::read_alone(udf(), bytes, "udf");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  const parse::ScratchFolder folder;
  folder.write("image", base::text_of(bytes));
  if (!parse::run_tool("cd '" + (folder / "") + "' && 7z x -oout image")) GTEST_SKIP() << "no 7z";
  const auto got = contents(r);
  std::size_t count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder / "out")) {
    if (!file.is_regular_file()) continue;
    const auto name = std::filesystem::relative(file.path(), folder / "out").string();
    ASSERT_TRUE(got.contains(name)) << name;
    EXPECT_EQ(got.at(name), base::text_of(parse::file_bytes(file.path()))) << name;
    ++count;
  }
  EXPECT_EQ(count, 3u);
}

}  // namespace
}  // namespace unpack
