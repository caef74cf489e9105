// Which words about updates rest on a known version: who begins a line, who carries it on, and who can't.
#include "gate/descent.h"

#include <gtest/gtest.h>

#include "gate/index.h"

namespace gate {
namespace {

using report::Verdict;

struct Line : testing::Test {
  Policy policy;
  std::vector<Heard> heard;
  std::vector<Revoked> revoked;
  std::vector<Waived> waived;

  void SetUp() override { policy.updates.need_baseline = true; }

  /// A word by office A about a version named after its bytes, struck one after another.
  Word& says(std::string_view version, std::string_view baseline = "", std::string by = "A", Verdict verdict = Verdict::pass) {
    auto w = std::make_shared<Word>();
    w->office = std::move(by);
    w->verdict = verdict;
    w->issued = 1000 + static_cast<Time>(heard.size());
    w->expires = w->issued + 1'000'000;
    w->product = base::sha256(version);
    w->name = "tool " + std::string(version);
    w->line = "npm/tool";
    w->id = base::sha256(fmt::format("word {}", heard.size()));
    if (!baseline.empty()) w->baseline = base::sha256(baseline);
    heard.push_back({w, {}, {}});
    return *w;
  }
  void revoke(const Word& word) { revoked.push_back({word.office, word.id, "taken back"}); }
  /// Of each word about the version, in the order in which they were said: enough, uncompared, first.
  std::string of(std::string_view version) const {
    const Index index(heard, revoked, waived, policy);
    std::string out;
    for (const auto& word : index.facts_of(base::sha256(version)).own) out += word->descent == Descent::enough ? 'e' : word->descent == Descent::first ? 'f' : 'u';
    return out;
  }
  std::string known_to(std::string_view version) const { return Index(heard, revoked, waived, policy).facts_of(base::sha256(version)).own.back()->known_version; }
};

TEST_F(Line, TheFirstNeedsNoneAndEachNextNeedsAKnownOne) {
  says("1");
  says("2", "1");
  says("3", "2");
  says("3'", "");
  says("3\"", "9");
  says("4", "1");
  EXPECT_EQ(of("1") + of("2") + of("3") + of("4"), "eeee");
  EXPECT_EQ(of("3'") + of("3\""), "uu");
  EXPECT_EQ(known_to("3'").substr(0, 7), "tool 4 ");
  policy.updates.need_baseline = false;
  EXPECT_EQ(of("3'"), "e") << "nobody asks";
}

// The whole point: what nobody compared can't be the ground on which the next one stands.
TEST_F(Line, AVersionThatSlippedInStartsNoNewLine) {
  says("1");
  says("2", "");
  says("3", "2");
  says("4", "3");
  EXPECT_EQ(of("2") + of("3") + of("4"), "uuu");
}

TEST_F(Line, TheOrderInWhichTheyAreReadDoesNotMatter) {
  says("1");
  says("2", "1");
  says("3", "2");
  says("x", "");
  for (int i = 0; i < 24; ++i) {
    std::ranges::next_permutation(heard, {}, [](const Heard& h) { return h.word->id; });
    EXPECT_EQ(of("1") + of("2") + of("3") + of("x"), "eeeu");
  }
}

// Two that name each other, and one that names itself, hang in the air.
TEST_F(Line, ACircleIsNotKnown) {
  says("1");
  says("2", "3");
  says("3", "2");
  says("4", "4");
  EXPECT_EQ(of("2") + of("3") + of("4"), "uuu");
}

TEST_F(Line, OnlyWhatWasLetInIsKnown) {
  says("1");
  says("failed", "1", "A", Verdict::fail);
  says("unfinished", "1", "A", Verdict::inconclusive);
  auto& asked = says("asked", "1", "A", Verdict::conditional);
  asked.conditions = {"declare it"};
  asked.condition_findings = {"f1"};
  revoke(says("revoked", "1"));
  says("stranger's", "1", "");
  auto& broken = says("unproved", "1");
  broken.refusal = hallmark::Refusal::not_logged;
  for (const auto* before : {"failed", "unfinished", "asked", "revoked", "stranger's", "unproved"}) {
    says(std::string("after ") + before, before);
    EXPECT_EQ(of(std::string("after ") + before), "u") << before;
  }
  policy.conditions_met = {"f1"};
  EXPECT_EQ(of("after asked"), "e");
  policy.conditions_met.clear();
  policy.waiver_offices = {"B"};
  waived.push_back({base::sha256("asked"), {"f1", "B", "Ann", 5, 6}});
  EXPECT_EQ(of("after asked"), "e") << "it was let in while the waiver lasted";
}

TEST_F(Line, TermsAndSuccessorsDoNotMatter) {
  says("1").expires = 1001;
  says("1");
  says("2", "1");
  EXPECT_EQ(of("1") + of("2"), "eee");
}

// Found bad afterwards: what was compared with it was compared with a trojan.
TEST_F(Line, ARefusalThatStandsTakesAVersionOut) {
  says("0");
  says("1", "0");
  says("2", "1");
  EXPECT_EQ(of("2"), "e");
  says("1", "", "B", Verdict::fail);
  EXPECT_EQ(of("2"), "u");
  policy.veto = false;
  EXPECT_EQ(of("2"), "e") << "then an office answers for itself alone";
  says("1", "", "A", Verdict::fail);
  EXPECT_EQ(of("2"), "u");
}

TEST_F(Line, AnOfficeNeedNotCompareTheSameBytesTwiceButEachOnce) {
  says("1");
  says("2", "1");
  says("2");
  says("2", "", "B");
  says("1", "", "B");
  EXPECT_EQ(of("2"), "eeu") << "B has compared nothing";
  EXPECT_EQ(of("1"), "ee") << "there is nothing before the first";
}

TEST_F(Line, FirstVersionsAreLetInOnlyByNameWhereThePolicySaysSo) {
  policy.updates.allow_first = false;
  says("1");
  says("2", "1");
  EXPECT_EQ(of("1") + of("2"), "ff") << "two refused ones make no known one";
  policy.updates.known = {base::sha256("1")};
  EXPECT_EQ(of("1") + of("2"), "ee");
  says("3");
  EXPECT_EQ(of("3"), "u");
  policy.updates.known = {base::sha256("0")};
  says("4", "0");
  EXPECT_EQ(of("4"), "e") << "the owner's word stands for a hallmark";
  EXPECT_EQ(of("1"), "u");
}

TEST_F(Line, OtherProductsAreNoBaseline) {
  says("1");
  says("2", "1");
  says("other").line = "npm/other";
  says("3", "other");
  EXPECT_EQ(of("other"), "e");
  EXPECT_EQ(of("3"), "u");
}

TEST_F(Line, ManyVersionsOfOneProduct) {
  for (int i = 0; i < 20'000; ++i) says(std::to_string(i), i == 0 || i % 2 ? "" : std::to_string(i - 2));
  const Index index(heard, revoked, waived, policy);
  EXPECT_EQ(index.facts_of(base::sha256("19998")).own[0]->descent, Descent::enough);
  EXPECT_EQ(index.facts_of(base::sha256("19999")).own[0]->descent, Descent::uncompared);
}

TEST(LineName, OneForAllVersions) {
  const auto name = [](std::string ecosystem, std::string called, std::string maker = "") {
    report::ProductIdentity p;
    p.ecosystem = std::move(ecosystem);
    p.name = std::move(called);
    p.maker = std::move(maker);
    p.digest = "00ff";
    return line_of(p);
  };
  EXPECT_EQ(name("npm", "Left-Trim", "Ann"), name("npm", "left-trim", "Bob")) << "a maker that changed is what an update is asked about";
  EXPECT_NE(name("npm", "left-trim"), name("pypi", "left-trim"));
  EXPECT_EQ(name("pypi", "My_.Pack-age"), name("pypi", "my-pack.age"));
  EXPECT_NE(name("npm", "lodash.merge"), name("npm", "lodash-merge"));
  EXPECT_NE(name("a/b", "c"), name("a", "bc"));
  EXPECT_EQ(name("npm", ""), "sha256:00ff");
}

}  // namespace
}  // namespace gate
