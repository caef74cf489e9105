#include "hallmark/statement.h"

#include "hallmark/fields.h"
#include "hallmark/trial.h"

namespace hallmark {
namespace {

using report::Verdict;
using trial::today;

base::Digest digest(std::string_view text) { return base::sha256(text); }

/// A failed update: two findings are new since a version that has a hallmark, and of which a report was there.
Statement update() {
  auto out = trial::verdict(Verdict::fail);
  std::get<VerdictStatement>(out.predicate).baseline = Baseline{digest("before").hex(), "left-trim", "1.0.2", Verdict::pass, digest("a report").hex(), digest("a hallmark").hex(), 2, {"0011223344556677", "8899aabbccddeeff"}, 1};
  return out;
}

std::vector<Statement> one_of_each() {
  const Subject product{"x_1.deb", digest("x")};
  std::vector<Statement> out = {trial::verdict(Verdict::pass), trial::verdict(Verdict::conditional), trial::verdict(Verdict::fail), trial::verdict(Verdict::inconclusive)};
  out.push_back(update());
  const std::string office = "https://office.example/one";
  out.push_back({{product}, Revocation{office, digest("h"), today, "the rules missed it"}});
  out.push_back({{product}, WaiverStatement{office, "0123456789abcdef", "used in a closed network", "security officer", "maker", today, today + 10}});
  out.push_back({{product}, Reasons{office, digest("h"), today, today + 90, digest("sealed"), {}, ""}});
  out.push_back({{product}, Reasons{office, digest("h"), today, today + 90, std::nullopt, {{"f", "rule/name", "place//in", "remove it"}, {"", "rule/other", "", ""}}, "00ff"}});
  out.push_back({{product}, Appeal{digest("h"), "the maker", "it is declared", today}});
  out.push_back({{product}, AppealDecision{office, "second examiner", digest("a"), digest("h"), true, "the rule was wrong", digest("n"), today}});
  out.push_back({{product}, AppealDecision{office, "second examiner", digest("a"), digest("h"), false, "it stands", std::nullopt, today}});
  out.push_back({{product}, BreakGlass{"gate-1", "outage", "on call", today, today + 3600}});
  return out;
}

TEST(Statement, ReadsWhatItWrote) {
  for (const auto& statement : one_of_each()) {
    const auto text = statement.to_json();
    const auto again = Statement::from_json(text);
    ASSERT_TRUE(again) << again.error().to_string() << text;
    EXPECT_EQ(again->to_json(), text);
    EXPECT_EQ(again->predicate.index(), statement.predicate.index());
  }
}

// Where a statement is cut it is refused; where a bit is changed it is refused or read as what it then says.
TEST(Statement, DamagedAtEveryByte) {
  for (const auto& statement : one_of_each()) {
    const auto text = statement.to_json();
    for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(Statement::from_json(text.substr(0, size)));
    for (std::size_t i = 0; i < text.size(); ++i) {
      auto other = text;
      other[i] = static_cast<char>(other[i] ^ (1 << i % 8));
      const auto read = Statement::from_json(other);
      EXPECT_TRUE(!read || Statement::from_json(read->to_json())) << other;
    }
  }
}

// Each of these would let two readers see two things, or let a word through that means nothing.
TEST(Statement, RefusesContradictions) {
  const auto changed = [](Verdict verdict, std::string_view path, Json value) {
    auto json = Json::parse(trial::verdict(verdict).to_json());
    json[Json::json_pointer(std::string(path))] = std::move(value);
    return Statement::from_json(json.dump());
  };
  EXPECT_TRUE(changed(Verdict::pass, "/predicate/unheardOf", 1));
  EXPECT_FALSE(changed(Verdict::pass, "/predicate/expires", print_time(today)));
  EXPECT_FALSE(changed(Verdict::pass, "/predicate/conditions", {"look at it"}));
  EXPECT_FALSE(changed(Verdict::pass, "/predicate/replayable", false));
  EXPECT_FALSE(changed(Verdict::pass, "/predicate/verdict", "PASS"));
  EXPECT_FALSE(changed(Verdict::pass, "/predicate/verdict", "conditional"));
  EXPECT_FALSE(changed(Verdict::conditional, "/predicate/conditions", Json::array()));
  EXPECT_FALSE(changed(Verdict::conditional, "/predicate/verdict", "pass"));
  EXPECT_FALSE(changed(Verdict::fail, "/predicate/issued", "2026-11-22"));
  EXPECT_FALSE(changed(Verdict::fail, "/predicate/office", ""));
  EXPECT_FALSE(changed(Verdict::fail, "/predicate/office", "https://office.example/\u202e"));
  EXPECT_FALSE(changed(Verdict::fail, "/predicate/product/size", -1));
  EXPECT_FALSE(changed(Verdict::fail, "/predicate/product/digest/sha256", digest("another").hex()));
  EXPECT_FALSE(changed(Verdict::fail, "/subject/0/digest/sha256", digest("another").hex()));
  EXPECT_FALSE(changed(Verdict::fail, "/subject/0/digest", {{"sha512", "00"}}));
  EXPECT_FALSE(changed(Verdict::fail, "/subject", Json::array()));
  EXPECT_FALSE(changed(Verdict::fail, "/_type", "https://in-toto.io/Statement/v0.1"));
  EXPECT_FALSE(changed(Verdict::fail, "/predicateType", vsa_type));
  EXPECT_FALSE(changed(Verdict::fail, "/predicateType", revocation_type));
  EXPECT_EQ(changed(Verdict::fail, "/predicateType", "https://example.com/other").error().trouble, base::Trouble::unsupported);
}

// A gate lets an update in on the word of its baseline: it must say one thing.
TEST(Statement, RefusesABaselineThatContradictsItself) {
  const auto changed = [](std::string_view path, Json value, Verdict verdict = Verdict::fail) {
    auto json = Json::parse(update().to_json());
    json["predicate"]["verdict"] = report::name_of(verdict);
    json[Json::json_pointer("/predicate/baseline" + std::string(path))] = std::move(value);
    return Statement::from_json(json.dump());
  };
  const auto product = std::get<VerdictStatement>(update().predicate).product.digest;
  EXPECT_TRUE(changed("/unheardOf", 1));
  EXPECT_FALSE(changed("/digest/sha256", product)) << "compared with itself";
  EXPECT_FALSE(changed("/digest", Json::object()));
  EXPECT_FALSE(changed("/digest/sha256", "00"));
  EXPECT_FALSE(changed("/name", "a\x1b[2J"));
  EXPECT_FALSE(changed("/verdict", "good"));
  EXPECT_FALSE(changed("/report/digest", Json::object()));
  EXPECT_FALSE(changed("/hallmark/sha256", "AB"));
  EXPECT_FALSE(changed("/newFindings", 1)) << "two are listed";
  EXPECT_FALSE(changed("/newFindings", 3)) << "only two are listed";
  EXPECT_FALSE(changed("/newFindings", -1));
  EXPECT_FALSE(changed("/newFindings", nullptr));
  EXPECT_FALSE(changed("/findings", {"0011223344556677", "0011223344556677"}));
  EXPECT_FALSE(changed("/findings", {"0011223344556677", ""}));
  EXPECT_FALSE(changed("/findings", "0011223344556677"));
  EXPECT_FALSE(changed("/resolvedFindings", "many"));
  EXPECT_FALSE(changed("", Json::array()));
  EXPECT_FALSE(changed("/name", "x", Verdict::pass)) << "new findings count against it, and it is said to pass";
  auto superseding = update();
  std::get<VerdictStatement>(superseding.predicate).supersedes = {digest("a hallmark").hex()};
  EXPECT_FALSE(Statement::from_json(superseding.to_json())) << "its own earlier hallmark would be another version's";
  auto json = Json::parse(update().to_json());
  json["predicate"]["baseline"] = nullptr;
  const auto without = Statement::from_json(json.dump());
  ASSERT_TRUE(without);
  EXPECT_FALSE(std::get<VerdictStatement>(without->predicate).baseline);
}

// What counts: new or changed, and more than told. The list ends, the number does not.
TEST(Statement, BaselineOfAReport) {
  const auto baseline_of = [](const report::Report& report) { return std::get<VerdictStatement>(verdict_of(report, "{}", "https://office.example/one", today, today + 1).predicate).baseline; };
  auto report = report::sample::failing();
  EXPECT_FALSE(baseline_of(report));
  report.baseline.emplace();
  report.baseline->product.name = "left\x1b[2J";
  report.baseline->product.version = "1.0.2";
  report.baseline->product.digest = digest("before").hex();
  report.baseline->verdict = Verdict::conditional;
  report.baseline->resolved.resize(3);
  const auto add = [&](std::string id, report::Effect effect, report::News news) {
    report::Finding finding;
    finding.id = std::move(id);
    finding.effect = effect;
    finding.news = news;
    report.findings.push_back(std::move(finding));
  };
  report.findings.clear();
  add("f1", report::Effect::fail, report::News::fresh);
  add("f2", report::Effect::conditional, report::News::changed);
  add("f3", report::Effect::conditional, report::News::unchanged);
  add("f4", report::Effect::disclose, report::News::fresh);
  auto found = baseline_of(report);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->digest, digest("before").hex());
  EXPECT_EQ(found->name.find('\x1b'), std::string::npos);
  EXPECT_EQ(found->findings, (std::vector<std::string>{"f1", "f2"}));
  EXPECT_EQ(found->news, 2u);
  EXPECT_EQ(found->resolved, 3u);
  EXPECT_EQ(found->verdict, Verdict::conditional);
  EXPECT_EQ(found->report, "");
  for (int i = 0; i < 2'000; ++i) add(fmt::format("more {}", i), report::Effect::fail, report::News::fresh);
  const auto crowded = verdict_of(report, "{}", "https://office.example/one", today, today + 1);
  found = std::get<VerdictStatement>(crowded.predicate).baseline;
  EXPECT_EQ(found->news, 2'002u);
  EXPECT_EQ(found->findings.size(), Baseline::most_listed);
  EXPECT_TRUE(Statement::from_json(crowded.to_json()));
}

TEST(Statement, VerdictOfAReport) {
  auto report = report::sample::passing();
  const auto same = report.artifacts[3].digest;
  report.artifacts[4].digest = same;   // two places, one content
  report.artifacts[4].place += "\x1b[2J";
  const auto statement = verdict_of(report, "the report", "https://office.example/one", today, today + 1);
  const auto& v = std::get<VerdictStatement>(statement.predicate);
  EXPECT_EQ(v.report, digest("the report").hex());
  EXPECT_EQ(v.resource_uri, "pkg:npm/left-trim@1.0.3");
  EXPECT_EQ(v.coverage.at("examined"), 1'681u);
  EXPECT_FALSE(v.coverage.contains("handed_on") || v.coverage.contains("handed-on"));
  ASSERT_EQ(statement.subjects.size(), 4u);   // the product, two layers, one content
  EXPECT_EQ(statement.subjects[0].digest.hex(), report.product.digest);
  EXPECT_EQ(statement.subjects[0].name, "left-trim-1.0.3.tgz");
  EXPECT_TRUE(Statement::from_json(statement.to_json()));

  // Hostile names everywhere, and a failed verdict with a conditional reason beside: that is no condition.
  const auto failing = verdict_of(report::sample::failing(), "{}", "https://office.example/one", today, today + 1);
  const auto read = Statement::from_json(failing.to_json());
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_TRUE(std::get<VerdictStatement>(read->predicate).conditions.empty());

  auto conditional = report::sample::failing();
  conditional.verdict = Verdict::conditional;
  conditional.reasons.erase(conditional.reasons.begin(), conditional.reasons.begin() + 2);
  conditional.reasons[0].finding = "00112233";
  const auto asked = verdict_of(conditional, "{}", "https://office.example/one", today, today + 1);
  EXPECT_EQ(std::get<VerdictStatement>(asked.predicate).conditions, std::vector<std::string>{"5.6 % of the bytes could not be read; the policy allows 1 %."});
  EXPECT_EQ(std::get<VerdictStatement>(asked.predicate).condition_findings, std::vector<std::string>{"00112233"});
}

TEST(Statement, SubjectsAreBounded) {
  const auto statement = verdict_of(report::sample::large(most_subjects + 50), "{}", "https://office.example/one", today, today + 1);
  EXPECT_EQ(statement.subjects.size(), most_subjects + 1);
  EXPECT_TRUE(Statement::from_json(statement.to_json()));
}

// Common clients look at a summary's signature and type alone: there must be none of anything but a pass.
TEST(Statement, OnlyAPassHasASummary) {
  for (const auto verdict : {Verdict::conditional, Verdict::fail, Verdict::inconclusive}) EXPECT_FALSE(verification_summary(trial::verdict(verdict)));
  EXPECT_FALSE(verification_summary(one_of_each()[5]));
  const auto json = Json::parse(verification_summary(trial::verdict()).value());
  EXPECT_EQ(json["predicateType"], "https://slsa.dev/verification_summary/v1");
  EXPECT_EQ(json["predicate"]["verificationResult"], "PASSED");
  EXPECT_EQ(json["predicate"]["verifiedLevels"], Json::array({"HALLMARK_PASS"}));
  EXPECT_EQ(json["predicate"]["verifier"]["id"], "https://office.example/one");
  EXPECT_EQ(json["predicate"]["resourceUri"], "pkg:npm/left-trim@1.0.3");
  EXPECT_EQ(json["subject"].size(), 1u);
  auto unnamed = trial::verdict();
  auto& v = std::get<VerdictStatement>(unnamed.predicate);
  v.resource_uri.clear();
  v.product.name = "a b/c";
  EXPECT_EQ(Json::parse(verification_summary(unnamed).value())["predicate"]["resourceUri"], "pkg:generic/a%20b%2Fc@1.0.3?checksum=sha256:" + v.product.digest);
}

TEST(Statement, TestResultHasThreeWords) {
  const auto result = [](Verdict verdict) { return Json::parse(test_result(trial::verdict(verdict), report::sample::failing()).value())["predicate"]; };
  EXPECT_EQ(result(Verdict::pass)["result"], "PASSED");
  EXPECT_EQ(result(Verdict::conditional)["result"], "WARNED");
  EXPECT_EQ(result(Verdict::fail)["result"], "FAILED");
  EXPECT_EQ(result(Verdict::inconclusive)["result"], "FAILED");
  EXPECT_FALSE(result(Verdict::fail)["failedTests"].empty());
}

TEST(Statement, Times) {
  EXPECT_EQ(print_time(today), "2026-11-22T08:00:00Z");
  EXPECT_EQ(parse_time("2026-11-22T08:00:00Z").value(), today);
  for (const auto* bad : {"", "2026-11-22T08:00:00", "2026-11-22T08:00:00z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T08:00:60Z", "2026-11-22T08:00:00+00:00", "-026-11-22"})
    EXPECT_FALSE(parse_time(bad)) << bad;
}

}  // namespace
}  // namespace hallmark
