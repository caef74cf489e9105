#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& gzip();
namespace {

using evidence::Facet;

TEST(Gzip, GivesTheContentOfAllStreams) {
  const auto text = some_text(700'000);
  const auto whole = gzipped(text) + gzipped("and more");
  const auto reading = evidence::read_alone(gzip(), base::bytes_of(whole), "gzip", "notes.txt.gz");
  ASSERT_TRUE(reading.result) << reading.result.error().what;
  ASSERT_EQ(reading.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(reading.sink.children[0].bytes), text + "and more");
  EXPECT_EQ(reading.sink.children[0].entry.name, "notes.txt");
  EXPECT_EQ(reading.sink.children[0].entry.origin, artifact::Origin::layer);
  EXPECT_TRUE(reading.sink.all(Facet::concealment).empty());
}

TEST(Gzip, BytesBehindTheEndAreHandedOnAndStated) {
  const auto whole = gzipped("text") + "#!/bin/sh hidden";
  const auto reading = evidence::read_alone(gzip(), base::bytes_of(whole), "gzip");
  ASSERT_TRUE(reading.result);
  ASSERT_TRUE(reading.sink.child_named("after-the-end"));
  EXPECT_EQ(base::text_of(reading.sink.child_named("after-the-end")->bytes), "#!/bin/sh hidden");
  EXPECT_TRUE(reading.sink.has(Facet::concealment, "mismatch"));
}

TEST(Gzip, ZerosBehindTheEndArePadding) {
  const auto reading = evidence::read_alone(gzip(), base::bytes_of(gzipped("text") + std::string(100, '\0')), "gzip");
  ASSERT_TRUE(reading.result);
  EXPECT_TRUE(reading.sink.all(Facet::concealment).empty());
}

TEST(Gzip, ATruncatedStreamIsAnErrorAndKeepsWhatWasRead) {
  const auto whole = gzipped(some_text(900'000));
  const auto reading = evidence::read_alone(gzip(), base::bytes_of(whole.substr(0, whole.size() - 20)), "gzip");
  ASSERT_FALSE(reading.result);
  EXPECT_GT(reading.sink.children.at(0).bytes.size(), 100'000u);
}

TEST(Gzip, ABudgetEndsABomb) {
  const auto bomb = gzipped(std::string(30'000'000, 'a'));
  const auto reading = read_hostile(gzip(), base::bytes_of(bomb), "gzip", "bomb");
  ASSERT_FALSE(reading.result);
  EXPECT_EQ(reading.result.error().trouble, base::Trouble::limit);
}

TEST(Gzip, Survives) { expect_survives(gzip(), gzipped(some_text(3000)), "gzip"); }

}  // namespace
}  // namespace unpack
