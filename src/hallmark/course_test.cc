#include "hallmark/course.h"

#include <gmock/gmock.h>

#include "hallmark/seal.h"
#include "hallmark/trial.h"

namespace hallmark {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using trial::day;
using trial::today;

const base::Digest first_key = base::sha256("first key"), second_key = base::sha256("second key"), maker_key = base::sha256("maker's key");
const std::string office = "https://office.example/one";

Seen seen(const Statement& statement, const base::Digest& by, std::optional<std::uint64_t> index = {}) {
  return {statement, base::sha256(statement.to_json()), by, by != maker_key, index};
}

Seen refused() {
  auto statement = trial::verdict(report::Verdict::fail);
  std::get<VerdictStatement>(statement.predicate).examiner = "First Examiner";
  return seen(statement, first_key, 0);
}

Statement about(const Seen& verdict, Predicate predicate) { return {{verdict.statement.subjects[0]}, std::move(predicate)}; }

std::vector<std::string> steps(const Course& course) {
  std::vector<std::string> out;
  for (const auto& e : course.events) out.emplace_back(name_of(e.step));
  return out;
}

const std::vector<Reasons::Ground> grounds = {{"0011223344556677", "a rule", "x.deb//a", "remove it"}};
const std::string nonce(nonce_digits, 'e');

Reasons sealed_reasons(const Seen& verdict) { return {office, verdict.id, today + day, today + 30 * day, seal_of(nonce, grounds), {}, ""}; }
Reasons opened_reasons(const Seen& verdict) { return {office, verdict.id, today + 30 * day, today + 30 * day, seal_of(nonce, grounds), grounds, nonce}; }

struct Whole {
  Seen verdict = refused();
  Seen sealed = seen(about(verdict, sealed_reasons(verdict)), first_key, 1);
  Seen appeal = seen(about(verdict, Appeal{verdict.id, "Maker", "not so", today + 2 * day}), maker_key, 2);
  Seen better = seen(replacement(), second_key, 3);
  Seen decision = seen(about(verdict, AppealDecision{office, "Second Examiner", appeal.id, verdict.id, true, "the rule was wrong", better.id, today + 3 * day}), second_key, 4);
  Seen opened = seen(about(verdict, opened_reasons(verdict)), first_key, 5);

  Statement replacement() const {
    auto out = trial::verdict(report::Verdict::pass);
    auto& v = std::get<VerdictStatement>(out.predicate);
    v.issued = today + 3 * day;
    v.supersedes = {verdict.id.hex()};
    return out;
  }
};

// The whole course, whatever the order in which the statements are found, and once each.
TEST(Course, IsReadInTheLogsOrder) {
  const Whole w;
  const std::vector<Seen> others = {w.opened, w.decision, w.sealed, w.better, w.appeal, w.appeal, w.verdict};
  const auto course = course_of(w.verdict, others, today + 31 * day).value();
  EXPECT_THAT(steps(course), ElementsAre("struck", "reasons-sealed", "appealed", "superseded", "overturned", "reasons-opened"));
  EXPECT_TRUE(course.objections.empty()) << course.objections[0];
  EXPECT_FALSE(course.stands);
  EXPECT_FALSE(course.pending);
  EXPECT_EQ(course.events[4].index, 4u);
}

TEST(Course, AnAppealWaitsForItsDecisionAndAnUpheldVerdictStands) {
  const Whole w;
  const std::vector<Seen> filed = {w.appeal};
  const auto waiting = course_of(w.verdict, filed, today + 5 * day).value();
  EXPECT_TRUE(waiting.pending);
  EXPECT_TRUE(waiting.stands);
  const std::vector<Seen> done = {w.appeal, seen(about(w.verdict, AppealDecision{office, "Second Examiner", w.appeal.id, w.verdict.id, false, "it is so", {}, today + 3 * day}), second_key)};
  const auto upheld = course_of(w.verdict, done, today + 5 * day).value();
  EXPECT_THAT(steps(upheld), ElementsAre("struck", "appealed", "upheld"));
  EXPECT_TRUE(upheld.stands);
  EXPECT_FALSE(upheld.pending);
}

// Neither the first key nor the first examiner, under whatever spelling, decides an appeal.
TEST(Course, TheFirstNeverDecides) {
  const Whole w;
  const auto with = [&](const base::Digest& key, const std::string& examiner) {
    const std::vector<Seen> others = {w.appeal, seen(about(w.verdict, AppealDecision{office, examiner, w.appeal.id, w.verdict.id, true, "r", {}, today + 3 * day}), key)};
    return course_of(w.verdict, others, today + 5 * day).value();
  };
  for (const auto& course : {with(first_key, "Second Examiner"), with(second_key, "First Examiner"), with(second_key, "first  EXAMINER"), with(maker_key, "Second Examiner")}) {
    EXPECT_TRUE(course.stands);
    EXPECT_TRUE(course.pending);
    EXPECT_EQ(course.objections.size(), 1u);
  }
  EXPECT_FALSE(with(second_key, "Second Examiner").stands);
}

// Of two decisions the first in the log counts; a second one changes nothing.
TEST(Course, AnAppealIsDecidedOnce) {
  const Whole w;
  auto late = seen(about(w.verdict, AppealDecision{office, "Third", w.appeal.id, w.verdict.id, false, "no", {}, today + 1 * day}), second_key, 9);
  const std::vector<Seen> others = {late, w.appeal, w.decision};
  const auto course = course_of(w.verdict, others, today + 5 * day).value();
  EXPECT_THAT(steps(course), ElementsAre("struck", "appealed", "overturned"));
  EXPECT_THAT(course.objections, ElementsAre(HasSubstr("was decided before")));
}

// Statements by strangers, by other offices, about other products or dated in the time to come count for nothing.
TEST(Course, WhatDoesNotCount) {
  const Whole w;
  const auto objected = [&](Seen s) {
    const std::vector<Seen> others = {std::move(s)};
    const auto course = course_of(w.verdict, others, today + 5 * day).value();
    return course.stands && course.objections.size() == 1;
  };
  EXPECT_TRUE(objected(seen(about(w.verdict, Revocation{office, w.verdict.id, today, "r"}), maker_key)));
  EXPECT_TRUE(objected(seen(about(w.verdict, Revocation{"https://other.example/", w.verdict.id, today, "r"}), second_key)));
  EXPECT_TRUE(objected(seen(about(w.verdict, Revocation{office, w.verdict.id, today + 6 * day, "r"}), second_key)));
  auto elsewhere = about(w.verdict, Revocation{office, w.verdict.id, today, "r"});
  elsewhere.subjects[0].digest = base::sha256("another product");
  EXPECT_TRUE(objected(seen(elsewhere, second_key)));
  EXPECT_TRUE(objected(seen(w.replacement(), maker_key)));
  const std::vector<Seen> fine = {seen(about(w.verdict, Revocation{office, w.verdict.id, today, "stolen key"}), first_key)};
  EXPECT_FALSE(course_of(w.verdict, fine, today + day)->stands);
  EXPECT_FALSE(course_of(fine[0], {}, today));  // a revocation is no verdict
}

TEST(Course, Expires) {
  const Whole w;
  EXPECT_TRUE(course_of(w.verdict, {}, today + 364 * day)->stands);
  const auto over = course_of(w.verdict, {}, today + 365 * day).value();
  EXPECT_FALSE(over.stands);
  EXPECT_THAT(steps(over), ElementsAre("struck", "expired"));
}

// The seal holds the office to every word, and to the split between words.
TEST(Seal, EveryByteCounts) {
  const Whole w;
  const auto sealed = sealed_reasons(w.verdict), opened = opened_reasons(w.verdict);
  EXPECT_TRUE(check_opened(opened, &sealed));
  const auto broken = [&](auto change) {
    auto o = opened;
    change(o);
    return !check_opened(o, &sealed);
  };
  EXPECT_TRUE(broken([](Reasons& r) { r.grounds[0].place += "x"; }));
  EXPECT_TRUE(broken([](Reasons& r) { std::swap(r.grounds[0].rule, r.grounds[0].place); }));
  EXPECT_TRUE(broken([](Reasons& r) { r.grounds[0].rule += r.grounds[0].place[0], r.grounds[0].place.erase(0, 1); }));
  EXPECT_TRUE(broken([](Reasons& r) { r.grounds.push_back(r.grounds[0]); }));
  EXPECT_TRUE(broken([](Reasons& r) { r.grounds.clear(); }));
  EXPECT_TRUE(broken([](Reasons& r) { r.nonce[0] = 'f'; }));
  EXPECT_TRUE(broken([](Reasons& r) { r.nonce.pop_back(); }));
  EXPECT_TRUE(broken([](Reasons& r) { r.hallmark = base::sha256("another"); }));
  EXPECT_TRUE(broken([](Reasons& r) { r.deadline += 1; }));
  // Other words under a seal of their own are not the sealed ones.
  EXPECT_TRUE(broken([](Reasons& r) { r.grounds[0].rule = "b", r.sealed = seal_of(r.nonce, r.grounds); }));
}

TEST(Course, AFalseOpeningIsTold) {
  const Whole w;
  auto other = opened_reasons(w.verdict);
  other.grounds[0].rule = "a milder rule";
  const std::vector<Seen> swapped = {w.sealed, seen(about(w.verdict, other), first_key)};
  EXPECT_THAT(course_of(w.verdict, swapped, today + 31 * day)->objections, ElementsAre(HasSubstr("not those that were sealed")));
  const std::vector<Seen> alone = {w.opened};
  EXPECT_THAT(course_of(w.verdict, alone, today + 31 * day)->objections, ElementsAre(HasSubstr("not there")));
}

}  // namespace
}  // namespace hallmark
