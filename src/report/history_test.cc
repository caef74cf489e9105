#include "report/history.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

using namespace report;
using evidence::Facet;

namespace {

evidence::Item fact(Facet facet, std::string word, std::string value) {
  evidence::Item item;
  item.facet = facet;
  item.word = std::move(word);
  item.value = std::move(value);
  return item;
}

HistoryVersion version(std::string name) {
  HistoryVersion v;
  v.product.name = "acme", v.product.version = std::move(name);
  return v;
}

}  // namespace

TEST(History, KnowsInWhichVersionsAFactStands) {
  HistoryCollector c;
  c.begin(version("1"));
  c.add(fact(Facet::endpoint, "url", "https://a.example/v1"), "https://a.example/#", "a.deb//x");
  c.add(fact(Facet::account, "user", "acme"), "acme", "a.deb//passwd");
  c.begin(version("2"));
  c.add(fact(Facet::endpoint, "url", "https://a.example/v2"), "https://a.example/#", "b.deb//y");
  c.add(fact(Facet::endpoint, "url", "https://a.example/v2"), "https://a.example/#", "b.deb//z");
  c.begin(version("3"));
  c.add(fact(Facet::account, "user", "acme"), "acme", "c.deb//passwd");
  c.add(fact(Facet::import, "", "libc.system"), "libc.system", "c.deb//x");  // a detail
  const auto h = c.take();
  ASSERT_EQ(h.lines.size(), 2u);
  EXPECT_EQ(h.lines[0].word, "user");
  EXPECT_EQ(h.lines[0].present, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(h.lines[1].present, (std::vector<bool>{true, true, false}));
  EXPECT_EQ(h.lines[1].value, "https://a.example/v2");
  EXPECT_EQ(h.lines[1].places, (std::vector<std::string>{"b.deb//y", "b.deb//z"}));
  EXPECT_EQ(h.lines[1].place_count, 2u);
  EXPECT_EQ(h.lines[1].first(), 0u);
  EXPECT_EQ(h.lines[1].last(), 1u);
}

// What moved comes before what always stood, whatever its gravity; the cut takes from the end and is counted.
TEST(History, KeepsWhatMattersAndCountsTheRest) {
  HistoryCollector c;
  for (int v = 0; v < 2; ++v) {
    c.begin(version(std::to_string(v)));
    c.add(fact(Facet::trust, "added-trust-root", "CA"), "CA", "x");
    for (std::size_t i = 0; i < most_history_lines + 5 && v == 1; ++i) c.add(fact(Facet::endpoint, "host", fmt::format("{:06}.example", i)), std::to_string(i), "x");
    if (v == 1) c.add(fact(Facet::command, "evaluate", "eval"), "eval", "x");
  }
  const auto h = c.take();
  EXPECT_EQ(h.lines.size(), most_history_lines);
  EXPECT_EQ(h.lines[0].word, "evaluate");
  EXPECT_EQ(h.left_out, 6u);
  EXPECT_EQ(h.left_out_always, 1u);
  EXPECT_TRUE(c.take().versions.empty());
}

// Hostile bytes are told as in a report: escaped, with the bytes beside them.
TEST(History, JsonIsValidAndLosesNothing) {
  HistoryCollector c;
  c.begin(version("1\x1b\xff"));
  c.add(fact(Facet::endpoint, "host", "\"</script>\xff"), "k", "p\n");
  const auto text = to_json(c.take());
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["versions"][0]["version_bytes"], "311bff");
  EXPECT_EQ(json["facts"][0]["value"], "\"</script>\\xff");
  EXPECT_EQ(json["facts"][0]["versions"], nlohmann::json::array({0}));
  EXPECT_EQ(json["facts"][0]["places"][0]["place_bytes"], "700a");
  EXPECT_EQ(json["left_out"], 0);
  EXPECT_TRUE(nlohmann::json::accept(to_json({})));
}
