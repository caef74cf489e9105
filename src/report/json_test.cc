#include "report/json.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "report/sample_report.h"
#include "report/wording.h"

using namespace report;

namespace {

bool same(const evidence::Item& a, const evidence::Item& b) { return a == b; }

}  // namespace

TEST(ReportJson, IsUtf8WithKeysInTheDocumentedOrder) {
  const auto text = to_json(sample::failing());
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  const std::vector<std::string> wanted = {"schema",   "engine",      "rules",     "policy",   "product",     "verdict", "reasons",   "findings",
                                           "coverage", "declaration", "artifacts", "evidence", "not_covered", "used",    "replayable"};
  EXPECT_EQ(keys, wanted);
  EXPECT_EQ(json["verdict"], "fail");
  for (const char* key : {"rule", "class", "severity", "confidence", "declared", "what", "why", "settle", "places", "evidence"})
    EXPECT_TRUE(json["findings"][0].contains(key)) << key;
}

TEST(ReportJson, CarriesRawNamesWithoutLoss) {
  const auto before = sample::failing();
  const auto after = from_json(to_json(before));
  ASSERT_TRUE(after) << after.error().to_string();
  ASSERT_EQ(after->artifacts.size(), before.artifacts.size());
  for (std::size_t i = 0; i < before.artifacts.size(); ++i) {
    EXPECT_EQ(after->artifacts[i].name, before.artifacts[i].name);
    EXPECT_EQ(after->artifacts[i].tally, before.artifacts[i].tally);
    EXPECT_EQ(after->artifacts[i].opaque, before.artifacts[i].opaque);
  }
  ASSERT_EQ(after->evidence.size(), before.evidence.size());
  for (std::size_t i = 0; i < before.evidence.size(); ++i) EXPECT_TRUE(same(after->evidence[i].item, before.evidence[i].item)) << i;
  EXPECT_EQ(to_json(*after), to_json(before));
}

TEST(ReportJson, SaysNothingRaw) {
  for (const unsigned char c : to_json(sample::failing())) EXPECT_TRUE(c == '\n' || c >= 0x20);
  EXPECT_EQ(to_json(sample::failing()).find("\xe2\x80\xae"), std::string::npos);
}

TEST(ReportJson, AnEmptyReportComesBack) {
  const auto text = to_json({});
  const auto back = from_json(text);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(to_json(*back), text);
}

TEST(ReportJson, RefusesWhatItDoesNotKnow) {
  const auto good = to_json(sample::failing());
  const auto broken = [&](std::string_view from, std::string_view to) {
    auto text = good;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::pair<const char*, const char*> changes[] = {
      {"\"schema\": 1", "\"schema\": 2"},           {"\"verdict\": \"fail\"", "\"verdict\": \"clean\""}, {"\"replayable\": true", "\"replayable\": 1"},
      {"\"schema\": 1", "\"extra\": 0, \"schema\": 1"}, {"\"severity\"", "\"gravity\""},                 {"\"parent\":1", "\"parent\":99"},
      {"\"node\":7,\"place\"", "\"node\":8,\"place\""}, {"\"size\":812344", "\"size\":-1"},               {"_bytes\":\"", "_bytes\":\"00"}};
  for (const auto& [from, to] : changes) EXPECT_FALSE(from_json(broken(from, to))) << from;
  EXPECT_EQ(from_json(good, 100).error().trouble, base::Trouble::limit);
  EXPECT_EQ(from_json(std::string(100'000, '[')).error().trouble, base::Trouble::limit);
}

// What a report was compared with comes back whole, names of the old version included.
TEST(ReportJson, CarriesTheVersionBefore) {
  const auto text = to_json(sample::update());
  const auto back = from_json(text);
  ASSERT_TRUE(back) << back.error().to_string();
  ASSERT_TRUE(back->baseline);
  EXPECT_EQ(to_json(*back), text);
  EXPECT_EQ(back->baseline->places[2], sample::update().baseline->places[2]);
  EXPECT_EQ(back->findings[1].news, News::fresh);
  EXPECT_EQ(to_json(sample::failing()).find("\"baseline\""), std::string::npos);
}

// A report is a file like any other: numbers that point nowhere are refused.
TEST(ReportJson, RefusesABaselineThatPointsNowhere) {
  auto r = sample::update();
  r.baseline->evidence[0].node = 99;
  EXPECT_FALSE(from_json(to_json(r)));
  r = sample::update();
  r.baseline->artifacts[0].node = 99;
  EXPECT_FALSE(from_json(to_json(r)));
  r = sample::update();
  r.baseline->artifacts[0].node = artifact::no_node;
  EXPECT_FALSE(from_json(to_json(r)));
}

TEST(ReportJson, TruncatedAtEveryByteIsAnError) {
  const auto text = to_json(sample::passing());
  for (std::size_t n = 0; n + 2 < text.size(); ++n) EXPECT_FALSE(from_json(std::string_view(text).substr(0, n))) << n;
}

TEST(ReportJson, SurvivesMutation) {
  std::mt19937 random(7);
  const auto good = to_json(sample::passing());
  for (int i = 0; i < 3000; ++i) {
    auto text = good;
    for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random());
    const auto back = from_json(text);
    if (!back) continue;
    EXPECT_TRUE(from_json(to_json(*back))) << text;
  }
}

TEST(Sentence, EscapesOnceHoweverOftenItIsApplied) {
  EXPECT_EQ(sentence("a\x1b[2J \xff C:\\x"), "a\\x1b[2J \\xff C:\\x");
  EXPECT_EQ(sentence(sentence("a\x1b\\b")), sentence("a\x1b\\b"));
}

// The published schema, checked by an independent implementation.
TEST(ReportJson, MatchesItsSchema) {
  const std::filesystem::path root = ASSAY_SOURCE_DIR;
  if (std::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "node is not installed";
  if (!exists(root / "tests/sarif/node_modules/ajv")) GTEST_SKIP() << "ajv is not installed: npm ci in tests/sarif";
  const auto folder = std::filesystem::path(testing::TempDir()) / "assay_report_schema";
  create_directories(folder);
  std::ofstream(folder / "failing.json") << to_json(sample::failing());
  std::ofstream(folder / "passing.json") << to_json(sample::passing());
  std::ofstream(folder / "update.json") << to_json(sample::update());
  std::ofstream(folder / "bad.json") << "{\"schema\": 1}";
  const auto check = [&](const char* file) {
    return std::system(fmt::format("node {}/tests/sarif/check_schema.mjs {}/docs/report.schema.json {}/{}", root.string(), root.string(), folder.string(), file).c_str());
  };
  EXPECT_EQ(check("failing.json"), 0);
  EXPECT_EQ(check("passing.json"), 0);
  EXPECT_EQ(check("update.json"), 0);
  EXPECT_NE(check("bad.json"), 0);
}
