#include "evidence/frozen.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace evidence {
namespace {

using artifact::Nature;
using artifact::no_node;

Frozen sample() {
  Frozen f;
  f.engine = base::sha256("engine");
  f.engine_version = "1.2";
  f.policy_name = "default";
  f.at = "2026-01-01";
  f.limits = {{"depth", 32}, {"ratio", 1000}};
  f.weaker = {"namespaces"};
  for (const auto* name : {"a.tar", "b"}) f.files.emplace_back(name);
  f.has_declaration = true;
  f.declaration = "declaration: {}\n";
  f.declaration_source = "assay.declaration.yaml";
  const auto add = [&](artifact::NodeId parent, std::string name, Nature nature, std::uint64_t size) {
    artifact::Node node;
    node.parent = parent;
    node.entry.name = std::move(name);
    node.entry.nature = nature;
    node.digest = base::sha256(node.entry.name);
    node.size = size;
    const auto id = static_cast<artifact::NodeId>(f.tree.nodes.size());
    f.tree.nodes.push_back(std::move(node));
    if (parent != no_node) f.tree.nodes[parent].children.push_back(id);
    Dossier dossier;
    if (size) dossier.tiles = {{{0, size}, Label::scanned, ""}};
    f.dossiers.push_back(std::move(dossier));
  };
  add(no_node, "", Nature::directory, 0);
  add(0, "a.tar", Nature::file, 100);
  add(1, "run.sh", Nature::file, 40);
  add(0, "b", Nature::file, 7);
  Item item;
  item.facet = Facet::endpoint;
  item.word = "url";
  item.value = "https://x.example/";
  item.range = {3, 18};
  item.attributes = {{"from", "text"}};
  item.examiner = "endpoints";
  f.dossiers[2].items = {item};
  f.dossiers[3].complete = false;
  f.dossiers[3].replayable = false;
  return f;
}

/// The file with another body under a head that fits it.
base::Buffer with_body(const base::Buffer& body) {
  const auto head = fmt::format("assay evidence 1\n{}\n{}\n", base::sha256(base::Bytes(body)).hex(), body.size());
  base::Buffer out(head.begin(), head.end());
  base::Buffer packed(compressBound(body.size()));
  uLongf size = packed.size();
  EXPECT_EQ(compress(packed.data(), &size, body.data(), body.size()), Z_OK);
  out.insert(out.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
  return out;
}

base::Buffer body_of(const base::Buffer& file) {
  auto text = base::text_of(file);
  for (int i = 0; i < 3; ++i) text.remove_prefix(text.find('\n') + 1);
  base::Buffer out(1 << 16);
  uLongf size = out.size();
  EXPECT_EQ(uncompress(out.data(), &size, reinterpret_cast<const Bytef*>(text.data()), text.size()), Z_OK);
  out.resize(size);
  return out;
}

// Everything that a judge reads comes back, and the same evidence gives the same bytes.
TEST(Frozen, ComesBack) {
  const auto f = sample();
  const auto file = freeze(f).value();
  EXPECT_EQ(file, freeze(f).value());
  const auto thawed = thaw(file);
  ASSERT_TRUE(thawed) << thawed.error().what;
  const auto& g = thawed->frozen;
  EXPECT_EQ(g.engine, f.engine);
  EXPECT_EQ(g.limits, f.limits);
  EXPECT_EQ(g.weaker, f.weaker);
  EXPECT_EQ(g.declaration, f.declaration);
  ASSERT_EQ(g.tree.nodes.size(), 4u);
  EXPECT_EQ(g.tree.nodes[0].children, (std::vector<artifact::NodeId>{1, 3}));
  EXPECT_EQ(g.tree.place_text(2), f.tree.place_text(2));
  EXPECT_EQ(g.dossiers[2].items, f.dossiers[2].items);
  EXPECT_FALSE(g.dossiers[3].complete);
  EXPECT_FALSE(g.dossiers[3].replayable);
}

// A file cut anywhere is refused.
TEST(Frozen, CutAtEveryByte) {
  const auto file = freeze(sample()).value();
  for (std::size_t n = 0; n < file.size(); ++n) EXPECT_FALSE(thaw(base::Bytes(file).first(n))) << n;
}

// So is every single changed bit: the digest covers the body, and the head has one form.
TEST(Frozen, EveryBitCounts) {
  auto file = freeze(sample()).value();
  const auto digest = thaw(file)->digest;
  for (std::size_t i = 0; i < file.size() * 8; ++i) {
    file[i / 8] = static_cast<std::uint8_t>(file[i / 8] ^ (1u << i % 8));
    const auto thawed = thaw(file);
    // The two header bytes of a zlib stream have other spellings for the same body.
    if (thawed) {
      EXPECT_EQ(thawed->digest, digest) << i;
    }
    file[i / 8] = static_cast<std::uint8_t>(file[i / 8] ^ (1u << i % 8));
  }
}

// Behind a fitting digest every cut of the body is refused, and no flip of a bit gives an unsound tree.
TEST(Frozen, HostileBodies) {
  auto body = body_of(freeze(sample()).value());
  for (std::size_t n = 0; n < body.size(); ++n) EXPECT_FALSE(thaw(with_body({body.begin(), body.begin() + static_cast<std::ptrdiff_t>(n)}))) << n;
  for (std::size_t i = 0; i < body.size() * 8; ++i) {
    body[i / 8] = static_cast<std::uint8_t>(body[i / 8] ^ (1u << i % 8));
    if (const auto thawed = thaw(with_body(body))) {
      const auto again = freeze(thawed->frozen);
      ASSERT_TRUE(again);
      EXPECT_EQ(body_of(*again), body) << i;
    }
    body[i / 8] = static_cast<std::uint8_t>(body[i / 8] ^ (1u << i % 8));
  }
}

TEST(Frozen, UnsoundTrees) {
  const auto refused = [](auto change) {
    auto f = sample();
    change(f);
    return !thaw(freeze(f).value());
  };
  EXPECT_TRUE(refused([](Frozen& f) { f.tree.nodes[1].parent = 2; }));                       // a loop
  EXPECT_TRUE(refused([](Frozen& f) { f.tree.nodes[3].parent = 3; }));                       // its own parent
  EXPECT_TRUE(refused([](Frozen& f) { f.tree.nodes[0].entry.nature = Nature::file; }));      // no product
  EXPECT_TRUE(refused([](Frozen& f) { f.dossiers[2].tiles[0].range.size = 39; }));           // a byte without label
  EXPECT_TRUE(refused([](Frozen& f) { f.dossiers[2].items[0].range = {39, 2}; }));           // outside
  EXPECT_TRUE(refused([](Frozen& f) { f.tree.nodes.resize(1); f.tree.nodes.clear(); f.dossiers.clear(); }));
  EXPECT_FALSE(refused([](Frozen&) {}));
}

// A head may promise what it likes: nothing is set aside for a body that can't be there.
TEST(Frozen, BombsAndLies) {
  const auto file = freeze(sample()).value();
  EXPECT_FALSE(thaw(file, 10));
  const auto lie = fmt::format("assay evidence 1\n{}\n700000000\nx\x9c", base::sha256("").hex());
  const auto refused = thaw(base::bytes_of(lie));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("more than"), std::string::npos);
}

}  // namespace
}  // namespace evidence
