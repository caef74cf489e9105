#include "parse/pem/pem.h"

#include <gtest/gtest.h>

#include "parse/mutants.h"

namespace parse::pem {
namespace {

std::vector<Block> find_in(std::string_view text) { return find(base::bytes_of(text)); }

TEST(Pem, FindsABlockBetweenOtherBytes) {
  const std::string text = "junk\n-----BEGIN CERTIFICATE-----\nSGVs\r\nbG8=\n-----END CERTIFICATE-----\nmore";
  const auto blocks = find_in(text);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].type, "CERTIFICATE");
  EXPECT_EQ(base::text_of(blocks[0].content), "Hello");
  EXPECT_TRUE(blocks[0].closed);
  EXPECT_TRUE(blocks[0].clean);
  EXPECT_EQ(blocks[0].range.offset, 5u);
  EXPECT_EQ(text.substr(blocks[0].range.end()), "\nmore");
}

TEST(Pem, ReadsHeadersAndOpenPgpChecksum) {
  const auto blocks = find_in("-----BEGIN PGP MESSAGE-----\nVersion: 2\n\nSGVsbG8=\n=njUN\n-----END PGP MESSAGE-----");
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].headers.at("Version"), "2");
  EXPECT_EQ(base::text_of(blocks[0].content), "Hello");
  EXPECT_TRUE(blocks[0].clean);
}

TEST(Pem, ReadsBlocksInsideProgramText) {
  const auto escaped = find_in(R"(k = "-----BEGIN EC PRIVATE KEY-----\nSGVs\nbG8=\n-----END EC PRIVATE KEY-----\n";)");
  ASSERT_EQ(escaped.size(), 1u);
  EXPECT_EQ(base::text_of(escaped[0].content), "Hello");
  const auto pieces = find_in("k = \"-----BEGIN X-----\\n\" +\n    \"SGVs\\n\" +\n    \"bG8=\\n\" +\n  \"-----END X-----\\n\"");
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(base::text_of(pieces[0].content), "Hello");
  EXPECT_TRUE(pieces[0].clean);
}

TEST(Pem, KeepsOpenAndDirtyBlocksAsSuch) {
  const auto open = find_in("-----BEGIN X-----\nSGVsbG8=\n-----BEGIN Y-----\nSGVs\n-----END Y-----");
  ASSERT_EQ(open.size(), 2u);
  EXPECT_FALSE(open[0].closed);
  EXPECT_TRUE(open[1].closed);
  const auto dirty = find_in("-----BEGIN X-----\n***not base64***\n-----END X-----");
  ASSERT_EQ(dirty.size(), 1u);
  EXPECT_FALSE(dirty[0].clean);
  EXPECT_TRUE(find_in("-----BEGIN lower case-----\n-----END lower case-----").empty());
  EXPECT_TRUE(find_in("-----BEGIN ").empty());
}

TEST(Pem, DecodesBase64Strictly) {
  EXPECT_EQ(base::text_of(*decode_base64("SGVsbG8")), "Hello");
  EXPECT_EQ(*decode_base64("-_8="), (base::Buffer{0xfb, 0xff}));
  EXPECT_FALSE(decode_base64("SGV sbG8"));
  EXPECT_FALSE(decode_base64("S"));
}

TEST(Pem, SurvivesEveryMutant) {
  const std::string good = "a-----BEGIN X-----\nA: b\n\nSGVs\\nbG8=\n-----END X-----\n\"-----BEGIN Y-----\\n\" + \"SGVs\"";
  const auto use = [](base::Bytes bytes) {
    for (const auto& b : find(bytes)) ASSERT_LE(b.range.end(), bytes.size());
  };
  each_truncation(base::bytes_of(good), use);
  each_mutant(base::bytes_of(good), 5000, 2, use);
}

}  // namespace
}  // namespace parse::pem
