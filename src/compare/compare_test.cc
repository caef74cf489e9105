#include "compare/compare.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "compare/names.h"

using namespace compare;
using artifact::NodeId;
using evidence::Confidence;
using evidence::Facet;

namespace {

/// A product in the making: folders are not needed, names are whole paths.
struct Version {
  artifact::Tree tree;
  std::vector<evidence::Dossier> dossiers;

  Version() {
    tree.nodes.emplace_back().entry.nature = artifact::Nature::directory;
    dossiers.emplace_back();
    package = add(0, "p-1.0.tgz", "the package", "npm");
  }
  NodeId add(NodeId parent, const std::string& name, const std::string& content, const std::string& kind = "script/javascript") {
    const auto id = static_cast<NodeId>(tree.nodes.size());
    artifact::Node node;
    node.parent = parent;
    node.entry.name = name;
    node.kind = kind;
    node.digest = base::sha256(content);
    node.size = std::max<std::uint64_t>(content.size(), 100);
    tree.nodes[parent].children.push_back(id);
    tree.nodes.push_back(std::move(node));
    dossiers.emplace_back().tiles = {{{0, tree.nodes[id].size}, evidence::Label::scanned, ""}};
    return id;
  }
  NodeId file(const std::string& name, const std::string& content) { return add(package, name, content); }
  evidence::Item& fact(NodeId node, Facet facet, std::string word, std::string value = "", std::string unit = "") {
    auto& item = dossiers[node].items.emplace_back();
    item.facet = facet;
    item.word = std::move(word);
    item.value = std::move(value);
    item.unit = std::move(unit);
    return item;
  }
  Edition edition() const { return {tree, dossiers, true}; }
  NodeId package = 0;
};

How how(const Comparison& c, NodeId now) { return c.now_how[now]; }

/// "gained endpoint host x" of every change.
std::multiset<std::string> told(const Comparison& c, const Version& old, const Version& now) {
  std::multiset<std::string> out;
  for (const auto& change : c.changes) {
    const auto& item = change.now_item != no_item ? now.dossiers[change.now].items[change.now_item] : old.dossiers[change.before].items[change.before_item];
    out.insert(fmt::format("{} {} {} {}{}", name_of(change.state), evidence::name_of(item.facet), item.word, item.value, change.reach == Reach::kind ? " !!" : change.reach == Reach::product ? " !" : ""));
  }
  return out;
}

using Told = std::multiset<std::string>;

}  // namespace

// What every version bump changes must not hide what it seldom changes: an address is not a version.
TEST(Names, TakesVersionsOutAndLeavesAddresses) {
  EXPECT_EQ(without_versions("libz.so.1.2.13"), "libz.so.#");
  EXPECT_EQ(without_versions("pkg-2.0/main.3fa94c1b.js"), "pkg-#/main.#.js");
  EXPECT_EQ(without_versions("/releases/v1.2.3"), "/releases/v#");
  EXPECT_EQ(without_versions("(c) 2024 by"), "(c) # by");
  EXPECT_EQ(without_versions("nc 203.0.113.7 4444"), "nc 203.0.113.7 4444");
  EXPECT_EQ(without_versions("file1 and file2"), "file1 and file2");
  EXPECT_EQ(without_versions("0x401136"), "#");
  EXPECT_EQ(without_versions("deadbeef cafebabe1 feedface"), "deadbeef # feedface");
}

TEST(Pairing, TakesContentThenPlaceThenVersions) {
  Version old, now;
  old.file("package/a.js", "a"), old.file("package/lib-1.0.js", "lib 1"), old.file("package/moved.js", "moved"), old.file("package/gone.js", "gone");
  const auto a = now.file("package/a.js", "a changed"), lib = now.file("package/lib-1.1.js", "lib 2"), moved = now.file("package/x/other.js", "moved"), fresh = now.file("package/new.js", "new");
  const auto c = compare::compare(old.edition(), now.edition());
  EXPECT_EQ(how(c, a), How::changed);
  EXPECT_EQ(how(c, lib), How::changed);
  EXPECT_EQ(how(c, moved), How::renamed);
  EXPECT_EQ(how(c, fresh), How::gained);
  EXPECT_EQ(std::ranges::count(c.pairs, How::lost, &Pair::how), 1);
}

// The name under which a product is handed in is no place, and neither is the compression of its layers.
TEST(Pairing, DoesNotMindTheProductsNameOrItsCompression) {
  Version old, now;
  now.tree.nodes[now.package].entry.name = "q-2.0.tgz";
  const auto x = old.add(old.add(old.package, "data.tar.xz", "packed 1", "xz"), "data.tar", "tar 1", "tar");
  old.add(x, "./usr/bin/x", "x 1", "elf");
  const auto y = now.add(now.add(now.package, "data.tar.zst", "packed 2", "zstd"), "data.tar", "tar 2", "tar");
  const auto program = now.add(y, "./usr/bin/x", "x 2", "elf");
  const auto c = compare::compare(old.edition(), now.edition());
  EXPECT_EQ(how(c, program), How::changed);
  EXPECT_EQ(std::ranges::count(c.pairs, How::gained, &Pair::how), 0);
}

// Layers of an image are named by their digest: what is in them tells which is which, never the order of digests.
TEST(Pairing, TellsLayersByWhatIsInThem) {
  Version old, now;
  const auto a1 = old.add(old.package, "blobs/sha256/" + std::string(64, '1'), "a1", "gzip"), b1 = old.add(old.package, "blobs/sha256/" + std::string(63, '2') + "c", "b1", "gzip");
  const auto b2 = now.add(now.package, "blobs/sha256/" + std::string(63, '3') + "c", "b2", "gzip"), a2 = now.add(now.package, "blobs/sha256/" + std::string(63, '4') + "d", "a2", "gzip");
  for (const auto* name : {"etc/a", "etc/aa"}) old.add(a1, name, name), now.add(a2, name, name);
  for (const auto* name : {"etc/b", "etc/bb"}) old.add(b1, name, name), now.add(b2, name, name);
  const auto c = compare::compare(old.edition(), now.edition());
  EXPECT_EQ(c.partner_of_now[a2], a1);
  EXPECT_EQ(c.partner_of_now[b2], b1);
}

TEST(Pairing, AnExecutableBitMakesADifference) {
  Version old, now;
  old.file("package/tool", "same");
  const auto tool = now.file("package/tool", "same");
  now.tree.nodes[tool].entry.mode = 04755;
  EXPECT_EQ(how(compare::compare(old.edition(), now.edition()), tool), How::changed);
}

// A renamed file with a few changed bytes is the same file: its evidence is compared, not all new.
TEST(Pairing, FindsRenamedAndChangedFilesByLikeness) {
  Version old, now;
  const auto before = old.file("package/first.js", "one"), after = now.file("package/second.js", "two");
  const std::string digest = "6FF02BEF718027B0160B4391212923ED7F1A463D563B1549B86CF62973B197AD2731F8";
  old.fact(before, Facet::property, "tlsh", digest);
  now.fact(after, Facet::property, "tlsh", digest);
  old.fact(before, Facet::power, "connect"), now.fact(after, Facet::power, "connect");
  const auto c = compare::compare(old.edition(), now.edition());
  EXPECT_EQ(how(c, after), How::similar);
  EXPECT_TRUE(c.changes.empty());
}

TEST(Items, SaysWhatIsGainedLostMoreAndWhatIsNewToTheProduct) {
  Version old, now;
  const auto a1 = old.file("package/a.js", "1"), b1 = old.file("package/b.js", "1");
  const auto a2 = now.file("package/a.js", "2"), b2 = now.file("package/b.js", "2");
  old.fact(a1, Facet::power, "connect"), old.fact(b1, Facet::endpoint, "host", "old.example"), old.fact(b1, Facet::command, "evaluate");
  now.fact(a2, Facet::power, "connect"), now.fact(a2, Facet::power, "connect").range = {9, 1}, now.fact(a2, Facet::command, "evaluate"), now.fact(b2, Facet::endpoint, "host", "new.example"),
      now.fact(b2, Facet::command, "evaluate");
  EXPECT_EQ(told(compare::compare(old.edition(), now.edition()), old, now),
            (Told{"more power connect ", "gained command evaluate ", "gained endpoint host new.example !", "lost endpoint host old.example !"}));
}

// A maker who adds an address is the same maker; another name is another.
TEST(Items, KnowsAMakerByName) {
  Version old, now, other;
  for (auto [v, maker] : {std::pair{&old, "The developers"}, {&now, "The Developers <dev@x.example> (https://x.example)"}, {&other, "Somebody <dev@x.example>"}})
    v->fact(v->package, Facet::identity, "maker", maker), v->tree.nodes[v->package].digest = base::sha256(maker);
  EXPECT_EQ(told(compare::compare(old.edition(), now.edition()), old, now), (Told{}));
  EXPECT_EQ(told(compare::compare(old.edition(), other.edition()), old, other), (Told{"gained identity maker Somebody <dev@x.example> !", "lost identity maker The developers !"}));
}

// What only stands elsewhere in its file, or names another version, is no change; a surer or otherwise described fact is.
TEST(Items, LooksAtWhatAFactSaysNotWhereItStands) {
  Version old, now;
  const auto a1 = old.file("package/a.js", "1"), a2 = now.file("package/a.js", "2");
  old.fact(a1, Facet::endpoint, "url", "https://x.example/v1.2.3/y", "f:10"), now.fact(a2, Facet::endpoint, "url", "https://x.example/v1.2.4/y", "f:99").range = {50, 3};
  old.fact(a1, Facet::power, "listen").confidence = Confidence::low, now.fact(a2, Facet::power, "listen").confidence = Confidence::high;
  old.fact(a1, Facet::endpoint, "ipv4", "203.0.113.7"), now.fact(a2, Facet::endpoint, "ipv4", "203.0.113.9");
  EXPECT_EQ(told(compare::compare(old.edition(), now.edition()), old, now),
            (Told{"changed power listen ", "gained endpoint ipv4 203.0.113.9 !", "lost endpoint ipv4 203.0.113.7 !"}));
}

TEST(Items, FollowsFactsThatMovedAndFilesThatWereSplit) {
  Version old, now;
  const auto all = old.file("package/all.js", "1"), rest = now.file("package/all.js", "2"), part = now.file("package/part.js", "3");
  for (const auto* host : {"a.example", "b.example", "c.example"}) old.fact(all, Facet::endpoint, "host", host), now.fact(part, Facet::endpoint, "host", host);
  old.fact(all, Facet::power, "connect"), now.fact(rest, Facet::power, "connect");
  const auto c = compare::compare(old.edition(), now.edition());
  EXPECT_EQ(told(c, old, now), (Told{"moved endpoint host a.example", "moved endpoint host b.example", "moved endpoint host c.example"}));
  EXPECT_EQ(how(c, part), How::split);
  const auto back = compare::compare(now.edition(), old.edition());
  EXPECT_EQ(back.before_how[part], How::merged);
}

TEST(Items, LeavesTablesOutWhereAReportCutThem) {
  Version old, now;
  const auto a1 = old.file("package/a", "1"), a2 = now.file("package/a", "2");
  old.fact(a1, Facet::power, "connect"), now.fact(a2, Facet::import, "", "connect");
  const auto c = compare::compare({old.tree, old.dossiers, false}, now.edition());
  EXPECT_TRUE(c.tables_left_out);
  EXPECT_EQ(told(c, old, now), (Told{"lost power connect  !!"}));
}

// Secrets of a report are fingerprints: the same secret is the same fact, whoever tells it.
TEST(Items, KnowsASecretByItsFingerprint) {
  Version old, now;
  const auto a1 = old.file("package/a", "1"), a2 = now.file("package/a", "2");
  old.fact(a1, Facet::key, "token", evidence::fingerprint("hunter2hunter2")).secret = true;
  now.fact(a2, Facet::key, "token", "hunter2hunter2").secret = true;
  EXPECT_TRUE(compare::compare(old.edition(), now.edition()).changes.empty());
}

namespace {

Version made_up(std::mt19937& random) {
  Version v;
  const auto pick = [&](unsigned n) { return random() % n; };
  const auto files = 3 + pick(12);
  for (unsigned i = 0; i < files; ++i) {
    const auto node = v.file(fmt::format("package/{}/f{}-{}.js", pick(3), pick(8), pick(3)), fmt::format("content {}", pick(10)));
    for (unsigned k = pick(6); k > 0; --k) {
      auto& item = v.fact(node, pick(2) ? Facet::endpoint : Facet::power, pick(2) ? "connect" : "listen", fmt::format("v{}", pick(5)));
      item.confidence = static_cast<Confidence>(pick(3));
      item.range = {pick(100), 1};
    }
  }
  return v;
}

std::string mirrored(State s) {
  switch (s) {
    case State::gained: return "lost";
    case State::lost: return "gained";
    case State::more: return "fewer";
    case State::fewer: return "more";
    default: return std::string(name_of(s));
  }
}

}  // namespace

// Over many made-up versions: a version against itself is no change, and the way back is the mirror of the way there.
TEST(Compare, IsEmptyAgainstItselfAndTheSameBothWaysRound) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const auto a = made_up(random), b = made_up(random);
    EXPECT_TRUE(compare::compare(a.edition(), a.edition()).same());
    const auto there = compare::compare(a.edition(), b.edition()), back = compare::compare(b.edition(), a.edition());
    std::multiset<std::string> x, y;
    for (const auto& c : there.changes) x.insert(fmt::format("{} {} {} {} {} {}", name_of(c.state), c.new_to_product(), c.before, c.before_item, c.now, c.now_item));
    for (const auto& c : back.changes) y.insert(fmt::format("{} {} {} {} {} {}", mirrored(c.state), c.new_to_product(), c.now, c.now_item, c.before, c.before_item));
    EXPECT_EQ(x, y) << round;
    for (NodeId n = 0; n < b.tree.nodes.size(); ++n) EXPECT_EQ(there.partner_of_now[n], back.partner_of_before[n]);
    EXPECT_EQ(there.pairs.size(), back.pairs.size());
  }
}

TEST(Growth, NamesUnreadBytesThatASmallProductSuddenlyCarries) {
  Version old, now;
  old.file("package/a.js", "a"), now.file("package/a.js", "a");
  const auto blob = now.file("package/test/blob.bin", "blob");
  now.dossiers[blob].tiles = {{{0, 40'000}, evidence::Label::opaque, "unsupported"}};
  const auto c = compare::compare(old.edition(), now.edition());
  const auto found = growth(old.edition(), now.edition(), c);
  ASSERT_EQ(found[blob].size(), 1u);
  EXPECT_EQ(found[blob][0].word, "opaque-growth");
  EXPECT_EQ(found[blob][0].value, "large");
  for (const auto& items : growth(now.edition(), now.edition(), compare::compare(now.edition(), now.edition()))) EXPECT_TRUE(items.empty());
}

TEST(Growth, NamesABuiltFileThatDoesMoreThanItsSource) {
  Version old, now;
  for (auto* v : {&old, &now}) v->file("package/src/x.js", "source");
  old.file("package/dist/x.min.js", "1");
  const auto built = now.file("package/dist/x.min.js", "2");
  now.fact(built, Facet::outside, "network", "https://collect.invalid/");
  auto c = compare::compare(old.edition(), now.edition());
  auto found = growth(old.edition(), now.edition(), c);
  ASSERT_EQ(found[built].size(), 1u);
  EXPECT_EQ(found[built][0].word, "beyond-source");
  EXPECT_EQ(found[built][0].value, "outside network");
  EXPECT_EQ(found[built][0].attributes["source"], "package/src/x.js");
  now.fact(2, Facet::outside, "network", "https://collect.invalid/");  // the source does it too
  c = compare::compare(old.edition(), now.edition());
  for (const auto& items : growth(old.edition(), now.edition(), c)) EXPECT_TRUE(items.empty());
}

TEST(Growth, NamesABuiltFileWhoseSourceIsGone) {
  Version old, now;
  old.file("package/src/x.js", "source"), old.file("package/dist/x.min.js", "1");
  const auto built = now.file("package/dist/x.min.js", "2");
  const auto found = growth(old.edition(), now.edition(), compare::compare(old.edition(), now.edition()));
  ASSERT_EQ(found[built].size(), 1u);
  EXPECT_EQ(found[built][0].word, "unexplained");
  EXPECT_EQ(found[built][0].value, "source-gone");
}

// A dependency that is shipped along has sources of its own, or none: those of another project say nothing of it.
TEST(Growth, LeavesOtherProjectsSourcesAlone) {
  Version old, now;
  for (auto* v : {&old, &now}) v->file("package/index.js", "source");
  old.file("package/node_modules/y/y.min.js", "1");
  const auto built = now.file("package/node_modules/y/y.min.js", "2");
  now.fact(built, Facet::outside, "network", "https://collect.invalid/");
  for (const auto& items : growth(old.edition(), now.edition(), compare::compare(old.edition(), now.edition()))) EXPECT_TRUE(items.empty());
}

// The xz case: the tarball holds a macro that its repository has not.
TEST(Source, NamesWhatTheSourceDoesNotExplain) {
  Version source, package;
  source.file("configure.ac", "ac"), source.file("src/main.c", "int main;"), source.file("tests/bad.xz", "noise");
  const auto configure = package.file("x-5.6.1/configure", "generated"), main = package.file("x-5.6.1/src/main.c", "int main;"), macro = package.file("x-5.6.1/m4/host.m4", "macro");
  package.tree.nodes[configure].kind = package.tree.nodes[macro].kind = "script/shell";
  const auto c = compare::compare(source.edition(), package.edition());
  auto found = unexplained(source.edition(), package.edition(), c);
  EXPECT_TRUE(found[main].empty());
  ASSERT_EQ(found[macro].size(), 1u);
  EXPECT_EQ(found[macro][0].value, "script");
  EXPECT_FALSE(found[macro][0].attributes.contains("made-of"));
  ASSERT_EQ(found[configure].size(), 1u);
  EXPECT_EQ(found[configure][0].attributes["made-of"], "configure.ac");
  EXPECT_FALSE(found[configure][0].attributes.contains("does-more"));
  package.fact(configure, Facet::command, "evaluate");
  found = unexplained(source.edition(), package.edition(), compare::compare(source.edition(), package.edition()));
  EXPECT_EQ(found[configure][0].attributes["does-more"], "command evaluate");
}

// Identity must not depend on a comparison: a waiver holds with and without a baseline.
TEST(Annotate, LeavesTheIdentityOfEvidence) {
  Version old, now;
  old.file("package/a.js", "1");
  const auto a = now.file("package/a.js", "2");
  now.fact(a, Facet::power, "listen");
  const auto id = evidence::digest_of(now.dossiers[a].items[0], now.tree.nodes[a].digest);
  const auto c = compare::compare(old.edition(), now.edition());
  annotate(c, old.edition(), now.dossiers);
  EXPECT_EQ(now.dossiers[a].items[0].attributes["change"], "gained");
  EXPECT_EQ(now.dossiers[a].items[0].attributes["new-to"], "kind");
  EXPECT_EQ(evidence::digest_of(now.dossiers[a].items[0], now.tree.nodes[a].digest), id);
}

TEST(Lost, StandsAtTheNearestPlaceThatIsStillThere) {
  Version old, now;
  const auto gone = old.file("package/gone.js", "1");
  old.fact(gone, Facet::hardening, "", "pie=yes");
  const auto c = compare::compare(old.edition(), now.edition());
  const auto lost = lost_items(c, old.edition(), now.tree.nodes.size());
  ASSERT_EQ(lost[now.package].size(), 1u);
  EXPECT_EQ(lost[now.package][0].item.attributes.at("change"), "lost");
  EXPECT_EQ(lost[now.package][0].item.attributes.at("gone-from"), "kind");
}
