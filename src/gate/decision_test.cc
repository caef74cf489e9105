// The decision, case by case: each reason once with its sentence, then the cases that decide between two.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gate/facts.h"
#include "gate/front.h"

namespace gate {
namespace {

using hallmark::Refusal;
using report::Verdict;
using testing::HasSubstr;

constexpr Time now = 1'800'000'000;
const base::Digest product = base::sha256("product");

hallmark::Office office(std::string name) { return {std::move(name), "", {}}; }

/// A world in which everything is well, to be spoilt by a case.
struct Case {
  Policy policy;
  Surroundings around;
  std::vector<std::shared_ptr<const Word>> own, inside;
  std::vector<Answered> answered;
  bool pending = false;

  Case() {
    policy.name = "test";
    policy.trust.offices = {office("A"), office("B"), office("C")};
    around.logs = {{"log.example", 3600, now - 10, 5, false, 0, ""}};
    around.newest_seen = now - 10;
  }
  std::shared_ptr<Word> word(std::string by = "A", Verdict verdict = Verdict::pass) {
    auto w = std::make_shared<Word>();
    w->office = std::move(by);
    w->verdict = verdict;
    w->issued = now - 1000;
    w->expires = now + 1000;
    w->product = product;
    w->name = "tool 1.0";
    w->maker = "Maker";
    w->id = base::sha256(fmt::format("{}{}", w->office, own.size() + inside.size()));
    return w;
  }
  std::shared_ptr<Word> says(std::string by = "A", Verdict verdict = Verdict::pass) {
    auto w = word(std::move(by), verdict);
    own.push_back(w);
    return w;
  }
  Decision decided(Time at = now) const { return decide(policy, around, {own, inside, answered, pending}, product, at); }
};

struct Row {
  Why why;
  Answer answer;
  std::string_view sentence;
  void (*spoil)(Case&);
};

const Row rows[] = {
    {Why::passed, Answer::allow, "tool 1.0 (", [](Case& c) { c.says(); }},
    {Why::condition_met, Answer::allow, "passed under conditions at A, and each is answered", [](Case& c) {
       auto w = c.says("A", Verdict::conditional);
       w->conditions = {"declare the endpoint"};
       w->condition_findings = {"f1"};
       c.policy.conditions_met = {"f1"};
     }},
    {Why::break_glass, Answer::allow, "Let in by hand until 2027-01-15T09:00:00Z on the word of Ann (mail is down); without that: tool 1.0", [](Case& c) {
       c.says("A", Verdict::fail);
       c.around.openings = {{"mail is down", "Ann", now - 5, now + 3600, {}, {}}};
     }},
    {Why::unknown, Answer::deny, "carries no hallmark that this gate knows: have it vetted first", [](Case&) {}},
    {Why::pending, Answer::deny, "is being vetted: try again later", [](Case& c) { c.pending = true; }},
    {Why::failed, Answer::deny, "was refused by A on 2027-01-15: its maker can read the reasons there and appeal", [](Case& c) { c.says("A", Verdict::fail); }},
    {Why::conditional, Answer::deny, "may enter only under conditions of A, and one is not answered: declare the endpoint (finding f1)", [](Case& c) {
       auto w = c.says("A", Verdict::conditional);
       w->conditions = {"declare the endpoint"};
       w->condition_findings = {"f1"};
     }},
    {Why::inconclusive, Answer::deny, "could not finish, so nothing is known in its favour", [](Case& c) { c.says("A", Verdict::inconclusive); }},
    {Why::expired, Answer::deny, "no longer holds (struck 2027-01-15, expires 2027-01-15): have it vetted again", [](Case& c) { c.says()->expires = now; }},
    {Why::revoked, Answer::deny, "was revoked by A: the key was stolen", [](Case& c) {
       auto w = c.says();
       w->revoked = true;
       w->revoked_because = "the key was stolen";
     }},
    {Why::superseded, Answer::deny, "was superseded by a newer one that does not let it in", [](Case& c) { c.says()->superseded = true; }},
    {Why::no_baseline, Answer::deny, "passed at A, but it was not vetted against a version that this gate knows, such as tool 0.9 (0123abcd): have it vetted with --baseline and that version", [](Case& c) {
       auto w = c.says();
       w->descent = Descent::uncompared;
       w->known_version = "tool 0.9 (0123abcd)";
     }},
    {Why::first_version, Answer::deny, "passed at A, but it is a first version, with none before it that this gate knows", [](Case& c) { c.says()->descent = Descent::first; }},
    {Why::too_few_offices, Answer::deny, "passed at 1 of the 2 offices that this gate asks for; The vetting of tool 1.0 (", [](Case& c) {
       c.policy.quorum = 2;
       c.says("A");
       c.says("B", Verdict::inconclusive);
     }},
    {Why::bad_hallmark, Answer::deny, "but it does not hold: the signature does not hold", [](Case& c) {
       auto w = c.says("");
       w->refusal = Refusal::bad_signature;
       w->refused_because = "the signature does not hold";
     }},
    {Why::stale_log, Answer::deny, "The newest sign of life of the log log.example is from", [](Case& c) {
       c.says();
       c.around.logs[0].fresh = now - 3601;
     }},
    {Why::rolled_back_log, Answer::deny, "The log log.example no longer shows the tree that this gate has seen", [](Case& c) {
       c.says();
       c.around.logs[0].rolled_back = true;
     }},
    {Why::incomplete_log, Answer::deny, "The log log.example keeps back a statement of a trusted office, which could be a revocation", [](Case& c) {
       c.says();
       c.around.logs[0].withheld = 1;
     }},
    {Why::unreachable, Answer::deny, "The hallmarks can't be read: no such folder", [](Case& c) {
       c.says();
       c.around.store_trouble = "no such folder";
     }},
};

TEST(Decision, EveryReasonHasItsAnswerAndSentence) {
  std::set<Why> seen;
  for (const auto& row : rows) {
    Case c;
    row.spoil(c);
    const auto d = c.decided();
    EXPECT_EQ(d.why, row.why) << name_of(row.why) << " but " << name_of(d.why) << ": " << d.sentence;
    EXPECT_EQ(d.answer, row.answer) << name_of(row.why);
    EXPECT_THAT(d.sentence, HasSubstr(std::string(row.sentence))) << name_of(row.why);
    EXPECT_EQ(d.sentence.find('\n'), std::string::npos);
    EXPECT_TRUE(seen.insert(row.why).second);
  }
  // The one that needs the bytes is made by the front ends.
  const auto changed = refuse_changed(product);
  EXPECT_EQ(changed.why, Why::changed_bytes);
  EXPECT_EQ(changed.answer, Answer::deny);
  seen.insert(changed.why);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(Why::changed_bytes) + 1) << "a reason has no row";
}

TEST(Decision, WaitsOnlyWherePolicySaysSoAndOnlyForWhatNobodySpokeOf) {
  Case c;
  c.policy.wait_for_unknown = true;
  EXPECT_EQ(c.decided().answer, Answer::wait);
  c.pending = true;
  EXPECT_EQ(c.decided().answer, Answer::wait);
  c.says("A", Verdict::inconclusive);
  EXPECT_EQ(c.decided().answer, Answer::deny);
}

TEST(Decision, OneRefusalOutweighsPassesUnlessThePolicySaysOtherwise) {
  Case c;
  c.policy.quorum = 2;
  c.says("A");
  c.says("B");
  c.says("C", Verdict::fail);
  EXPECT_EQ(c.decided().why, Why::failed);
  c.policy.veto = false;
  EXPECT_EQ(c.decided().why, Why::passed);
}

TEST(Decision, ARevocationOutweighsAnotherOfficesPass) {
  Case c;
  c.says("A");
  c.says("B")->revoked = true;
  EXPECT_EQ(c.decided().why, Why::revoked);
}

TEST(Decision, OneOfficeTwiceIsNoQuorum) {
  Case c;
  c.policy.quorum = 2;
  c.says("A");
  c.says("A");
  EXPECT_EQ(c.decided().why, Why::too_few_offices);
  c.says("B");
  EXPECT_EQ(c.decided().why, Why::passed);
}

TEST(Decision, OnlyNamedOfficesMakeTheQuorum) {
  Case c;
  c.policy.quorum_of = {"B", "C"};
  c.says("A");
  EXPECT_FALSE(c.decided().answer == Answer::allow);
  c.says("B");
  EXPECT_EQ(c.decided().why, Why::passed);
}

TEST(Decision, AnOfficeNobodyTrustsSaysNothing) {
  Case c;
  c.says("Stranger");
  EXPECT_EQ(c.decided().answer, Answer::deny);
}

TEST(Decision, TheNewestWordOfAnOfficeDecides) {
  Case c;
  c.says("A")->issued = now - 50;
  c.says("A", Verdict::fail)->issued = now - 100;
  EXPECT_EQ(c.decided().why, Why::passed);
  c.says("A", Verdict::fail)->issued = now - 10;
  EXPECT_EQ(c.decided().why, Why::failed);
  Case same;  // of the same second: the graver
  same.says("A", Verdict::fail);
  same.says("A", Verdict::pass);
  EXPECT_EQ(same.decided().why, Why::failed);
}

TEST(Decision, ARefusalStandsWithoutProofAndAfterItsTerm) {
  Case c;
  c.says("A")->issued = now - 500;
  auto w = c.says("A", Verdict::fail);
  w->issued = now - 100;
  w->refusal = Refusal::not_logged;
  EXPECT_EQ(c.decided().why, Why::failed);
  w->expires = now - 1;
  EXPECT_EQ(c.decided().why, Why::failed);
  w->verdict = Verdict::pass;  // a pass without proof does not hide the one that has it
  EXPECT_EQ(c.decided().why, Why::passed);
}

TEST(Decision, AConditionIsAnsweredByWaiversOfNamedOfficesWhileTheyLast) {
  Case c;
  auto w = c.says("A", Verdict::conditional);
  w->conditions = {"one", "two"};
  w->condition_findings = {"f1", "f2"};
  c.policy.conditions_met = {"f1"};
  c.policy.waiver_offices = {"B"};
  c.answered = {{"f2", "C", "Bob", now - 10, now + 10}};
  EXPECT_EQ(c.decided().why, Why::conditional) << "C is not asked for waivers";
  c.answered = {{"f2", "B", "Maker", now - 10, now + 10}};
  EXPECT_EQ(c.decided().why, Why::conditional) << "the maker approved it himself";
  c.answered = {{"f2", "B", "Bob", now - 10, now + 10}};
  EXPECT_EQ(c.decided().why, Why::condition_met);
  EXPECT_EQ(c.decided(now + 10).why, Why::conditional) << "the waiver is over";
  c.policy.waiver_offices.clear();
  EXPECT_EQ(c.decided().why, Why::conditional);
}

TEST(Decision, AConditionWithoutAFindingCanBeAnsweredByNobody) {
  Case c;
  auto w = c.says("A", Verdict::conditional);
  w->conditions = {"unread bytes"};
  EXPECT_EQ(c.decided().why, Why::conditional);
  w->conditions = {"one", "unread bytes"};
  w->condition_findings = {"f1"};
  c.policy.conditions_met = {"f1"};
  EXPECT_EQ(c.decided().why, Why::conditional);
}

TEST(Decision, FilesInsideWhatPassedPassUnlessTheirOwnWordSaysOtherwise) {
  Case c;
  c.inside.push_back(c.word("A"));
  EXPECT_EQ(c.decided().why, Why::passed);
  auto old = c.word("A");
  old->superseded = true;
  c.inside = {old};
  EXPECT_EQ(c.decided().why, Why::superseded);
  c.inside.push_back(c.word("A"));
  EXPECT_EQ(c.decided().why, Why::passed) << "another product that holds it passed";
  c.says("A", Verdict::fail);
  EXPECT_EQ(c.decided().why, Why::failed);
}

TEST(Decision, ExpiryAndAgeCountToTheSecond) {
  Case c;
  auto w = c.says();
  EXPECT_EQ(c.decided(w->expires - 1).why, Why::passed);
  EXPECT_EQ(c.decided(w->expires).why, Why::expired);
  c.policy.trust.most_age = 1000;
  EXPECT_EQ(c.decided(w->issued + 1000).why, Why::passed);
  w->expires += 5000;
  EXPECT_EQ(c.decided(w->issued + 1001).why, Why::expired);
}

TEST(Decision, AClockThatWentBackClosesTheGate) {
  Case c;
  c.says();
  c.around.newest_seen = now;
  EXPECT_EQ(c.decided(now - clock_skew).why, Why::passed);
  const auto d = c.decided(now - clock_skew - 1);
  EXPECT_EQ(d.why, Why::stale_log);
  EXPECT_THAT(d.sentence, HasSubstr("The clock of this gate shows"));
}

TEST(Decision, AHallmarkFromTheFutureDoesNotHold) {
  Case c;
  c.says()->issued = now + clock_skew + 1;
  EXPECT_EQ(c.decided().why, Why::bad_hallmark);
}

TEST(Decision, ALogThatWasNeverReadClosesTheGate) {
  Case c;
  c.says();
  c.around.logs[0].fresh = 0;
  c.around.logs[0].trouble = "connection refused";
  EXPECT_EQ(c.decided().why, Why::unreachable);
  EXPECT_THAT(c.decided().sentence, HasSubstr("connection refused"));
}

// A word that lacks a baseline is one that does not count; a refusal needs none, and is told before.
TEST(Decision, AMissingBaselineIsNoQuorumAndHidesNoRefusal) {
  Case c;
  c.policy.quorum = 2;
  c.says("A");
  auto w = c.says("B", Verdict::conditional);
  w->conditions = {"declare the endpoint"};
  w->condition_findings = {"f1"};
  w->descent = Descent::uncompared;
  w->baseline = base::sha256("strange");
  w->baseline_name = "tool 0.8\x1b[2J";
  c.policy.conditions_met = {"f1"};
  EXPECT_EQ(c.decided().why, Why::too_few_offices);
  EXPECT_THAT(c.decided().sentence, HasSubstr("it was vetted against tool 0.8"));
  EXPECT_THAT(c.decided().sentence, HasSubstr("a version that this gate does not know"));
  EXPECT_EQ(c.decided().sentence.find('\x1b'), std::string::npos);
  c.policy.conditions_met.clear();
  EXPECT_THAT(c.decided().sentence, HasSubstr("one is not answered"));
  w->descent = Descent::enough;
  c.policy.conditions_met = {"f1"};
  EXPECT_EQ(c.decided().why, Why::condition_met);
  c.says("C", Verdict::fail)->descent = Descent::uncompared;
  EXPECT_EQ(c.decided().why, Why::failed);
}

TEST(Decision, AFileOfAnUncomparedUpdateStaysOutUnlessAnotherProductBringsIt) {
  Case c;
  auto w = c.word("A");
  w->descent = Descent::uncompared;
  c.inside = {w};
  EXPECT_EQ(c.decided().why, Why::no_baseline);
  c.inside.push_back(c.word("A"));
  EXPECT_EQ(c.decided().why, Why::passed);
}

TEST(Decision, AnOpeningLastsAndNamesItsProducts) {
  Case c;
  c.around.openings = {{"r", "Ann", now, now + 10, {}, {}}};
  EXPECT_EQ(c.decided(now - 1).answer, Answer::deny);
  EXPECT_EQ(c.decided(now).why, Why::break_glass);
  EXPECT_EQ(c.decided(now + 9).why, Why::break_glass);
  EXPECT_EQ(c.decided(now + 10).answer, Answer::deny);
  c.around.openings[0].products = {base::sha256("another")};
  EXPECT_EQ(c.decided().answer, Answer::deny);
  c.around.openings[0].products.insert(product);
  EXPECT_EQ(c.decided().why, Why::break_glass);
  c.says();
  EXPECT_EQ(c.decided().why, Why::passed) << "what passes anyhow is no break-glass";
}

TEST(Decision, SentencesCarryNothingThatMovesATerminal) {
  Case c;
  c.says()->name = "a\x1b[2J\nb";
  const auto d = c.decided();
  EXPECT_EQ(d.sentence.find('\x1b'), std::string::npos);
  EXPECT_EQ(d.sentence.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace gate
