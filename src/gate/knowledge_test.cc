// What a gate learns from a real log in a folder, and what it makes of a log that lies.
#include "gate/knowledge.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "hallmark/trial.h"
#include "tlog/writer.h"

namespace gate {
namespace {

namespace fs = std::filesystem;
using hallmark::trial::day;
using hallmark::trial::fresh;
using hallmark::trial::today;
using report::Verdict;

struct LogWorld : testing::Test {
  fs::path root = fs::temp_directory_path() / fmt::format("assay-knowledge-{}-{}", ::getpid(), ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::shared_ptr<const sign::Signer> log_key = fresh();
  std::unique_ptr<sign::Signer> office = fresh(), other = fresh();
  tlog::NoteKey key = tlog::NoteKey::make("log.example/gate", tlog::NoteType::ed25519, log_key->public_key()).value();
  std::unique_ptr<tlog::Writer> writer;
  Policy policy;
  Time now = today + 100;

  void SetUp() override {
    fs::remove_all(root);
    fs::create_directories(root / "marks");
    begin("log");
    policy.name = "test";
    policy.hallmarks = (root / "marks").string();
    policy.trust.offices = {{"one", "https://office.example/one", {{office->public_key()}}}, {"two", "https://office.example/two", {{other->public_key()}}}};
    policy.trust.logs = {{"log.example/gate", key, {}, 0}};
    policy.logs = {{policy.trust.logs[0], "file://" + (root / "log").string(), 3600}};
  }
  void TearDown() override {
    writer.reset();
    fs::remove_all(root);
  }
  void begin(const std::string& name) {
    writer.reset();
    ASSERT_TRUE(tlog::Writer::init((root / name).string(), "log.example/gate", log_key->public_key()));
    auto opened = tlog::Writer::open((root / name).string(), log_key, {.batch_milliseconds = 0});
    ASSERT_TRUE(opened) << opened.error().what;
    writer = std::move(*opened);
  }
  base::Digest log(const hallmark::Statement& statement, const sign::Signer& by) {
    const auto envelope = hallmark::Envelope::seal(statement.to_json(), by).value();
    tlog::NewEntry entry;
    const auto leaf = hallmark::dsse_leaf(envelope, by.public_key());
    entry.leaf.assign(leaf.begin(), leaf.end());
    entry.statement = envelope.to_json();
    entry.statement_name = envelope.payload_digest();
    EXPECT_TRUE(writer->append(std::move(entry)));
    return envelope.payload_digest();
  }
  static hallmark::Statement verdict(Verdict v, Time issued = today, std::string uri = "https://office.example/one") {
    auto out = hallmark::trial::verdict(v, std::move(uri));
    auto& said = std::get<hallmark::VerdictStatement>(out.predicate);
    said.issued = issued;
    if (v == Verdict::conditional) said.conditions = {"declare it"}, said.condition_findings = {"f1"};
    else said.conditions.clear(), said.condition_findings.clear();
    return out;
  }
  static base::Digest product() { return verdict(Verdict::pass).subjects[0].digest; }
  std::unique_ptr<Knowledge> open() {
    auto out = Knowledge::open(policy, (root / "state").string(), now);
    EXPECT_TRUE(out) << (out ? "" : out.error().what);
    return std::move(*out);
  }
  Why why(Knowledge& knowledge) {
    knowledge.refresh(now);
    return knowledge.decide(product(), now).why;
  }
};

TEST_F(LogWorld, ClosedBeforeTheFirstReading) {
  log(verdict(Verdict::pass), *office);
  const auto k = open();
  EXPECT_EQ(k->decide(product(), now).why, Why::unreachable);
}

TEST_F(LogWorld, AHallmarkInTheLogNeedsNoFile) {
  const auto k = open();
  EXPECT_EQ(why(*k), Why::unknown);
  log(verdict(Verdict::pass), *office);
  EXPECT_EQ(why(*k), Why::passed);
}

TEST_F(LogWorld, ANewerVerdictInTheLogDecidesOverAFile) {
  std::ofstream(root / "marks" / "a.hallmark") << hallmark::Envelope::seal(verdict(Verdict::pass).to_json(), *office).value().to_json() << "\n";
  const auto k = open();
  EXPECT_EQ(why(*k), Why::bad_hallmark) << "the file has no proof";
  log(verdict(Verdict::pass), *office);
  EXPECT_EQ(why(*k), Why::passed) << "the same hallmark, logged";
  log(verdict(Verdict::fail, today + 5), *office);
  EXPECT_EQ(why(*k), Why::failed);
}

TEST_F(LogWorld, RevocationsOfTheSameOfficeOnly) {
  const auto id = log(verdict(Verdict::pass), *office);
  const auto k = open();
  hallmark::Statement revocation{{{"hallmark", product()}}, hallmark::Revocation{"https://office.example/two", id, today + 1, "not theirs to take"}};
  log(revocation, *other);
  EXPECT_EQ(why(*k), Why::passed) << "another office can't take it back";
  std::get<hallmark::Revocation>(revocation.predicate).office = "https://office.example/one";
  log(revocation, *other);
  EXPECT_EQ(why(*k), Why::passed) << "nor in its name";
  log(revocation, *office);
  EXPECT_EQ(why(*k), Why::revoked);
  const auto again = open();  // from what is kept
  EXPECT_EQ(why(*again), Why::revoked);
}

TEST_F(LogWorld, WaiversAnswerConditionsWhenLogged) {
  policy.waiver_offices = {"two"};
  log(verdict(Verdict::conditional), *office);
  const auto k = open();
  EXPECT_EQ(why(*k), Why::conditional);
  hallmark::Statement waiver{{{"product", product()}}, hallmark::WaiverStatement{"https://office.example/two", "f1", "looked at", "Ann", "Bob", today, today + day}};
  log(waiver, *other);
  EXPECT_EQ(why(*k), Why::condition_met);
  now = today + day;
  policy.trust.most_age = 0;
  EXPECT_EQ(why(*k), Why::conditional) << "the waiver is over";
}

TEST_F(LogWorld, AWithheldStatementClosesTheGateUntilItIsGiven) {
  log(verdict(Verdict::pass), *office);
  const auto id = log(verdict(Verdict::fail, today + 5), *office);
  const auto file = root / "log" / "statement" / id.hex();
  ASSERT_TRUE(fs::exists(file));
  fs::rename(file, root / "kept-back");
  const auto k = open();
  EXPECT_EQ(why(*k), Why::incomplete_log);
  const auto again = open();
  EXPECT_EQ(why(*again), Why::incomplete_log);
  fs::rename(root / "kept-back", file);
  EXPECT_EQ(why(*again), Why::failed);
}

TEST_F(LogWorld, StatementsOfStrangersHoldNothingUp) {
  log(verdict(Verdict::pass), *office);
  const auto stranger = fresh();
  const auto id = log(verdict(Verdict::fail, today + 5), *stranger);
  fs::remove(root / "log" / "statement" / id.hex());
  const auto k = open();
  EXPECT_EQ(why(*k), Why::passed);
}

TEST_F(LogWorld, ARolledBackLogIsToldEvenAfterARestart) {
  log(verdict(Verdict::pass), *office);
  fs::copy(root / "log", root / "old", fs::copy_options::recursive);
  log(verdict(Verdict::pass, today + 2), *office);
  {
    const auto k = open();
    EXPECT_EQ(why(*k), Why::passed);
  }
  writer.reset();
  fs::rename(root / "log", root / "new");
  fs::rename(root / "old", root / "log");
  const auto k = open();
  EXPECT_EQ(why(*k), Why::rolled_back_log);
  fs::rename(root / "log", root / "old");
  fs::rename(root / "new", root / "log");
  EXPECT_EQ(why(*k), Why::passed) << "an old copy was shown, not another tree";
}

TEST_F(LogWorld, AForkIsToldForGood) {
  log(verdict(Verdict::pass), *office);
  {
    const auto k = open();
    EXPECT_EQ(why(*k), Why::passed);
  }
  begin("fork");
  log(verdict(Verdict::pass, today + 9), *office);
  writer.reset();
  fs::rename(root / "log", root / "first");
  fs::rename(root / "fork", root / "log");
  {
    const auto k = open();
    EXPECT_EQ(why(*k), Why::rolled_back_log);
  }
  fs::rename(root / "log", root / "fork");
  fs::rename(root / "first", root / "log");
  const auto k = open();
  EXPECT_EQ(why(*k), Why::rolled_back_log) << "two signed trees of one size are proof; showing one of them again does not undo it";
}

TEST_F(LogWorld, ALongerTreeThatDoesNotBeginWithTheSeenOneIsRefused) {
  log(verdict(Verdict::pass), *office);
  {
    const auto k = open();
    EXPECT_EQ(why(*k), Why::passed);
  }
  begin("fork");
  for (int i = 5; i < 9; ++i) log(verdict(Verdict::pass, today + i), *office);
  writer.reset();
  fs::rename(root / "log", root / "first");
  fs::rename(root / "fork", root / "log");
  const auto k = open();
  EXPECT_EQ(why(*k), Why::rolled_back_log);
}

TEST_F(LogWorld, AnUnreachableLogIsUsedUntilItIsStale) {
  log(verdict(Verdict::pass), *office);
  const auto k = open();
  EXPECT_EQ(why(*k), Why::passed);
  writer.reset();
  fs::rename(root / "log", root / "away");
  now += 3600;
  EXPECT_EQ(why(*k), Why::passed);
  now += 1;
  EXPECT_EQ(why(*k), Why::stale_log);
  fs::rename(root / "away", root / "log");
  EXPECT_EQ(why(*k), Why::passed);
}

TEST_F(LogWorld, AClockSetBackIsToldAfterARestart) {
  log(verdict(Verdict::pass), *office);
  {
    const auto k = open();
    EXPECT_EQ(why(*k), Why::passed);
  }
  now -= 1000;
  const auto k = open();
  EXPECT_EQ(why(*k), Why::stale_log);
}

// From the log, signed: an update counts when its hallmark names a version that passed here.
TEST_F(LogWorld, AnUpdateNeedsAKnownBaselineWhereThePolicySaysSo) {
  const auto update = [](std::string_view bytes, std::string_view baseline, Time issued) {
    auto out = verdict(Verdict::pass, issued);
    auto& said = std::get<hallmark::VerdictStatement>(out.predicate);
    out.subjects = {{"left-trim-1.0.4.tgz", base::sha256(bytes)}};
    said.product.digest = base::sha256(bytes).hex();
    said.product.version = "1.0.4";
    if (!baseline.empty()) said.baseline = hallmark::Baseline{std::string(baseline), "left-trim", "1.0.3", Verdict::pass, "", "", 0, {}, 0};
    return out;
  };
  policy.updates.need_baseline = true;
  const auto first = log(verdict(Verdict::pass), *office);
  log(update("compared", product().hex(), today + 1), *office);
  log(update("alone", "", today + 2), *office);
  log(update("strange", base::sha256("nobody knows it").hex(), today + 3), *office);
  const auto k = open();
  EXPECT_EQ(why(*k), Why::passed) << "the first version needs none";
  EXPECT_EQ(k->decide(base::sha256("compared"), now).why, Why::passed);
  EXPECT_EQ(k->decide(base::sha256("alone"), now).why, Why::no_baseline);
  EXPECT_NE(k->decide(base::sha256("alone"), now).sentence.find("such as left-trim 1.0.4 (" + base::sha256("compared").brief()), std::string::npos) << k->decide(base::sha256("alone"), now).sentence;
  EXPECT_EQ(k->decide(base::sha256("strange"), now).why, Why::no_baseline);
  log({{{"hallmark", product()}}, hallmark::Revocation{"https://office.example/one", first, today + 4, "it was taken over"}}, *office);
  EXPECT_EQ(why(*k), Why::revoked);
  EXPECT_EQ(k->decide(base::sha256("alone"), now).why, Why::no_baseline) << "the next one begins the line now";
  EXPECT_EQ(k->decide(base::sha256("compared"), now).why, Why::passed);
  policy.updates.need_baseline = false;
  const auto any = open();
  EXPECT_EQ(why(*any), Why::revoked);
  EXPECT_EQ(any->decide(base::sha256("alone"), now).why, Why::passed);
}

TEST_F(LogWorld, PendingIsToldUntilAHallmarkComes) {
  const auto k = open();
  EXPECT_EQ(why(*k), Why::unknown);
  k->mark_pending(product(), now);
  EXPECT_EQ(k->decide(product(), now).why, Why::pending);
  EXPECT_EQ(why(*k), Why::pending);
  log(verdict(Verdict::fail), *office);
  EXPECT_EQ(why(*k), Why::failed);
  k->mark_pending(base::sha256("x"), now);
  k->clear_pending(base::sha256("x"));
  EXPECT_EQ(k->decide(base::sha256("x"), now).why, Why::unknown);
}

TEST_F(LogWorld, DamagedStateIsAnErrorNotAFreshStart) {
  log(verdict(Verdict::pass), *office);
  {
    const auto k = open();
    EXPECT_EQ(why(*k), Why::passed);
  }
  for (const auto& entry : fs::directory_iterator(root / "state"))
    if (entry.path().filename().string().starts_with("log-") && entry.path().extension() == ".json") fs::resize_file(entry.path(), fs::file_size(entry.path()) / 2);
  const auto k = Knowledge::open(policy, (root / "state").string(), now);
  ASSERT_FALSE(k) << "who damages the state would make the gate forget what it has seen";
  EXPECT_NE(k.error().what.find("is damaged"), std::string::npos);
}

}  // namespace
}  // namespace gate
