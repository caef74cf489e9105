#include "report/declaration_yaml.h"

#include <gtest/gtest.h>

#include <random>

#include "report/strict_yaml.h"

namespace {

using namespace report;

constexpr auto good = R"(product: example
endpoints:
  - {host: api.example.org, purpose: updates}
  - telemetry.example.org
private:
  - {what: location, purpose: weather, recipient: api.example.org}
powers: none
)";

TEST(Declaration, ReadsLinesWithTheirSource) {
  const auto d = parse_declaration(good, "assay.declaration.yaml");
  ASSERT_TRUE(d) << d.error().to_string();
  ASSERT_EQ(d->lines.size(), 4u);
  EXPECT_EQ(d->lines[0].value, "api.example.org");
  EXPECT_EQ(d->lines[0].source, "assay.declaration.yaml:3");
  EXPECT_EQ(d->lines[2].recipient, "api.example.org");
  EXPECT_FALSE(d->lines[2].is_void);
  EXPECT_EQ(d->lines[3].section, "powers");
  EXPECT_EQ(d->lines[3].value, "none");
  EXPECT_EQ(d->digest.size(), 64u);
}

TEST(Declaration, WildcardsAndPlaceholdersAreVoid) {
  const auto d = parse_declaration("endpoints: ['*.example.org', any, 0.0.0.0]\nprivate:\n  - {what: location, purpose: '(why)', recipient: x}\n  - {what: everything, purpose: p}\n", "d");
  ASSERT_TRUE(d) << d.error().to_string();
  for (const auto& line : d->lines) {
    EXPECT_TRUE(line.is_void) << line.value;
    EXPECT_FALSE(line.note.empty());
  }
}

TEST(Declaration, ErrorsNameTheLine) {
  const auto twice = parse_declaration("endpoints: []\npowers: []\nendpoints: []\n", "d.yaml");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().where, "d.yaml:3");
  EXPECT_NE(twice.error().what.find("twice"), std::string::npos);
  const auto unknown = parse_declaration("endpoints: []\nfriends: []\n", "d.yaml");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().where, "d.yaml:2");
  EXPECT_FALSE(parse_declaration("a: &x [1]\nb: *x\n", "d"));
  EXPECT_FALSE(parse_declaration("", "d"));
}

TEST(StrictYaml, DeepAndLargeDocumentsAreErrors) {
  EXPECT_FALSE(read_yaml(std::string(5000, '['), "d"));
  EXPECT_FALSE(read_yaml(std::string(most_yaml_bytes + 1, 'a'), "d"));
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_FALSE(read_yaml(nested, "d"));
}

TEST(Declaration, TruncatedAtEveryByteDoesNotCrash) {
  for (std::size_t n = 0; n < std::string_view(good).size(); ++n) (void)parse_declaration(std::string_view(good).substr(0, n), "d");
}

TEST(Declaration, MutantsDoNotCrash) {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (unsigned k = 0; k < 1 + random() % 4; ++k) text[random() % text.size()] = static_cast<char>(random());
    (void)parse_declaration(text, "d");
  }
}

}  // namespace
