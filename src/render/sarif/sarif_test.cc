#include "render/sarif/sarif.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "render/golden.h"
#include "report/sample_report.h"

using namespace render;
namespace sample = report::sample;
using Json = nlohmann::ordered_json;

namespace {
Json run_of(const report::Report& r) { return Json::parse(sarif(r, {}))["runs"][0]; }
}  // namespace

TEST(Sarif, Failing) { expect_golden(sarif(sample::failing(), {}), "sarif/failing.golden"); }

TEST(Sarif, LevelsComeFromTheEffectAndWaiversSuppress) {
  const auto results = run_of(sample::failing())["results"];
  EXPECT_EQ(results[0]["level"], "error");
  EXPECT_EQ(results[2]["level"], "warning");
  EXPECT_EQ(results[4]["level"], "note");
  EXPECT_FALSE(results[0].contains("suppressions"));
  EXPECT_EQ(results[3]["suppressions"][0]["status"], "accepted");
}

TEST(Sarif, PointsAtBytesOfHashedArtifacts) {
  const auto run = run_of(sample::failing());
  for (const auto& result : run["results"])
    for (const auto& location : result["locations"]) {
      const auto& where = location["physicalLocation"]["artifactLocation"];
      const auto& artifact = run["artifacts"][where["index"].get<std::size_t>()];
      EXPECT_EQ(artifact["location"]["uri"], where["uri"]);
      EXPECT_EQ(artifact["hashes"]["sha-256"].get<std::string>().size(), 64u);
    }
  EXPECT_EQ(run["results"][0]["locations"][0]["physicalLocation"]["region"]["byteOffset"], 57);
  EXPECT_EQ(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
}

TEST(Sarif, NoPathClimbs) {
  auto r = sample::failing();
  r.artifacts[7].name = "../../etc/../shadow";
  const auto text = sarif(r, {});
  EXPECT_EQ(text.find("/../"), std::string::npos);
  EXPECT_NE(text.find("%5B..%5D"), std::string::npos);
}

TEST(Sarif, KeepsTheLimitsAndSaysWhatIsLeftOut) {
  auto r = sample::failing();
  auto& one = r.findings[0];
  for (artifact::NodeId i = 1; i < r.artifacts.size(); ++i)
    for (int k = 0; k < 20; ++k) one.evidence.push_back(r.evidence[i % r.evidence.size()].id);
  const auto f = r.findings[5];
  while (r.findings.size() < most_sarif_results + 7) r.findings.push_back(f);
  const auto run = run_of(r);
  EXPECT_EQ(run["results"].size(), most_sarif_results);
  EXPECT_EQ(run["results"][0]["locations"].size(), most_sarif_locations);
  EXPECT_EQ(run["properties"]["resultsLeftOut"], 7);
  EXPECT_GT(run["properties"]["locationsLeftOut"], 0);
  for (const auto& rule : run["tool"]["driver"]["rules"]) EXPECT_LE(rule["properties"]["tags"].size(), most_sarif_tags);
}

// Text that hardly packs, in every result: the size decides before the count does.
TEST(Sarif, KeepsTheLimitOfBytes) {
  auto r = sample::failing();
  const auto f = r.findings[0];
  std::string noise = "x";
  while (r.findings.size() < 6500u) {
    auto& one = r.findings.emplace_back(f);
    one.evidence.clear();
    one.why.clear();
    for (int i = 0; i < 60; ++i) one.why += (noise = base::sha256(noise).hex());
  }
  const auto text = sarif(r, {});
  const auto run = Json::parse(text)["runs"][0];
  EXPECT_LT(run["results"].size(), 6500u);
  EXPECT_GT(run["results"].size(), 2000u);
  EXPECT_EQ(run["properties"]["resultsLeftOut"], r.findings.size() - run["results"].size());
  uLongf size = compressBound(text.size());
  std::string packed(size, '\0');
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(text.data()), text.size()), Z_OK);
  EXPECT_LT(size, 10'000'000u);
}

TEST(Sarif, ABaselineGivesEachResultItsState) {
  const auto run = run_of(sample::update());
  std::vector<std::string> states;
  for (const auto& result : run["results"]) states.push_back(result.value("baselineState", "none"));
  EXPECT_EQ(states, (std::vector<std::string>{"unchanged", "new", "new", "updated", "unchanged", "unchanged", "absent"}));
  const auto& gone = run["results"].back();
  EXPECT_EQ(gone["level"], "none");
  EXPECT_EQ(run["tool"]["driver"]["rules"][gone["ruleIndex"].get<std::size_t>()]["id"], gone["ruleId"]);
  EXPECT_EQ(run["properties"]["baseline"]["product"], "acme-agent 2.4.0");
  EXPECT_EQ(sarif(sample::failing(), {}).find("baseline"), std::string::npos);
}

TEST(Sarif, ResolvedFindingsHaveALimit) {
  auto r = sample::update();
  while (r.baseline->resolved.size() < most_sarif_absent + 5) r.baseline->resolved.push_back(r.baseline->resolved[0]);
  const auto run = run_of(r);
  EXPECT_EQ(run["results"].size(), r.findings.size() + most_sarif_absent);
  EXPECT_EQ(run["properties"]["baseline"]["absentLeftOut"], 5);
}

TEST(Sarif, AnEmptyReportIsStillALog) { EXPECT_EQ(run_of({})["results"].size(), 0u); }

// An independent validator: the schema and the tool's own analysis rules.
TEST(Sarif, IsValid) {
  const std::filesystem::path root = ASSAY_SOURCE_DIR;
  if (std::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "node is not installed";
  if (!exists(root / "tests/sarif/node_modules/@microsoft/sarif-multitool")) GTEST_SKIP() << "sarif-multitool is not installed: npm ci in tests/sarif";
  const auto folder = std::filesystem::path(testing::TempDir()) / "assay_sarif";
  create_directories(folder);
  std::ofstream(folder / "failing.sarif") << sarif(sample::failing(), {});
  std::ofstream(folder / "passing.sarif") << sarif(sample::passing(), {});
  std::ofstream(folder / "large.sarif") << sarif(sample::large(500), {});
  std::ofstream(folder / "update.sarif") << sarif(sample::update(), {});
  std::ofstream(folder / "bad.sarif") << R"({"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [{"level": "loud", "message": {}}]}]})";
  const auto check = [&](const char* file) { return std::system(fmt::format("node {}/tests/sarif/validate.mjs {}/{}", root.string(), folder.string(), file).c_str()); };
  EXPECT_EQ(check("failing.sarif"), 0);
  EXPECT_EQ(check("passing.sarif"), 0);
  EXPECT_EQ(check("large.sarif"), 0);
  EXPECT_EQ(check("update.sarif"), 0);
  EXPECT_NE(check("bad.sarif"), 0);
}
