#include "render/text/text.h"

#include <gtest/gtest.h>

#include <random>

#include "render/columns.h"
#include "render/golden.h"
#include "report/sample_report.h"

using namespace render;
namespace sample = report::sample;

TEST(Text, Failing) { expect_golden(text(sample::failing(), {.product = "acme-agent_2.4.1_amd64.deb"}), "text/failing.golden"); }
TEST(Text, Passing) { expect_golden(text(sample::passing(), {.product = "left-trim-1.0.3.tgz"}), "text/passing.golden"); }

TEST(Text, ABaselineMarksWhatIsNew) {
  auto r = sample::update();
  for (int i = 0; i < 2; ++i) r.findings.push_back(r.findings[2]);
  r.findings.back().news = report::News::unchanged;
  const auto out = text(r, {.width = 120});
  EXPECT_NE(out.find("Compared with acme-agent 2.4.0 (pass): 3 new findings, 1 changed, 0 resolved; assay diff shows the changes."), std::string::npos) << out;
  EXPECT_NE(out.find("    new: steps/fetch-and-execute"), std::string::npos);
  EXPECT_NE(out.find("    2 new: concealment/encrypted-payload"), std::string::npos);
  EXPECT_NE(out.find("    accounts/backdoor-account"), std::string::npos);  // stood before
  EXPECT_EQ(text(sample::failing(), {}).find("Compared with"), std::string::npos);
  for (const unsigned width : {40u, 80u}) expect_safe(text(r, {.width = width}), width);
}

TEST(Text, TheVerdictStandsFirst) {
  for (const auto v : {report::Verdict::pass, report::Verdict::conditional, report::Verdict::fail, report::Verdict::inconclusive}) {
    auto r = sample::failing();
    r.verdict = v;
    const auto lines = lines_of(text(r, {}));
    std::string word(name_of(v));
    for (auto& c : word) c = static_cast<char>(std::toupper(c));
    EXPECT_NE(lines[1].find(word), std::string::npos);
  }
}

TEST(Text, KeepsItsWidthAndNeverPrintsRaw) {
  for (const unsigned width : {40u, 57u, 80u, 132u})
    for (const auto& r : {sample::failing(), sample::passing(), sample::large(300), report::Report{}}) expect_safe(text(r, {.width = width}), width);
}

TEST(Text, SurvivesHostileStringsEverywhere) {
  std::mt19937 random(5);
  const auto noise = [&] {
    std::string out;
    for (unsigned i = 0; i < random() % 90; ++i) out += static_cast<char>(random());
    return out;
  };
  for (int round = 0; round < 200; ++round) {
    auto r = sample::failing();
    r.product.name = noise(), r.product.version = noise(), r.product.maker = noise(), r.product.ecosystem = noise(), r.product.digest = noise();
    for (auto& x : r.reasons) x.text = noise();
    for (auto& f : r.findings) f.what = noise(), f.why = noise(), f.settle = noise(), f.rule = noise(), f.id = noise(), f.author = noise(), f.waiver = noise();
    for (auto& d : r.declaration) d.section = noise(), d.value = noise(), d.note = noise(), d.source = noise();
    for (auto& a : r.artifacts) a.place = noise();
    for (auto& e : r.evidence) e.item.value = noise(), e.item.excerpt = noise(), e.item.unit = noise(), e.item.word = noise(), e.item.attributes["line"] = noise();
    for (auto& s : r.not_covered) s = noise();
    r.used.policy_name = noise(), r.used.at = noise();
    expect_safe(text(r, {.product = noise()}), 80);
  }
}

TEST(Text, ColourOnlyWhenWanted) {
  EXPECT_EQ(text(sample::failing(), {}).find('\x1b'), std::string::npos);
  EXPECT_NE(text(sample::failing(), {.colour = true}).find("\x1b[1;31mFAIL"), std::string::npos);
}

TEST(Text, GroupsEqualFindingsAndSaysWhatItLeavesOut) {
  const auto grouped_text = text(sample::large(300), {});
  EXPECT_NE(grouped_text.find("and 27 more places"), std::string::npos);
  auto r = sample::failing();
  for (int i = 0; i < 20; ++i) {
    r.findings.push_back(r.findings[2]);
    r.findings.back().what = fmt::format("Thing {}.", i);
  }
  EXPECT_NE(text(r, {}).find("and 14 more findings: --format html"), std::string::npos);
}

TEST(Text, NamesWhatWasNotFullyRead) {
  auto r = sample::failing();
  r.artifacts[5].complete = false;
  r.replayable = false;
  const auto out = text(r, {});
  EXPECT_NE(out.find("1 artifact was not fully read:"), std::string::npos);
  EXPECT_NE(out.find("Not replayable"), std::string::npos);
}

TEST(Text, SummaryTable) {
  const std::vector<SummaryRow> rows = {{"acme-agent_2.4.1_amd64.deb", report::Verdict::fail, "An account with user id 0 beside root can log in with a fixed password."},
                                        {"left-trim-1.0.3.tgz", report::Verdict::pass, ""},
                                        {"説明\x1b[31m書", report::Verdict::inconclusive, "A limit was reached."}};
  expect_golden(summary_table(rows, {}), "text/summary.golden");
  expect_safe(summary_table(rows, {}), 80);
  EXPECT_EQ(summary_table({}, {}), "0 products, 0 fail, 0 inconclusive, 0 conditional, 0 pass\n");
}
