// The gate's policy: a misspelt key or an impossible wish must be told, never passed over.
#include "gate/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gate {
namespace {

using testing::HasSubstr;

/// A policy with one key, and `more` lines under gate:.
std::string policy(std::string_view more = "", std::string_view hallmarks = "  hallmarks: marks\n") {
  return fmt::format(
      "gate:\n"
      "  name: test\n"
      "  trust:\n"
      "    need-log: false\n"
      "    offices:\n"
      "      - name: north\n"
      "        keys:\n"
      "          - pem: |\n"
      "              -----BEGIN PUBLIC KEY-----\n"
      "              MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
      "              -----END PUBLIC KEY-----\n"
      "{}{}",
      hallmarks, more);
}

std::string error_of(const std::string& text) {
  const auto p = parse_policy(text, "gate.yaml", "/etc/assay");
  return p ? "" : p.error().what;
}

TEST(GatePolicy, ReadsAllOfIt) {
  const auto p = parse_policy(policy("  refresh: 5s\n"
                                     "  quorum: {need: 1, of: [north], veto: false}\n"
                                     "  conditions-met: [abc, def]\n"
                                     "  unknown: wait\n"
                                     "  vet: {command: [/usr/bin/assay, hallmark, '{file}'], at-most: 2m, parallel: 3}\n"
                                     "  updates: {baseline: required, first: deny, known: ['abababababababababababababababababababababababababababababababab']}\n"
                                     "  links: https://office.example/h/\n"),
                              "gate.yaml", "/etc/assay");
  ASSERT_TRUE(p) << p.error().what;
  EXPECT_EQ(p->name, "test");
  EXPECT_EQ(p->hallmarks, "/etc/assay/marks");
  EXPECT_EQ(p->refresh_seconds, 5);
  EXPECT_EQ(p->quorum_of, std::vector<std::string>{"north"});
  EXPECT_FALSE(p->veto);
  EXPECT_TRUE(p->conditions_met.contains("def"));
  EXPECT_TRUE(p->wait_for_unknown);
  EXPECT_EQ(p->vet_command.size(), 3u);
  EXPECT_TRUE(p->updates.need_baseline);
  EXPECT_FALSE(p->updates.allow_first);
  EXPECT_EQ(p->updates.known.size(), 1u);
  EXPECT_EQ(p->vet_seconds, 120);
  EXPECT_EQ(p->vet_parallel, 3u);
  EXPECT_EQ(p->link_base, "https://office.example/h/");
  EXPECT_EQ(p->trust.offices.size(), 1u);
}

TEST(GatePolicy, TellsWhatIsWrongAndWhere) {
  EXPECT_THAT(error_of(policy("  hallmark: x\n")), HasSubstr("gate.yaml:13: 'hallmark' is not known in a gate's policy"));
  EXPECT_THAT(error_of(policy("  quorum: {need: 2}\n")), HasSubstr("asks for 2 of 1 offices"));
  EXPECT_THAT(error_of(policy("  quorum: {of: [south]}\n")), HasSubstr("the office 'south', which is not trusted"));
  EXPECT_THAT(error_of(policy("  quorum: {need: 0}\n")), HasSubstr("from 1 to 1000"));
  EXPECT_THAT(error_of(policy("  waivers-by: [north]\n")), HasSubstr("needs a log"));
  EXPECT_THAT(error_of(policy("  unknown: allow\n")), HasSubstr("it takes wait or deny"));
  EXPECT_THAT(error_of(policy("  unknown: wait\n")), HasSubstr("needs a vet command"));
  EXPECT_THAT(error_of(policy("  vet: {command: [assay]}\n")), HasSubstr("whole path"));
  EXPECT_THAT(error_of(policy("  refresh: soon\n")), HasSubstr("as 90s"));
  EXPECT_THAT(error_of(policy("  follow: [{origin: log.example/x, address: 'file:///l'}]\n")), HasSubstr("is not among the trusted logs"));
  EXPECT_THAT(error_of(policy("", "")), HasSubstr("neither a folder of hallmarks nor a log"));
  EXPECT_THAT(error_of("gate:\n  name: x\n"), HasSubstr("no office"));
  EXPECT_THAT(error_of("policy:\n  name: x\n"), HasSubstr("has the form gate:"));
  EXPECT_THAT(error_of("gate: [1]\n"), HasSubstr("is a map"));
  EXPECT_THAT(error_of(policy("  updates: {baseline: yes}\n")), HasSubstr("gate.yaml:13: baseline: it takes required or any"));
  EXPECT_THAT(error_of(policy("  updates: {baseline: required, first: ask}\n")), HasSubstr("it takes allow or deny"));
  EXPECT_THAT(error_of(policy("  updates: {first: deny}\n")), HasSubstr("mean nothing without 'baseline: required'"));
  EXPECT_THAT(error_of(policy("  updates: {baseline: any, known: [" + std::string(64, 'a') + "]}\n")), HasSubstr("mean nothing without"));
  EXPECT_THAT(error_of(policy("  updates: {baseline: required, known: [abc]}\n")), HasSubstr("'abc' is no SHA-256"));
  EXPECT_THAT(error_of(policy("  updates: {base-line: required}\n")), HasSubstr("'base-line' is not known in updates"));
  EXPECT_THAT(error_of(policy("  updates: required\n")), HasSubstr("updates is a map"));
  EXPECT_THAT(error_of(policy("  break-glass: {keys: [nowhere.pem]}\n")), HasSubstr("nowhere.pem"));
}

TEST(GatePolicy, CutAnywhereItIsAnErrorOrAPolicyButNeverMore) {
  const auto text = policy("  conditions-met: [abc]\n  quorum: {need: 1, veto: true}\n");
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const auto p = parse_policy(text.substr(0, cut), "p", "/");
    if (p) EXPECT_TRUE(p->quorum == 1 && p->veto && !p->trust.offices.empty()) << cut;
    else EXPECT_FALSE(p.error().what.empty());
  }
}

TEST(GatePolicy, Durations) {
  EXPECT_EQ(read_duration("90s"), 90);
  EXPECT_EQ(read_duration("15m"), 900);
  EXPECT_EQ(read_duration("24h"), 86400);
  EXPECT_EQ(read_duration("30d"), 2592000);
  EXPECT_EQ(read_duration("0"), 0);
  for (const auto* text : {"", "5", "-5s", "5 s", "5y", "9999999999d", "s"}) EXPECT_FALSE(read_duration(text)) << text;
}

}  // namespace
}  // namespace gate
