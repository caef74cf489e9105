#include <gtest/gtest.h>

#include <random>

#include "evidence/recorder.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/tar/make.h"

namespace unpack {
const evidence::Reader& carved();

namespace {

std::string noise(std::size_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(n, 0);
  for (auto& c : out) c = static_cast<char>(random());
  return out;
}

const std::string archive = tar_member({"etc/secret", std::string(700, 's')}) + std::string(1024, '\0');

TEST(Carved, FindsWhatCanBeReadAndSaysWhatLiesBetween) {
  const std::string text = "the quick brown fox jumps over the lazy dog, again and again and once more, until the page is full";
  const auto packed = gzipped(std::string(3000, 'g') + noise(200, 9));
  const std::string blob = noise(1000, 1) + archive + std::string(2048, '\xff') + noise(300, 2) + packed + noise(64, 3) + deflated(text + text, 15) + noise(500, 4);
  const auto r = evidence::read_alone(carved(), base::bytes_of(blob), "unknown");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const auto* tar = r.sink.child_named("tar@0x3e8");
  ASSERT_TRUE(tar);
  EXPECT_EQ(base::text_of(base::Bytes(tar->bytes)).substr(0, 10), "etc/secret");
  std::size_t gzip = 0, zlib = 0, between = 0;
  for (const auto& c : r.sink.children) {
    gzip += c.entry.name.starts_with("gzip@") && c.bytes.size() == packed.size();
    zlib += c.entry.name.starts_with("zlib@") && base::text_of(base::Bytes(c.bytes)) == text + text;
    between += c.entry.name.starts_with("between@");
  }
  EXPECT_EQ(gzip, 1u);
  EXPECT_EQ(zlib, 1u);
  EXPECT_GE(between, 3u);
  const auto tally = evidence::tally(*evidence::tile(r.sink.claims, blob.size(), {{}, evidence::Label::opaque, "nobody"}));
  EXPECT_EQ(tally.of(evidence::Label::opaque), 0u);
  EXPECT_GE(tally.of(evidence::Label::padding), 2048u);
}

TEST(Carved, MagicNumbersAloneAreNothing) {
  std::string blob = noise(20000, 5);
  for (const auto* magic : {"\x1f\x8b\x08", "BZh91AY&SY", "PK\x03\x04", "hsqs", "UBI#", "!<arch>\n", "070701", "\x7f" "ELF", "ustar"}) blob.replace(blob.size() / 2 + 300 * (static_cast<unsigned char>(magic[0]) % 30), std::string_view(magic).size(), magic);
  const auto r = evidence::read_alone(carved(), base::bytes_of(blob), "unknown");
  EXPECT_TRUE(r.result);
  for (const auto& c : r.sink.children) ADD_FAILURE() << c.entry.name << ", " << c.bytes.size() << " bytes";
  EXPECT_TRUE(r.sink.claims.empty());
}

TEST(Carved, OrdinaryNoiseAndTextHoldNothing) {
  for (unsigned seed = 10; seed < 14; ++seed) EXPECT_TRUE(evidence::read_alone(carved(), base::bytes_of(noise(200'000, seed)), "unknown").sink.children.empty());
}

TEST(Carved, SurvivesHostileInput) { expect_survives(carved(), noise(100, 6) + archive + deflated(std::string(400, 'z'), 15) + noise(80, 7), "unknown", 800, "file", 400); }

}  // namespace
}  // namespace unpack
