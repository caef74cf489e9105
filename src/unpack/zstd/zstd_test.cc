#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& zstd();
namespace {

using evidence::Facet;

TEST(Zstd, GivesTheContentOfAllStreams) {
  const auto text = some_text(700'000);
  const auto whole = zstd_encoded(text) + zstd_encoded("and more");
  const auto reading = evidence::read_alone(zstd(), base::bytes_of(whole), "zstd", "notes.txt.zst");
  ASSERT_TRUE(reading.result) << reading.result.error().what;
  ASSERT_EQ(reading.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(reading.sink.children[0].bytes), text + "and more");
  EXPECT_EQ(reading.sink.children[0].entry.name, "notes.txt");
  EXPECT_EQ(reading.sink.children[0].entry.origin, artifact::Origin::layer);
  EXPECT_TRUE(reading.sink.all(Facet::concealment).empty());
}

TEST(Zstd, BytesBehindTheEndAreHandedOnAndStated) {
  const auto whole = zstd_encoded("text") + "#!/bin/sh hidden";
  const auto reading = evidence::read_alone(zstd(), base::bytes_of(whole), "zstd");
  ASSERT_TRUE(reading.result);
  ASSERT_TRUE(reading.sink.child_named("after-the-end"));
  EXPECT_EQ(base::text_of(reading.sink.child_named("after-the-end")->bytes), "#!/bin/sh hidden");
  EXPECT_TRUE(reading.sink.has(Facet::concealment, "mismatch"));
}

TEST(Zstd, ZerosBehindTheEndArePadding) {
  const auto reading = evidence::read_alone(zstd(), base::bytes_of(zstd_encoded("text") + std::string(100, '\0')), "zstd");
  ASSERT_TRUE(reading.result);
  EXPECT_TRUE(reading.sink.all(Facet::concealment).empty());
}

TEST(Zstd, ATruncatedStreamIsAnErrorAndKeepsWhatWasRead) {
  const auto whole = zstd_encoded(some_text(900'000));
  const auto reading = evidence::read_alone(zstd(), base::bytes_of(whole.substr(0, whole.size() - 20)), "zstd");
  ASSERT_FALSE(reading.result);
  EXPECT_GT(reading.sink.children.at(0).bytes.size(), 100'000u);
}

TEST(Zstd, ABudgetEndsABomb) {
  const auto bomb = zstd_encoded(std::string(30'000'000, 'a'));
  const auto reading = read_hostile(zstd(), base::bytes_of(bomb), "zstd", "bomb");
  ASSERT_FALSE(reading.result);
  EXPECT_EQ(reading.result.error().trouble, base::Trouble::limit);
}

TEST(Zstd, Survives) { expect_survives(zstd(), zstd_encoded(some_text(3000)), "zstd"); }

}  // namespace
}  // namespace unpack
