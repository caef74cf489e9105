#include <gtest/gtest.h>

#include "unpack/disk/make.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& luks();
namespace {

std::string big(std::uint64_t v, int bytes) {
  std::string out;
  while (bytes-- > 0) out += static_cast<char>(v >> (8 * bytes));
  return out;
}
std::string field(std::string text, std::size_t size) {
  text.resize(size);
  return text;
}
std::uint64_t opaque(const evidence::Reading& r, std::uint64_t size, std::string_view why) {
  std::uint64_t out = 0;
  const auto tiles = evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, ""});
  for (const auto& t : *tiles)
    if (t.label == evidence::Label::opaque && t.why == why) out += t.range.size;
  return out;
}

std::string first_version() {
  std::string out = std::string("LUKS\xBA\xBE") + big(1, 2) + field("aes", 32) + field("xts-plain64", 32) + field("sha256", 32) + big(16, 4) + big(64, 4);
  out.resize(208);
  out += big(0x00AC71F3, 4) + big(1000, 4) + std::string(32, 's') + big(4, 4) + big(40, 4);
  out.resize(592);
  out.resize(1024);
  out += "left in a gap of the header";
  out.resize(2048);
  out += some_text(16 * 512 - 2048 + 3000);
  return out;
}

TEST(Luks, PayloadAndKeyMaterialAreOpaque) {
  const auto bytes = first_version();
  const auto r = evidence::read_alone(luks(), base::bytes_of(bytes), "luks");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "encrypted", "the volume is encrypted with aes-xts-plain64"));
  EXPECT_EQ(opaque(r, bytes.size(), "encrypted"), 3000u + 2560);
  EXPECT_TRUE(std::ranges::any_of(r.sink.children, [](const auto& c) { return base::text_of(c.bytes) == "left in a gap of the header"; }));
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
}
TEST(Luks, Survives) { expect_survives(luks(), first_version(), "luks", 1500, "file", 512); }

TEST(Luks, SecondVersionOfCryptsetup) {
  const parse::ScratchFolder folder;
  const auto bytes = made_image(folder, "truncate -s 20M image; echo -n secret | cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 image -");
  if (bytes.empty()) GTEST_SKIP() << "no cryptsetup";
  const auto r = evidence::read_alone(luks(), bytes, "luks");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.has(evidence::Facet::trouble, "encrypted", "the volume is encrypted with aes-xts-plain64"));
  EXPECT_GE(opaque(r, bytes.size(), "encrypted"), 4u << 20) << "a volume of 20 MiB less 16 MiB of header";
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  expect_survives(luks(), std::string(base::text_of(base::slice(bytes, 0, 40000))), "luks", 300, "file", 32);
}
TEST(Luks, HashTreesOfVeritysetup) {
  const parse::ScratchFolder folder;
  const auto bytes = made_image(folder, "seq 3000000 | head -c 2M > data; veritysetup format data image");
  if (bytes.empty()) GTEST_SKIP() << "no veritysetup";
  const auto r = evidence::read_alone(luks(), bytes, "verity");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_TRUE(r.sink.items.empty());
  EXPECT_TRUE(r.sink.children.empty()) << "all of it is a tree of hashes";
  EXPECT_EQ(unlabelled(r, bytes.size()), 0u);
  expect_survives(luks(), std::string(base::text_of(base::slice(bytes, 0, 8192))), "verity", 300, "file", 32);
}

}  // namespace
}  // namespace unpack
