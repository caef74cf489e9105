#include "tlog/tiles.h"

#include <gtest/gtest.h>

using namespace tlog;

namespace {

/// The definition of RFC 6962, section 2.1, word for word: what the tiles must lead to.
Hash by_definition(std::span<const Hash> leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(by_definition(leaves.first(k)), by_definition(leaves.subspan(k)));
}

Hash leaf(std::uint64_t i) { return leaf_hash(base::bytes_of(std::to_string(i))); }

/// Every node of a growing tree, from its tiles alone.
struct Grown {
  Edge edge;
  std::map<std::pair<unsigned, std::uint64_t>, Tile> full;
  std::vector<Hash> leaves, roots{empty_root()};
  void grow() {
    leaves.push_back(leaf(leaves.size()));
    edge.push(leaves.back(), [&](unsigned level, std::uint64_t index, Tile&& tile) { full[{level, index}] = std::move(tile); });
    roots.push_back(edge.root());
  }
  GetNode node() const {
    return [this](unsigned level, std::uint64_t index) -> base::Result<Hash> {
      const auto at = place_of(level, index);
      const auto found = full.find({at.tile_level, at.tile});
      const auto& row = (found == full.end() ? edge.level(at.tile_level) : found->second).row(at.row);
      if (at.place >= row.size()) return base::fail(base::Trouble::bug, "no node {} {}", level, index);
      return row[at.place];
    };
  }
};

}  // namespace

TEST(Tiles, PathsAreTheSpecifications) {
  EXPECT_EQ(tile_path(0, 1234067, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path(1, 0, 17), "tile/1/000.p/17");
  EXPECT_EQ(bundle_path(273, 112), "tile/entries/273.p/112");
  EXPECT_EQ(bundle_path(1000, 256), "tile/entries/x001/000");
  for (const auto& name : {TileName{0, 1234067, 256}, TileName{7, 0, 1}, TileName{std::nullopt, 999, 255}, TileName{std::nullopt, 1000, 256}, TileName{63, UINT64_MAX, 3}}) EXPECT_EQ(TileName::parse(name.path()), name) << name.path();
  for (const auto* bad : {"", "tile", "tile/", "tile/0", "tile/0/", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/0/x000/000", "tile/0/x001/x002", "tile/0/001/002", "tile/0/000.p/0", "tile/0/000.p/256",
                          "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p/1/", "tile/0/../000", "tile/0/-01", "tile/0/+01", "tile/entries/", "tile/entries/000.p/1.p/2", "tile/0//000", "/tile/0/000", "tile/x/000",
                          "tile/0/x999/x999/x999/x999/x999/x999/x999/999"})
    EXPECT_FALSE(TileName::parse(bad)) << bad;
  EXPECT_EQ((TileName{1, 0, 17}.least_size()), 17u * 256);
  EXPECT_EQ((TileName{std::nullopt, 2, 3}.least_size()), 515u);
  EXPECT_FALSE((TileName{63, 0, 1}.least_size())) << "no tree is so large";
}

TEST(Tiles, WidthsAreTheSpecifications) {
  // The example of tlog-tiles: 70,000 entries.
  EXPECT_EQ(width_at(0, 272, 70000), 256u);
  EXPECT_EQ(width_at(0, 273, 70000), 112u);
  EXPECT_EQ(width_at(0, 274, 70000), 0u);
  EXPECT_EQ(width_at(1, 0, 70000), 256u);
  EXPECT_EQ(width_at(1, 1, 70000), 17u);
  EXPECT_EQ(width_at(2, 0, 70000), 1u);
  EXPECT_EQ(width_at(3, 0, 70000), 0u);
  EXPECT_EQ(width_at(1, 0, 256), 1u);
  EXPECT_EQ(width_at(0, 1, 256), 0u);
  EXPECT_EQ(width_at(0, UINT64_MAX, 256), 0u);
}

TEST(Tiles, BundlesGoRoundAndAreRefusedWhenCut) {
  std::string bundle;
  const std::vector<base::Buffer> entries{{}, {1, 2, 3}, base::Buffer(65535, 7)};
  for (const auto& e : entries) add_to_bundle(bundle, e);
  EXPECT_EQ(parse_bundle(base::bytes_of(bundle), 3).value(), entries);
  EXPECT_FALSE(parse_bundle(base::bytes_of(bundle), 2));
  EXPECT_FALSE(parse_bundle(base::bytes_of(bundle), 4));
  for (std::size_t i = 0; i < 12; ++i) EXPECT_FALSE(parse_bundle(base::bytes_of(bundle).first(i), 3));
  EXPECT_FALSE(parse_bundle(base::bytes_of(bundle).first(bundle.size() - 1), 3));
  EXPECT_FALSE(parse_tile(base::bytes_of(std::string(63, 'x')), 2));
  EXPECT_EQ(parse_tile(base::bytes_of(std::string(64, 'x')), 2)->width(), 2u);
}

// Logs of every size up to 600: roots by definition, and proofs between all pairs (those beyond 70 sampled).
TEST(Tree, EverySizeProvesItself) {
  Grown log;
  for (std::uint64_t size = 1; size <= 600; ++size) {
    log.grow();
    if (size < 70 || size % 7 == 0 || (size & (size - 1)) == 0) {
      ASSERT_EQ(log.roots[size], by_definition(log.leaves)) << size;
    }
    const auto step = size <= 70 ? 1 : 1 + size / 23;
    for (std::uint64_t i = 0; i < size; i += step) {
      const auto proof = inclusion_proof(i, size, log.node());
      ASSERT_TRUE(proof) << proof.error().to_string();
      ASSERT_TRUE(check_inclusion(i, size, log.leaves[i], *proof, log.roots[size])) << i << " of " << size;
      ASSERT_FALSE(check_inclusion(i, size, leaf(size), *proof, log.roots[size]));
    }
    for (std::uint64_t i = 0; i <= size; i += step) {
      const auto proof = consistency_proof(i, size, log.node());
      ASSERT_TRUE(proof) << proof.error().to_string();
      ASSERT_TRUE(check_consistency(i, size, *proof, log.roots[i], log.roots[size])) << i << " to " << size;
      if (i > 0) {
        ASSERT_FALSE(check_consistency(i, size, *proof, leaf(0), leaf(1)));
      }
    }
  }
  EXPECT_FALSE(inclusion_proof(600, 600, log.node()));
  EXPECT_FALSE(consistency_proof(601, 600, log.node()));
}

// Beyond 65,536 a third level of tiles begins.
TEST(Tree, ThreeLevelsOfTiles) {
  Grown log;
  const std::uint64_t sizes[] = {65535, 65536, 65537, 70000};
  for (const auto size : sizes) {
    while (log.edge.size() < size) log.grow();
    EXPECT_EQ(tree_root(size, log.node()).value(), by_definition(log.leaves));
    EXPECT_EQ(log.roots[size], by_definition(log.leaves));
    for (const std::uint64_t i : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{65534}, size - 1}) {
      EXPECT_TRUE(check_inclusion(i, size, log.leaves[i], inclusion_proof(i, size, log.node()).value(), log.roots[size]));
      EXPECT_TRUE(check_consistency(i + 1, size, consistency_proof(i + 1, size, log.node()).value(), log.roots[i + 1], log.roots[size]));
    }
  }
  EXPECT_EQ((log.full.size()), 273u + 1u);
}
