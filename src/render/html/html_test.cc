#include "render/html/html.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <regex>

#include "base/base64.h"
#include "base/digest.h"
#include "render/golden.h"
#include "render/areas.h"
#include "render/html/squarify.h"
#include "render/history/history.h"
#include "render/html/markup.h"
#include "render/update/update.h"
#include "report/sample_report.h"

using namespace render;
namespace sample = report::sample;

namespace {

std::size_t count(const std::string& text, std::string_view piece) {
  std::size_t n = 0;
  for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + piece.size())) ++n;
  return n;
}

/// The tags of a page, without their attributes' values.
std::map<std::string, int> tags_of(const std::string& text) {
  std::map<std::string, int> out;
  static const std::regex tag("<(/?[a-z0-9!]+)");
  for (std::sregex_iterator at(text.begin(), text.end(), tag), end; at != end; ++at) ++out[(*at)[1]];
  return out;
}

}  // namespace

TEST(Html, Failing) { expect_golden(html(sample::failing(), {}), "html/failing.golden"); }
TEST(Html, Passing) { expect_golden(html(sample::passing(), {}), "html/passing.golden"); }

TEST(Html, ThePolicyAllowsExactlyItsScript) {
  const auto text = html(sample::failing(), {});
  const auto from = text.rfind("<script>") + 8;
  const auto script = text.substr(from, text.find("</script>", from) - from);
  EXPECT_NE(text.find("script-src 'sha256-" + base::to_base64(base::sha256(script).bytes) + "'"), std::string::npos);
  EXPECT_EQ(text.find("http-equiv") < text.find("<style>"), true);
  for (const char* never : {"onclick", " src=\"", "url(", "@import", "innerHTML", "eval("}) EXPECT_EQ(text.find(never), std::string::npos) << never;
}

// Whatever the strings are, the page has the same elements.
TEST(Html, HostileStringsAddNoMarkup) {
  const std::string attacks[] = {"plain", "</script><img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "'><b>", "<!--", "]]>", "&lt;script&gt;", "\xff<i>\xe2\x80\xa8</i>", "</style><style>", "javascript:alert(1)"};
  std::map<std::string, int> wanted;
  for (const auto& attack : attacks) {
    auto r = sample::failing();
    for (auto* t : {&r.product.name, &r.product.version, &r.product.maker, &r.product.ecosystem, &r.product.purl, &r.product.digest, &r.product.files[0], &r.used.engine, &r.used.policy_name, &r.used.at}) *t = attack;
    for (auto& x : r.reasons) x.text = attack;
    for (auto& f : r.findings) {
      f.what = f.what.substr(0, 9) + attack, f.why = attack, f.settle = attack, f.remedy = attack, f.author = attack, f.waiver = attack, f.klass = attack, f.id = attack + f.id;
      f.references = {attack};
    }
    for (auto& d : r.declaration) d.section = d.value = d.purpose = d.recipient = d.note = d.source = attack;
    for (std::size_t i = 1; i < r.artifacts.size(); ++i) {
      auto flat = attack;
      std::ranges::replace(flat, '/', '|');
      r.artifacts[i].name = flat + std::to_string(i), r.artifacts[i].place = attack, r.artifacts[i].kind = attack, r.artifacts[i].link = attack;
    }
    for (auto& e : r.evidence) e.item.value = attack + "x", e.item.excerpt = attack, e.item.unit = attack, e.item.examiner = attack, e.item.attributes["line"] = attack;
    for (auto& s : r.not_covered) s = attack;
    const auto tags = tags_of(html(r, {}));
    if (wanted.empty()) wanted = tags;
    EXPECT_EQ(tags, wanted) << attack;
  }
  EXPECT_EQ(wanted["script"], 2);
  EXPECT_EQ(wanted.count("img"), 0u);
}

TEST(Html, SaysWhatItLeavesOut) {
  auto r = sample::large(12'000);
  for (int i = 0; i < 600; ++i) {
    r.findings.push_back(r.findings[2]);
    r.findings.back().what = fmt::format("Thing {}.", i);
  }
  const auto text = html(r, {});
  EXPECT_NE(text.find("the 10,000 that matter most are here"), std::string::npos);
  EXPECT_NE(text.find("more findings in the JSON report"), std::string::npos);
  EXPECT_NE(text.find("smaller artifacts"), std::string::npos);
  EXPECT_TRUE(std::regex_search(text, std::regex("and [0-9,]+ more artifacts; all are in the JSON report")));
  EXPECT_LE(count(text, "class=\"t m-") + count(text, "class=\"g\""), most_html_areas + 50);
  EXPECT_LE(count(text, "id=\"a"), most_html_artifacts + 1);
  EXPECT_LT(text.size(), 8'000'000u);
}

TEST(Html, EveryLinkHasItsTarget) {
  for (const auto& r : {sample::failing(), sample::passing(), sample::large(3000)}) {
    const auto text = html(r, {});
    static const std::regex link("href=\"#([^\"]+)\"");
    std::set<std::string> targets;
    for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at) targets.insert((*at)[1]);
    EXPECT_GT(targets.size(), 7u);
    for (const auto& target : targets) EXPECT_NE(text.find("id=\"" + target + "\""), std::string::npos) << target;
  }
}

TEST(Html, AnEmptyReportIsStillAPage) { EXPECT_NE(html({}, {}).find("INCONCLUSIVE"), std::string::npos); }

TEST(Areas, EveryByteIsCountedOnceAndDepthIsBounded) {
  auto r = sample::large(500);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "d/";
  r.artifacts[8].name = deep + "x";
  for (int i = 0; i < 3000; ++i) {
    auto a = r.artifacts.back();
    a.parent = static_cast<artifact::NodeId>(r.artifacts.size() - 1);
    r.coverage.add(a.tally);
    r.artifacts.push_back(a);
  }
  const auto all = areas(r);
  auto wanted = r.coverage;
  wanted.bytes[static_cast<std::size_t>(evidence::Label::handed_on)] = 0;
  EXPECT_EQ(all[0].all, wanted);
  std::vector<int> depth(all.size(), 0);
  for (std::size_t i = 1; i < all.size(); ++i) {
    ASSERT_LT(all[i].parent, i);
    depth[i] = depth[all[i].parent] + 1;
    EXPECT_LT(depth[i], 50);
  }
  EXPECT_EQ(all[0].mark, Mark::fail);
  EXPECT_GT(html(r, {}).size(), 1000u);
}

TEST(Squarify, FillsTheBoxInProportion) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> weights(1 + random() % 60);
    for (auto& w : weights) w = 1 + random() % 10'000;
    std::ranges::sort(weights, std::greater());
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    const auto boxes = page::squarify(weights, {0, 0, 1000, 400});
    ASSERT_EQ(boxes.size(), weights.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const auto& b = boxes[i];
      EXPECT_NEAR(b.width * b.height, weights[i] / total * 400'000, 1e-3 * 400'000);
      EXPECT_GE(b.x, -1e-6);
      EXPECT_GE(b.y, -1e-6);
      EXPECT_LE(b.x + b.width, 1000 + 1e-6);
      EXPECT_LE(b.y + b.height, 400 + 1e-6);
      for (std::size_t k = 0; k < i; ++k) {
        const auto& c = boxes[k];
        EXPECT_FALSE(b.x + 1e-6 < c.x + c.width && c.x + 1e-6 < b.x + b.width && b.y + 1e-6 < c.y + c.height && c.y + 1e-6 < b.y + b.height);
      }
    }
  }
}

// The page in a real browser; what it does is in tests/browser/report_test.mjs.
TEST(Html, WorksInABrowser) {
  const std::filesystem::path root = ASSAY_SOURCE_DIR;
  if (std::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "node is not installed";
  if (!exists(root / "tests/browser/node_modules/playwright-core")) GTEST_SKIP() << "playwright-core is not installed: npm ci in tests/browser";
  const auto folder = std::filesystem::path(testing::TempDir()) / "assay_html";
  create_directories(folder);
  std::ofstream(folder / "failing.html") << html(sample::failing(), {});
  std::ofstream(folder / "large.html") << html(sample::large(3000), {});
  std::ofstream(folder / "passing.html") << html(sample::passing(), {});
  std::ofstream(folder / "update.html") << update_html(sample::update(), {});
  std::ofstream(folder / "compared.html") << html(sample::update(), {});
  report::HistoryCollector series;
  for (int version = 0; version < 40; ++version) {
    series.begin({});
    for (int i = 0; i < 30; ++i) {
      evidence::Item item;
      item.facet = evidence::Facet::endpoint, item.word = "host", item.value = fmt::format("node{}.<b>example.net", i);
      if (version % 7 != i) series.add(item, item.value, "x.deb//<img src=x>");
    }
  }
  std::ofstream(folder / "history.html") << history_html(series.take(), {});
  const auto status = std::system(fmt::format("node {0}/tests/browser/report_test.mjs {1}/failing.html {1}/large.html {1}/passing.html {1}/update.html {1}/compared.html {1}/history.html", root.string(), folder.string()).c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "no Chromium";
  EXPECT_EQ(status, 0);
}
