#include "render/gitlab/gitlab.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "report/sample_report.h"

using namespace render;
namespace sample = report::sample;
using Json = nlohmann::json;

namespace {
Json of(const report::Report& r) { return Json::parse(gitlab(r, {})); }
}  // namespace

TEST(GitLab, SaysTheVerdictAndEveryFinding) {
  const auto r = sample::failing();
  const auto out = of(r);
  EXPECT_EQ(out["vulnerabilities"].size(), r.findings.size());
  EXPECT_EQ(out["scan"]["status"], "success");
  EXPECT_NE(out["scan"]["messages"][0]["value"].get<std::string>().find("fail"), std::string::npos);
  EXPECT_EQ(out["vulnerabilities"][0]["severity"], "Critical");
  auto unfinished = r;
  unfinished.verdict = report::Verdict::inconclusive;
  EXPECT_EQ(of(unfinished)["scan"]["status"], "failure");  // what was not looked at isn't clean
}

// What is only disclosed must not look like something to mend.
TEST(GitLab, DisclosedIsInformation) {
  const auto r = sample::failing();
  const auto out = of(r);
  for (std::size_t i = 0; i < r.findings.size(); ++i)
    if (r.findings[i].effect == report::Effect::disclose) EXPECT_EQ(out["vulnerabilities"][i]["severity"], "Info");
}

// GitLab follows a finding over pipelines by its id: the same for the same, another for another.
TEST(GitLab, IdsAreStable) {
  const auto one = of(sample::failing()), two = of(sample::failing());
  EXPECT_EQ(one, two);
  std::set<std::string> ids;
  for (const auto& v : one["vulnerabilities"]) ids.insert(v["id"]);
  EXPECT_EQ(ids.size(), one["vulnerabilities"].size());
}

TEST(GitLab, KeepsTheLimits) {
  auto r = sample::failing();
  r.findings[0].rule = std::string(300, 'r') + "\xC3\xA4";
  for (int i = 0; i < 9000; ++i) r.findings[0].settle += "\xC3\xA4";
  r.findings[0].references = {"https://cwe.mitre.org/data/definitions/321.html", "http://plain.example/", "javascript:x", "https://cwe.mitre.org/data/definitions/x.html"};
  const auto f = r.findings[5];
  while (r.findings.size() < most_gitlab_findings + 3) r.findings.push_back(f);
  const auto out = of(r);
  EXPECT_EQ(out["vulnerabilities"].size(), most_gitlab_findings);
  EXPECT_NE(out["scan"]["messages"][1]["value"].get<std::string>().find("3 more"), std::string::npos);
  const auto& v = out["vulnerabilities"][0];
  EXPECT_LE(v["name"].get<std::string>().size(), 255u);
  EXPECT_LE(v["solution"].get<std::string>().size(), 14000u);
  EXPECT_EQ(v["identifiers"].size(), 2u);
  EXPECT_EQ(v["identifiers"][1]["name"], "CWE-321");
  EXPECT_EQ(v["links"].size(), 2u);
}

// By an implementation of JSON Schema that is not ours, against the rules that GitLab publishes.
TEST(GitLab, IsValid) {
  const std::filesystem::path root = ASSAY_SOURCE_DIR;
  if (std::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "node is not installed";
  if (!exists(root / "tests/sarif/node_modules/ajv")) GTEST_SKIP() << "ajv is not installed: npm ci in tests/sarif";
  const auto folder = std::filesystem::path(testing::TempDir()) / "assay_gitlab";
  create_directories(folder);
  std::ofstream(folder / "failing.json") << gitlab(sample::failing(), {});
  std::ofstream(folder / "passing.json") << gitlab(sample::passing(), {});
  std::ofstream(folder / "empty.json") << gitlab({}, {});
  std::ofstream(folder / "large.json") << gitlab(sample::large(500), {});
  std::ofstream(folder / "update.json") << gitlab(sample::update(), {});
  auto bad = of(sample::failing());
  bad["vulnerabilities"][0].erase("identifiers");
  std::ofstream(folder / "bad.json") << bad.dump();
  const auto check = [&](const char* file) {
    return std::system(fmt::format("node {0}/tests/sarif/check_schema.mjs {0}/tests/ci_examples/gitlab-sast.schema.json {1}/{2} 2>/dev/null", root.string(), folder.string(), file).c_str());
  };
  for (const auto* file : {"failing.json", "passing.json", "empty.json", "large.json", "update.json"}) EXPECT_EQ(check(file), 0) << file;
  EXPECT_NE(check("bad.json"), 0);
  remove_all(folder);
}
