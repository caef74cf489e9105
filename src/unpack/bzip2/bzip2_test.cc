#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& bzip2();
namespace {

using evidence::Facet;

TEST(Bzip2, GivesTheContentOfAllStreams) {
  const auto text = some_text(700'000);
  const auto whole = bzipped(text) + bzipped("and more");
  const auto reading = evidence::read_alone(bzip2(), base::bytes_of(whole), "bzip2", "notes.txt.bz2");
  ASSERT_TRUE(reading.result) << reading.result.error().what;
  ASSERT_EQ(reading.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(reading.sink.children[0].bytes), text + "and more");
  EXPECT_EQ(reading.sink.children[0].entry.name, "notes.txt");
  EXPECT_EQ(reading.sink.children[0].entry.origin, artifact::Origin::layer);
  EXPECT_TRUE(reading.sink.all(Facet::concealment).empty());
}

TEST(Bzip2, BytesBehindTheEndAreHandedOnAndStated) {
  const auto whole = bzipped("text") + "#!/bin/sh hidden";
  const auto reading = evidence::read_alone(bzip2(), base::bytes_of(whole), "bzip2");
  ASSERT_TRUE(reading.result);
  ASSERT_TRUE(reading.sink.child_named("after-the-end"));
  EXPECT_EQ(base::text_of(reading.sink.child_named("after-the-end")->bytes), "#!/bin/sh hidden");
  EXPECT_TRUE(reading.sink.has(Facet::concealment, "mismatch"));
}

TEST(Bzip2, ZerosBehindTheEndArePadding) {
  const auto reading = evidence::read_alone(bzip2(), base::bytes_of(bzipped("text") + std::string(100, '\0')), "bzip2");
  ASSERT_TRUE(reading.result);
  EXPECT_TRUE(reading.sink.all(Facet::concealment).empty());
}

TEST(Bzip2, ATruncatedStreamIsAnErrorAndKeepsWhatWasRead) {
  const auto whole = bzipped(some_text(900'000));
  const auto reading = evidence::read_alone(bzip2(), base::bytes_of(whole.substr(0, whole.size() - 20)), "bzip2");
  ASSERT_FALSE(reading.result);
  EXPECT_GT(reading.sink.children.at(0).bytes.size(), 100'000u);
}

TEST(Bzip2, ABudgetEndsABomb) {
  const auto bomb = bzipped(std::string(30'000'000, 'a'));
  const auto reading = read_hostile(bzip2(), base::bytes_of(bomb), "bzip2", "bomb");
  ASSERT_FALSE(reading.result);
  EXPECT_EQ(reading.result.error().trouble, base::Trouble::limit);
}

TEST(Bzip2, Survives) { expect_survives(bzip2(), bzipped(some_text(3000)), "bzip2"); }

}  // namespace
}  // namespace unpack
