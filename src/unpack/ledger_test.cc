#include "unpack/ledger.h"

#include <gtest/gtest.h>

#include <random>

#include "evidence/recorder.h"

namespace unpack {
namespace {

evidence::View view_of(base::Bytes bytes) {
  evidence::View view;
  view.bytes = bytes;
  view.kind = "image";
  return view;
}

TEST(Ledger, ProvesConstantsAndHandsOnTheRest) {
  std::string image(8192, '\0');
  image.replace(100, 20, "deleted but readable");
  image.replace(5000, 5, "short");
  image.replace(8000, 192, std::string(192, '\xff'));
  evidence::Recorder sink(base::bytes_of(image));
  const auto view = view_of(base::bytes_of(image));
  Ledger ledger(view, sink);
  EXPECT_TRUE(ledger.structure({0, 64}, "header"));
  ASSERT_TRUE(ledger.close("unused"));
  ASSERT_EQ(sink.children.size(), 1u);
  EXPECT_EQ(sink.children[0].entry.name, "unused@0x64");
  EXPECT_EQ(sink.children[0].entry.origin, artifact::Origin::hidden);
  EXPECT_EQ(base::text_of(base::Bytes(sink.children[0].bytes)), "deleted but readable");
  const auto tally = evidence::tally(*evidence::tile(sink.claims, image.size(), {{}, evidence::Label::opaque, "nobody"}));
  EXPECT_EQ(tally.of(evidence::Label::handed_on), 20u);
  EXPECT_EQ(tally.of(evidence::Label::scanned), 5u);
  EXPECT_EQ(tally.of(evidence::Label::structure), 64u);
  EXPECT_EQ(tally.of(evidence::Label::opaque), 0u);
}

TEST(Ledger, GivesMembersInPiecesWithHoles) {
  const std::string image = "..WORLD...HELLO ";
  evidence::Recorder sink(base::bytes_of(image));
  const auto view = view_of(base::bytes_of(image));
  Ledger ledger(view, sink);
  artifact::Entry entry;
  entry.name = "greeting";
  const Extent extents[] = {{10, 6}, {0, 3, true}, {2, 9}};
  ASSERT_TRUE(ledger.give(entry, extents, 14));
  EXPECT_EQ(base::text_of(base::Bytes(sink.children.at(0).bytes)), std::string("HELLO \0\0\0WORLD", 14));
  EXPECT_TRUE(sink.all(evidence::Facet::trouble).empty());
}

TEST(Ledger, PassesOverWhatIsLargerThanTheBudget) {
  const std::string image(64, 'x');
  evidence::Recorder sink(base::bytes_of(image), UINT64_MAX, 1 << 20);
  const auto view = view_of(base::bytes_of(image));
  Ledger ledger(view, sink);
  artifact::Entry entry;
  entry.name = "sparse";
  const Extent hole[] = {{0, UINT64_MAX, true}};
  ASSERT_TRUE(ledger.give(entry, hole, 1ull << 62));
  EXPECT_TRUE(sink.has(evidence::Facet::trouble, "limit"));
  EXPECT_TRUE(sink.children.empty());
}

TEST(Ledger, SaysWhatPointsOutside) {
  const std::string image(64, 'x');
  evidence::Recorder sink(base::bytes_of(image));
  const auto view = view_of(base::bytes_of(image));
  Ledger ledger(view, sink);
  EXPECT_FALSE(ledger.structure({60, 10}, "cut"));
  EXPECT_FALSE(ledger.structure({1ull << 60, 10}, "far"));
  artifact::Entry entry;
  entry.name = "cut";
  const Extent out[] = {{32, 1000}};
  ASSERT_TRUE(ledger.give(entry, out, 1000));
  EXPECT_TRUE(sink.has(evidence::Facet::trouble, "truncated"));
}

TEST(Ledger, TilesWhateverIsClaimed) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string image(random() % 4000, '\0');
    for (auto& c : image)
      if (random() % 3 == 0) c = static_cast<char>(random() % 3);
    evidence::Recorder sink(base::bytes_of(image));
    const auto view = view_of(base::bytes_of(image));
    Ledger ledger(view, sink);
    for (unsigned i = 0; i < random() % 9; ++i) (void)ledger.claim({random() % 5000, random() % 900}, static_cast<evidence::Label>(random() % 7), "x");
    ASSERT_TRUE(ledger.close("left"));
    const auto tiles = evidence::tile(sink.claims, image.size(), {{}, evidence::Label::opaque, "nobody"});
    ASSERT_TRUE(tiles);
    ASSERT_TRUE(evidence::check_tiling(*tiles, image.size()));
    for (const auto& t : *tiles) ASSERT_NE(t.why, "nobody") << round;
  }
}

}  // namespace
}  // namespace unpack
