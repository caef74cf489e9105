#include "hallmark/verify.h"

#include "hallmark/fields.h"
#include "hallmark/trial.h"

namespace hallmark {
namespace {

using report::Verdict;
using trial::day;
using trial::today;

struct Verify : testing::Test {
  trial::Log log;
  std::unique_ptr<sign::Signer> signer = trial::fresh();
  Trust trust = trial::trust_in(signer->public_key(), log);
  HallmarkFile file = trial::strike(trial::verdict(), *signer, &log);

  Refusal of(const HallmarkFile& f, Time now = today + 1) const { return verify(f, trust, now).refusal; }
};

TEST_F(Verify, Holds) {
  for (const auto verdict : {Verdict::pass, Verdict::conditional, Verdict::fail, Verdict::inconclusive}) {
    const auto f = trial::strike(trial::verdict(verdict), *signer, &log);
    const auto v = verify(HallmarkFile::parse(f.print()).value(), trust, today);
    ASSERT_TRUE(v.holds()) << v.why;
    EXPECT_EQ(v.office, "one");
    EXPECT_EQ(v.id, f.bundles[0].envelope.payload_digest());
    EXPECT_EQ(v.log_size, 2u);
    EXPECT_EQ(std::get<VerdictStatement>(v.statement.predicate).verdict, verdict);
  }
}

TEST_F(Verify, Signatures) {
  auto other = file;
  other.bundles[0].envelope.payload[100] ^= 1;
  EXPECT_EQ(of(other), Refusal::bad_signature);
  other = file;
  other.bundles[0].envelope.signatures[0].bytes[5] ^= 1;
  EXPECT_EQ(of(other), Refusal::bad_signature);
  other = file;
  other.bundles[0].envelope.payload_type = "application/json";
  EXPECT_EQ(of(other), Refusal::bad_signature);
  other = file;   // the hint is only that
  other.bundles[0].envelope.signatures[0].keyid = "elsewhere";
  EXPECT_EQ(of(other), Refusal::none);
  EXPECT_EQ(of(trial::strike(trial::verdict(), *trial::fresh(), &log)), Refusal::untrusted_key);
}

TEST_F(Verify, LogProofs) {
  auto other = file;
  other.bundles[0].entry.reset();
  EXPECT_EQ(of(other), Refusal::not_logged);
  other = file;
  other.bundles[0].entry->proof.hashes[0].bytes[0] ^= 1;
  EXPECT_EQ(of(other), Refusal::bad_proof);
  other = file;
  other.bundles[0].entry->proof.index = 0;
  EXPECT_EQ(of(other), Refusal::bad_proof);
  other = file;
  other.bundles[0].entry->proof.checkpoint[5] ^= 1;
  EXPECT_EQ(of(other), Refusal::bad_proof);
  other = file;
  other.bundles[0].entry->size = 3;
  EXPECT_EQ(of(other), Refusal::bad_proof);
  other = file;   // a proof that is good, of another entry
  other.bundles[0].entry = other.bundles[1].entry;
  EXPECT_EQ(of(other), Refusal::bad_proof);
  other = file;   // the second line's proof counts as well
  other.bundles[1].entry.reset();
  EXPECT_EQ(of(other), Refusal::not_logged);
  const trial::Log elsewhere;
  EXPECT_EQ(of(trial::strike(trial::verdict(), *signer, &elsewhere)), Refusal::not_logged);
}

TEST_F(Verify, WithoutALogWhereNoneIsWanted) {
  trust.need_log = false;
  EXPECT_EQ(of(trial::strike(trial::verdict(), *signer, nullptr)), Refusal::none);
  auto other = file;   // but a wrong proof of a trusted log is a lie all the same
  other.bundles[0].entry->proof.hashes[0].bytes[0] ^= 1;
  EXPECT_EQ(of(other), Refusal::bad_proof);
}

TEST_F(Verify, Witnesses) {
  for (int i = 0; i < 3; ++i) log.witnesses.push_back(trial::fresh());
  const auto f = trial::strike(trial::verdict(), *signer, &log);
  trust.logs = {log.trust(3)};
  EXPECT_EQ(of(f), Refusal::none);
  log.witnesses[1] = trial::fresh();   // the reader knows another key of the second one
  trust.logs = {log.trust(2)};
  EXPECT_EQ(of(f), Refusal::none);
  trust.logs = {log.trust(3)};
  EXPECT_EQ(of(f), Refusal::few_witnesses);
}

TEST_F(Verify, Times) {
  EXPECT_EQ(of(file, today - 400), Refusal::not_yet_valid);
  EXPECT_EQ(of(file, today - 200), Refusal::none) << "clocks differ a little";
  EXPECT_EQ(of(file, today + 365 * day - 1), Refusal::none);
  EXPECT_EQ(of(file, today + 365 * day), Refusal::expired);
  trust.most_age = 30 * day;
  EXPECT_EQ(of(file, today + 30 * day), Refusal::none);
  EXPECT_EQ(of(file, today + 30 * day + 1), Refusal::too_old);
}

TEST_F(Verify, PoliciesAndEngines) {
  const auto v = std::get<VerdictStatement>(trial::verdict().predicate);
  trust.policies = {v.policy};
  trust.engines = {v.engine};
  EXPECT_EQ(of(file), Refusal::none);
  trust.policies = {base::sha256("another").hex()};
  EXPECT_EQ(of(file), Refusal::wrong_policy);
  trust.policies.clear();
  trust.engines = {base::sha256("another").hex()};
  EXPECT_EQ(of(file), Refusal::wrong_engine);
}

TEST_F(Verify, OfficesSpeakForThemselves) {
  EXPECT_EQ(of(trial::strike(trial::verdict(Verdict::pass, "https://office.example/two"), *signer, &log)), Refusal::other_office);
  trust.offices[0].uri.clear();
  EXPECT_EQ(of(trial::strike(trial::verdict(Verdict::pass, "https://office.example/two"), *signer, &log)), Refusal::none);
}

// Rotation: the old key counts for what it signed in its time, the new one from its first day, both in between.
TEST_F(Verify, KeysHaveTheirTime) {
  const auto next = trial::fresh();
  auto& keys = trust.offices[0].keys;
  keys = {{signer->public_key(), 0, today + day}, {next->public_key(), today - day, INT64_MAX}};
  EXPECT_EQ(of(file), Refusal::none);
  EXPECT_EQ(of(trial::strike(trial::verdict(), *next, &log)), Refusal::none);
  EXPECT_EQ(of(file, today + 100 * day), Refusal::none) << "signed in the key's time, still within its own";
  keys[0].not_after = today - 1;
  EXPECT_EQ(of(file), Refusal::untrusted_key);
  keys[1].not_before = today + 1;
  EXPECT_EQ(of(trial::strike(trial::verdict(), *next, &log)), Refusal::untrusted_key);
}

// Who stole a key that was put away writes an old date; the witnesses' time tells.
TEST_F(Verify, ADateBeforeTheLogsIsNoUseToAThief) {
  log.witnesses.push_back(trial::fresh());
  log.cosigned = today + 50 * day;
  const auto forged = trial::strike(trial::verdict(), *signer, &log);
  trust.logs = {log.trust(1)};
  trust.offices[0].keys = {{signer->public_key(), 0, today + day}};
  EXPECT_EQ(of(forged, today + 60 * day), Refusal::untrusted_key);
  log.cosigned = today + 10;
  EXPECT_EQ(of(trial::strike(trial::verdict(), *signer, &log), today + 60 * day), Refusal::none);
}

// Lines in another order, of another product, by another key, or a summary of passing behind a refusal.
TEST_F(Verify, TheSecondLineSaysTheSame) {
  auto swapped = file;
  std::swap(swapped.bundles[0], swapped.bundles[1]);
  EXPECT_EQ(of(swapped), Refusal::malformed);
  auto summary_alone = file;
  summary_alone.bundles.erase(summary_alone.bundles.begin());
  EXPECT_EQ(of(summary_alone), Refusal::malformed);
  auto behind_fail = trial::strike(trial::verdict(Verdict::fail), *signer, &log);
  behind_fail.bundles.push_back(file.bundles[1]);
  EXPECT_EQ(of(behind_fail), Refusal::malformed);
  auto of_another = trial::verdict();
  of_another.subjects[0].digest = base::sha256("another product");
  std::get<VerdictStatement>(of_another.predicate).product.digest = of_another.subjects[0].digest.hex();
  auto mixed = file;
  mixed.bundles[1] = trial::strike(of_another, *signer, &log).bundles[1];
  EXPECT_EQ(of(mixed), Refusal::malformed);
  mixed.bundles[1] = trial::strike(trial::verdict(), *trial::fresh(), &log).bundles[1];
  EXPECT_EQ(of(mixed), Refusal::bad_signature);
  mixed.bundles[1] = file.bundles[0];
  EXPECT_EQ(of(mixed), Refusal::malformed);
  auto first_alone = file;
  first_alone.bundles.pop_back();
  EXPECT_EQ(of(first_alone), Refusal::none);
}

TEST_F(Verify, OtherStatements) {
  const Statement revocation{{{"x", base::sha256("x")}}, Revocation{"https://office.example/one", base::sha256("h"), today, "wrong"}};
  const auto envelope = Envelope::seal(revocation.to_json(), *signer).value();
  std::string office;
  EXPECT_TRUE(verify_statement(envelope, trust, today, &office));
  EXPECT_EQ(office, "one");
  EXPECT_FALSE(verify_statement(envelope, trust, today - day));
  EXPECT_FALSE(verify_statement(Envelope::seal(revocation.to_json(), *trial::fresh()).value(), trust, today));
  EXPECT_FALSE(verify_statement(Envelope::seal(revocation.to_json(), *signer, "text/plain").value(), trust, today));
  trust.offices[0].uri = "https://office.example/two";
  EXPECT_FALSE(verify_statement(envelope, trust, today));
  const Statement appeal{{{"x", base::sha256("x")}}, Appeal{base::sha256("h"), "maker", "grounds", today}};
  const auto by_key = Envelope::seal(appeal.to_json(), *signer).value();
  EXPECT_TRUE(verify_statement(by_key, trust, today, &office));
  trust.offices[0].keys[0].not_after = today - 1;
  EXPECT_FALSE(verify_statement(by_key, trust, today));
}

TEST_F(Verify, TwoOfThreeOffices) {
  std::vector<Verified> said;
  const auto say = [&](std::string office, Verdict verdict, Time issued, Refusal refusal = Refusal::none) {
    auto statement = trial::verdict(verdict);
    std::get<VerdictStatement>(statement.predicate).issued = issued;
    said.push_back({refusal, "", std::move(office), {}, std::move(statement), 0});
  };
  const std::set<std::string> three = {"a", "b", "c"};
  say("a", Verdict::pass, today);
  EXPECT_FALSE(quorum(said, three, 2).reached);
  say("a", Verdict::pass, today + 1);
  EXPECT_FALSE(quorum(said, three, 2).reached) << "one office twice is one office";
  say("d", Verdict::pass, today);
  EXPECT_FALSE(quorum(said, three, 2).reached) << "not one of the three";
  say("b", Verdict::pass, today, Refusal::expired);
  EXPECT_FALSE(quorum(said, three, 2).reached) << "does not hold";
  say("b", Verdict::conditional, today);
  EXPECT_EQ(quorum(said, three, 2).verdict, Verdict::conditional);
  say("c", Verdict::pass, today);
  EXPECT_TRUE(quorum(said, three, 2).reached);
  say("c", Verdict::fail, today + 1);
  EXPECT_FALSE(quorum(said, three, 2).reached) << "the newest word of an office counts";
  say("a", Verdict::inconclusive, today + 1);
  EXPECT_EQ(quorum(said, three, 2).verdict, Verdict::fail);
  std::reverse(said.begin(), said.end());
  EXPECT_EQ(quorum(said, three, 2).verdict, Verdict::fail) << "no order of files matters";
  EXPECT_FALSE(quorum({}, {}, 0).reached);
}

}  // namespace
}  // namespace hallmark
