#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <set>

#include "base/base64.h"
#include "base/digest.h"
#include "render/html/html.h"
#include "render/update/parts.h"
#include "render/update/sample.h"
#include "render/update/sides.h"
#include "render/update/update.h"

using namespace render;
namespace sample = report::sample;
using sample::gain;
using sample::unchanged;

TEST(UpdateHtml, ThePolicyAllowsExactlyItsScript) {
  const auto text = update_html(sample::update(), {});
  const auto from = text.rfind("<script>") + 8;
  const auto script = text.substr(from, text.find("</script>", from) - from);
  EXPECT_NE(text.find("script-src 'sha256-" + base::to_base64(base::sha256(script).bytes) + "'"), std::string::npos);
  for (const char* never : {"onclick", " src=\"", "url(", "@import", "innerHTML", "eval("}) EXPECT_EQ(text.find(never), std::string::npos) << never;
  EXPECT_EQ(update_html(sample::failing(), {}).find("<script"), std::string::npos);
}

TEST(UpdateHtml, EveryLinkHasItsTarget) {
  auto large = sample::update();
  for (int i = 0; i < 3000; ++i) gain(large, evidence::Facet::endpoint, "host", fmt::format("node{}.example.net", i));
  for (const auto& text : {update_html(sample::update(), {}), update_html(unchanged(), {}), update_html(large, {}), html(sample::update(), {}), html(unchanged(), {})}) {
    static const std::regex link("href=\"#([^\"]+)\"");
    std::set<std::string> targets;
    for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at) targets.insert((*at)[1]);
    EXPECT_GT(targets.size(), 5u);
    for (const auto& target : targets) EXPECT_NE(text.find("id=\"" + target + "\""), std::string::npos) << target;
  }
  EXPECT_NE(update_html(large, {}).find("of which the 1,500 that matter most are here"), std::string::npos);
}

// Whatever the strings are, the page has the same elements.
TEST(UpdateHtml, HostileStringsAddNoMarkup) {
  const std::string attacks[] = {"plain", "</script><img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "'><b>", "<!--", "]]>", "&lt;script&gt;", "\xff<i>\xe2\x80\xa8</i>", "</style><style>", "</del><ins>"};
  const auto tags_of = [](const std::string& text) {
    std::map<std::string, int> out;
    static const std::regex tag("<(/?[a-z0-9!]+)");
    for (std::sregex_iterator at(text.begin(), text.end(), tag), end; at != end; ++at)
      if ((*at)[1] != "ins" && (*at)[1] != "/ins" && (*at)[1] != "del" && (*at)[1] != "/del") ++out[(*at)[1]];
    return out;
  };
  for (const bool whole : {false, true}) {
    std::map<std::string, int> wanted;
    for (const auto& attack : attacks) {
      auto r = sample::update();
      auto& b = *r.baseline;
      for (auto* p : {&r.product, &b.product})
        for (auto* t : {&p->name, &p->version, &p->maker, &p->digest, &p->files[0]}) *t = attack;
      r.used.policy_name = r.used.at = attack;
      for (auto& x : r.reasons) x.text = attack;
      for (auto& f : r.findings) f.what = f.what.substr(0, 9) + attack, f.why = attack, f.settle = attack, f.remedy = attack, f.waiver = attack, f.klass = attack, f.id = attack + f.id, f.references = {attack};
      int n = 0;
      for (auto* list : {&r.evidence, &b.evidence})
        for (auto& e : *list) e.item.value = fmt::format("{}{}", attack, n++), e.item.excerpt = "one " + attack, e.item.unit = attack, e.item.attributes["line"] = attack;
      for (std::size_t i = 1; i < r.artifacts.size(); ++i) {
        auto flat = attack;
        std::ranges::replace(flat, '/', '|');
        r.artifacts[i].name = flat + std::to_string(i), r.artifacts[i].place = attack + "//y", r.artifacts[i].kind = attack;
      }
      for (auto& a : b.artifacts) a.place = attack + "//x", a.kind = attack + "x";
      for (auto& p : b.places) p = attack + "//x";
      for (auto& f : b.resolved) f.what = f.rule = f.effect = f.place = attack;
      for (auto& d : b.declaration) d.section = d.value = d.was = attack;
      b.counts = {{attack, 4}};
      const auto tags = tags_of(whole ? html(r, {}) : update_html(r, {}));
      if (wanted.empty()) wanted = tags;
      EXPECT_EQ(tags, wanted) << attack;
    }
    EXPECT_EQ(wanted.count("img"), 0u);
  }
}

TEST(UpdateHtml, MarksWhatDiffersOnBothSides) {
  auto was = sample::update().baseline->evidence[1].item, is = was;
  was.excerpt = "curl -s http://a.example/x | cat\n", is.excerpt = "curl -sk http://b.example/x | cat\n";
  const auto [left, right] = page::sides(was, is);
  EXPECT_EQ(left, "<pre>curl -<del>s</del> http://<del>a</del>.example/x | cat</pre>");
  EXPECT_EQ(right, "<pre>curl -<ins>sk</ins> http://<ins>b</ins>.example/x | cat</pre>");
  was.excerpt = std::string("\x7f\x00\x01\x02\xff", 5), is.excerpt = std::string("\x7f\x00\x09\x02\xff\xfe", 6);
  was.range.offset = 0x100, is.range.offset = 0x200;
  const auto [old, now] = page::sides(was, is);
  EXPECT_NE(old.find("<i>00000100</i>  7f 00 <del>01</del> 02 ff"), std::string::npos) << old;
  EXPECT_NE(now.find("<i>00000200</i>  7f 00 <ins>09</ins> 02 ff <ins>fe</ins>"), std::string::npos) << now;
}

// The runs of each side tile it, and the equal ones are equal on both.
TEST(UpdateHtml, RunsTileBothSides) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::string a, b;
    for (auto* text : {&a, &b})
      for (unsigned i = 0; i < random() % 40; ++i) *text += "ab c\n\xc3\xa4"[random() % 7];
    const auto runs = page::common_runs(a, b, round % 2);
    std::string same_a, same_b;
    for (const auto& [text, list, same] : {std::tuple(&a, &runs.before, &same_a), std::tuple(&b, &runs.now, &same_b)}) {
      std::size_t at = 0;
      for (const auto& run : *list) {
        EXPECT_EQ(run.from, at);
        EXPECT_GT(run.to, run.from);
        at = run.to;
        if (run.same) *same += text->substr(run.from, run.to - run.from);
      }
      EXPECT_EQ(at, text->size());
    }
    EXPECT_EQ(same_a, same_b);
  }
  const std::string large(100'000, 'x');
  EXPECT_EQ(page::common_runs(large, large, false).now.back().to, large.size());
}

// The page of one version marks what is new and says what changed; without a baseline it says nothing of it.
TEST(UpdateHtml, ThePageOfOneVersionTellsWhatIsNew) {
  const auto text = html(sample::update(), {});
  EXPECT_NE(text.find("<h2>Changes since 2.4.0</h2>"), std::string::npos);
  EXPECT_NE(text.find("<li class=\"news\">new</li>"), std::string::npos);
  EXPECT_NE(text.find("<dt>Compared with</dt>"), std::string::npos);
  EXPECT_EQ(html(sample::failing(), {}).find("class=\"news\""), std::string::npos);
}
