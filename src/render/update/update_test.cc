#include "render/update/update.h"

#include <gtest/gtest.h>

#include <random>

#include "render/columns.h"
#include "render/golden.h"
#include "render/update/sample.h"

using namespace render;
namespace sample = report::sample;
using sample::gain;
using sample::unchanged;

namespace {

std::vector<std::string> order_of(const report::Report& r) {
  std::vector<std::string> out;
  for (const auto& c : update_outline(r).changes) out.push_back(c.what);
  return out;
}

report::Report bare_update() {
  auto r = sample::update();
  r.findings.clear();
  r.baseline->changes.clear();
  r.baseline->declaration.clear();
  r.baseline->resolved.clear();
  return r;
}

}  // namespace

TEST(Update, Sample) { expect_golden(update_text(sample::update(), {.product = "acme-agent_2.4.0_amd64.deb acme-agent_2.4.1_amd64.deb"}), "update/update.golden"); }
TEST(Update, Unchanged) { expect_golden(update_text(unchanged(), {}), "update/unchanged.golden"); }

TEST(Update, AReportWithoutABaselineSaysSo) { EXPECT_EQ(update_text(sample::failing(), {}), "This report was made without a version to compare with.\n"); }

TEST(Update, KeepsItsWidthAndNeverPrintsRaw) {
  for (const unsigned width : {40u, 57u, 80u, 132u})
    for (const auto& r : {sample::update(), unchanged(), bare_update()}) expect_safe(update_text(r, {.width = width}), width);
}

TEST(Update, SurvivesHostileStringsEverywhere) {
  std::mt19937 random(7);
  const auto noise = [&] {
    std::string out;
    for (unsigned i = 0; i < random() % 90; ++i) out += static_cast<char>(random() % 3 ? random() : "/.(=:"[random() % 5]);
    return out;
  };
  for (int round = 0; round < 200; ++round) {
    auto r = sample::update();
    auto& b = *r.baseline;
    for (auto* p : {&r.product, &b.product}) p->name = noise(), p->version = noise(), p->maker = noise(), p->ecosystem = noise(), p->digest = noise();
    for (auto& x : r.reasons) x.text = noise();
    for (auto& f : r.findings) f.what = noise(), f.why = noise(), f.settle = noise(), f.id = noise(), f.waiver = noise();
    for (auto& a : r.artifacts) a.place = noise();
    for (auto* list : {&r.evidence, &b.evidence})
      for (auto& e : *list) e.item.value = noise(), e.item.excerpt = noise(), e.item.unit = noise(), e.item.word = noise(), e.item.attributes["line"] = noise(), e.item.attributes[noise()] = noise();
    for (auto& p : b.places) p = noise();
    for (auto& f : b.resolved) f.what = noise(), f.place = noise();
    for (auto& d : b.declaration) d.section = noise(), d.value = noise(), d.was = noise();
    b.counts[noise()] = random();
    r.used.policy_name = noise(), r.used.at = noise();
    expect_safe(update_text(r, {.product = noise()}), 80);
  }
}

// What is new to the product stands before what is new to a file, moved, changed and lost; of equal standing the graver facet first.
TEST(Update, OrdersChangesByWhatTheyMean) {
  auto r = bare_update();
  gain(r, evidence::Facet::import, "", "libc.system");
  gain(r, evidence::Facet::reference, "needs", "left-pad");
  gain(r, evidence::Facet::endpoint, "host", "new.example.org");
  gain(r, evidence::Facet::step, "install", "postinst", false);
  gain(r, evidence::Facet::command, "load-code", "dlopen", false);
  gain(r, evidence::Facet::power, "listen", "tcp/4444");
  gain(r, evidence::Facet::trust, "added-trust-root", "Some CA");
  gain(r, evidence::Facet::hardening, "", "nx=no");
  EXPECT_EQ(order_of(r), (std::vector<std::string>{"trust added-trust-root: Some CA", "power listen: tcp/4444", "endpoint host: new.example.org", "reference needs: left-pad", "hardening: nx=no",
                                                   "command load-code: dlopen", "step install: postinst", "import: libc.system"}));
}

TEST(Update, EqualFactsAreOneLineWithACount) {
  auto r = bare_update();
  for (const artifact::NodeId node : {4u, 7u, 8u, 10u}) gain(r, evidence::Facet::endpoint, "host", "new.example.org", true, node);
  EXPECT_EQ(order_of(r).size(), 1u);
  const auto text = update_text(r, {});
  EXPECT_NE(text.find("and 3 more places"), std::string::npos) << text;
  EXPECT_NE(text.find("endpoints     +1\n"), std::string::npos) << text;
}

// Only the order depends on a name: a command in a README is as grave as elsewhere.
TEST(Update, WhatPeopleReadComesLastUnlessItActs) {
  auto r = bare_update();
  r.artifacts[10].place = "acme-agent_2.4.1_amd64.deb//data.tar.xz//(layer)//./usr/share/doc/acme-agent/README";
  gain(r, evidence::Facet::endpoint, "host", "doc.example.org", true, 10);
  gain(r, evidence::Facet::command, "execute-command", "sh", true, 10);
  gain(r, evidence::Facet::endpoint, "host", "new.example.org", false);
  EXPECT_EQ(order_of(r), (std::vector<std::string>{"command execute-command: sh", "endpoint host: new.example.org", "endpoint host: doc.example.org"}));
}

TEST(Update, AProtectionThatIsLessIsOneChangeAndARisk) {
  auto r = bare_update();
  gain(r, evidence::Facet::hardening, "", "relro=none");
  auto before = r.baseline->evidence[0];
  before.item.facet = evidence::Facet::hardening, before.item.word = "", before.item.value = "relro=full", before.id = "0123456789abcdef";
  before.node = 1;  // where node 8 stood
  r.baseline->evidence.push_back(before);
  r.baseline->changes.push_back({report::Turn::lost, true, "", before.id});
  const auto u = update_outline(r);
  ASSERT_EQ(u.changes.size(), 1u);
  EXPECT_EQ(u.changes[0].turn, report::Turn::changed);
  EXPECT_TRUE(u.changes[0].weaker);
  EXPECT_EQ(u.changes[0].was, "was: relro=full");
  EXPECT_EQ(u.topics.at(Topic::hardening).changed, 1u);
}

TEST(Update, AHostOfANewUrlIsNotSaidTwice) {
  auto r = bare_update();
  gain(r, evidence::Facet::endpoint, "url", "https://user@new.example.org:8443/v1");
  gain(r, evidence::Facet::endpoint, "host", "new.example.org");
  const auto u = update_outline(r);
  EXPECT_EQ(u.topics.at(Topic::endpoints).gained, 2u);
  ASSERT_EQ(u.beside.size(), 1u);
  EXPECT_TRUE(u.changes[u.beside[0]].what.starts_with("endpoint url"));
}

TEST(Update, AUrlOfANewHostComesBeforeOneOfAKnownHost) {
  auto r = bare_update();
  gain(r, evidence::Facet::endpoint, "url", "https://a-known.example.org/new");
  gain(r, evidence::Facet::endpoint, "url", "https://new.example.org/");
  gain(r, evidence::Facet::endpoint, "host", "new.example.org");
  const auto u = update_outline(r);
  ASSERT_EQ(u.beside.size(), 2u);
  EXPECT_EQ(u.changes[u.beside[0]].what, "endpoint url: https://new.example.org/");
}

TEST(Update, GrowthOfUnreadBytesIsAChange) {
  auto r = bare_update();
  sample::Builder b{std::move(r)};
  b.exhibit(9, evidence::Facet::property, "opaque-growth", "large", 0, "", {{"change", "gained"}, {"bytes", "98304"}});
  const auto u = update_outline(b.r);
  ASSERT_EQ(u.changes.size(), 1u);
  EXPECT_EQ(u.changes[0].topic, Topic::coverage);
  EXPECT_EQ(u.opaque, 98'304);
}

// Ten lines whatever happened; findings first, and what they rest on is not said again.
TEST(Update, ShowsTenAndSaysOfHowMany) {
  auto r = sample::update();
  for (int i = 0; i < 30; ++i) gain(r, evidence::Facet::endpoint, "host", fmt::format("node{}.example.net", i));
  const auto text = update_text(r, {});
  EXPECT_NE(text.find("The 10 changes that matter most, of 37"), std::string::npos) << text;
  EXPECT_NE(text.find(" 10. ~ power listen: bind\n"), std::string::npos) << text;  // thirty endpoints don't crowd it out
  EXPECT_EQ(text.find(" 11. "), std::string::npos);
  EXPECT_EQ(text.find("command execute-command"), std::string::npos);
}

TEST(Update, FilesWithOtherBytesAndTheSameEvidenceAreNoChangeOfEvidence) {
  auto r = bare_update();
  EXPECT_NE(update_text(r, {}).find("No evidence: files have other bytes"), std::string::npos);
}

TEST(Update, NamesWhatWasNotCompared) {
  auto r = sample::update();
  r.baseline->tables_left_out = true;
  r.baseline->not_tried = 1;
  r.baseline->unlisted = 3000;
  const auto text = update_text(r, {.width = 200});
  EXPECT_NE(text.find("not compared  Imports, exports"), std::string::npos);
  EXPECT_NE(text.find("1 artifact without a partner was not measured"), std::string::npos);
  EXPECT_NE(text.find("3,000 more changes were judged"), std::string::npos);
}

TEST(Update, EvidenceThatTheReportLeftOutIsNoLine) {
  auto r = bare_update();
  r.baseline->changes.push_back({report::Turn::gained, true, "ffffffffffffffff", ""});
  r.baseline->changes.push_back({report::Turn::lost, true, "", ""});
  EXPECT_TRUE(order_of(r).empty());
}
