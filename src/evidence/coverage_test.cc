#include "evidence/coverage.h"

#include <gtest/gtest.h>

#include <random>

using namespace evidence;

// The tiling must hold for any claims: compare with a byte-by-byte model.
TEST(Coverage, TilesLikeAByteByByteModel) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::uint64_t size = random() % 60;
    std::vector<Claim> claims;
    for (unsigned i = 0; size && i < random() % 8; ++i) {
      const auto at = random() % size;
      claims.push_back({{at, random() % (size - at + 1)}, static_cast<Label>(random() % label_count), ""});
    }
    std::vector<Label> model(size, Label::scanned);
    for (std::uint64_t b = 0; b < size; ++b) {
      bool claimed = false;
      for (const auto& c : claims)
        if (c.range.offset <= b && b < c.range.end() && (!claimed || c.label < model[b])) model[b] = c.label, claimed = true;
    }
    const auto tiles = tile(claims, size, {{}, Label::scanned, ""});
    ASSERT_TRUE(tiles);
    std::uint64_t at = 0;
    for (const auto& t : *tiles) {
      ASSERT_EQ(t.range.offset, at);
      for (auto b = at; b < t.range.end(); ++b) ASSERT_EQ(t.label, model[b]);
      at = t.range.end();
    }
    ASSERT_EQ(at, size);
  }
}

TEST(Coverage, AClaimOutsideIsABug) {
  const auto tiles = tile({{{5, 10}, Label::examined, ""}}, 10, {});
  ASSERT_FALSE(tiles);
  EXPECT_EQ(tiles.error().trouble, base::Trouble::bug);
}
