#include <gtest/gtest.h>

#include "unpack/decode/compare.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& romfs();
namespace {

std::string b(std::uint32_t v) {
  std::string out;
  for (int i = 4; i-- > 0;) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string padded(std::string text) {
  text.resize((text.size() + 16) / 16 * 16);
  return text;
}
// Puts the sum in so that the words of [at, at + size) add up to zero.
void seal(std::string& bytes, std::size_t at, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = at; i + 4 <= at + size; i += 4)
    for (int k = 0; k < 4; ++k) sum += std::uint32_t{static_cast<unsigned char>(bytes[i + static_cast<std::size_t>(k)])} << (24 - 8 * k);
  bytes.replace(at + 12, 4, b(0 - sum));
}
std::string header(std::uint32_t next, std::uint32_t info, std::uint32_t size, const std::string& name) {
  auto out = b(next) + b(info) + b(size) + b(0) + padded(name);
  seal(out, 0, out.size());
  return out;
}
// A file, a folder with a link, and an unused tail.
std::string image(const std::string& text) {
  const auto content = [&] {
    auto out = text;
    out.resize((text.size() + 15) / 16 * 16);
    return out;
  }();
  const auto folder = 64 + static_cast<std::uint32_t>(content.size());
  std::string out = "-rom1fs-" + b(0) + b(0) + padded("volume") + header(folder | 2, 0, static_cast<std::uint32_t>(text.size()), "file") + content;
  out += header(9, folder + 32, 0, "dir") + header(3, 0, 4, "ln") + std::string("file").append(12, '\0');
  out += std::string("deleted but still there").append(9, '\0');
  out.resize((out.size() + 15) / 16 * 16);
  out.replace(8, 4, b(static_cast<std::uint32_t>(out.size())));
  seal(out, 0, std::min<std::size_t>(512, out.size()));
  return out;
}

TEST(Romfs, FilesFoldersLinksAndUnusedBytes) {
  const auto text = some_text(700);
  const auto bytes = image(text);
  const auto r = evidence::read_alone(romfs(), base::bytes_of(bytes), "romfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty());
  ASSERT_TRUE(r.sink.child_named("file"));
  EXPECT_EQ(base::text_of(r.sink.child_named("file")->bytes), text);
  ASSERT_TRUE(r.sink.child_named("dir/ln"));
  EXPECT_EQ(r.sink.child_named("dir/ln")->entry.link, "file");
  EXPECT_EQ(r.sink.children.back().entry.origin, artifact::Origin::hidden);
  EXPECT_TRUE(base::text_of(r.sink.children.back().bytes).find("deleted but") != std::string_view::npos);
}
TEST(Romfs, ReadsWhatGenromfsWrites) {
  parse::ScratchFolder folder;
  if (!make_tree(folder / "in") || !parse::run_tool("genromfs -f " + (folder / "image") + " -d " + (folder / "in"))) GTEST_SKIP() << "no genromfs";
  const auto bytes = parse::file_bytes(folder / "image");
  const auto r = evidence::read_alone(romfs(), bytes, "romfs");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.all(evidence::Facet::trouble).empty());
  EXPECT_EQ(sums(r), sums(folder / "in"));
}
TEST(Romfs, SharedInputs) {
  for (const auto* path : {"binwalk/romfs.bin", "firmware/generic_fs/romfs.img"}) {
    const auto bytes = shared_input(path);
    if (!bytes) GTEST_SKIP();
    const auto r = evidence::read_alone(romfs(), *bytes, "romfs");
    ASSERT_TRUE(r.result) << r.result.error().what;
    EXPECT_GE(sums(r).size(), 1u);
  }
}
TEST(Romfs, Survives) { expect_survives(romfs(), image(some_text(700)), "romfs"); }

}  // namespace
}  // namespace unpack
