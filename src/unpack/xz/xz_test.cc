#include <gtest/gtest.h>

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& xz();
namespace {

using evidence::Facet;

TEST(Xz, GivesTheContentOfAllStreams) {
  const auto text = some_text(700'000);
  const auto whole = xzipped(text) + xzipped("and more");
  const auto reading = evidence::read_alone(xz(), base::bytes_of(whole), "xz", "notes.txt.xz");
  ASSERT_TRUE(reading.result) << reading.result.error().what;
  ASSERT_EQ(reading.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(reading.sink.children[0].bytes), text + "and more");
  EXPECT_EQ(reading.sink.children[0].entry.name, "notes.txt");
  EXPECT_EQ(reading.sink.children[0].entry.origin, artifact::Origin::layer);
  EXPECT_TRUE(reading.sink.all(Facet::concealment).empty());
}

TEST(Xz, BytesBehindTheEndAreHandedOnAndStated) {
  const auto whole = xzipped("text") + "#!/bin/sh hidden";
  const auto reading = evidence::read_alone(xz(), base::bytes_of(whole), "xz");
  ASSERT_TRUE(reading.result);
  ASSERT_TRUE(reading.sink.child_named("after-the-end"));
  EXPECT_EQ(base::text_of(reading.sink.child_named("after-the-end")->bytes), "#!/bin/sh hidden");
  EXPECT_TRUE(reading.sink.has(Facet::concealment, "mismatch"));
}

TEST(Xz, ZerosBehindTheEndArePadding) {
  const auto reading = evidence::read_alone(xz(), base::bytes_of(xzipped("text") + std::string(100, '\0')), "xz");
  ASSERT_TRUE(reading.result);
  EXPECT_TRUE(reading.sink.all(Facet::concealment).empty());
}

TEST(Xz, ATruncatedStreamIsAnErrorAndKeepsWhatWasRead) {
  const auto whole = xzipped(some_text(900'000));
  const auto reading = evidence::read_alone(xz(), base::bytes_of(whole.substr(0, whole.size() - 20)), "xz");
  ASSERT_FALSE(reading.result);
  EXPECT_GT(reading.sink.children.at(0).bytes.size(), 100'000u);
}

TEST(Xz, ABudgetEndsABomb) {
  const auto bomb = xzipped(std::string(30'000'000, 'a'));
  const auto reading = read_hostile(xz(), base::bytes_of(bomb), "xz", "bomb");
  ASSERT_FALSE(reading.result);
  EXPECT_EQ(reading.result.error().trouble, base::Trouble::limit);
}

TEST(Xz, Survives) { expect_survives(xz(), xzipped(some_text(3000)), "xz"); }

}  // namespace
}  // namespace unpack
