#include "hallmark/trust_yaml.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "hallmark/trial.h"

namespace hallmark {
namespace {

struct TrustYaml : testing::Test {
  std::string folder = std::filesystem::temp_directory_path() / "trust.XXXXXX";
  trial::Log log;
  TrustYaml() {
    if (!mkdtemp(folder.data())) std::abort();
    log.witnesses.push_back(trial::fresh());
    std::ofstream(folder + "/a.pem") << trial::fresh()->public_key().pem();
    std::ofstream(folder + "/b.pem") << trial::fresh(sign::Algorithm::ecdsa_p256)->public_key().pem();
  }
  ~TrustYaml() override { std::filesystem::remove_all(folder); }

  std::string good() const {
    return fmt::format(R"(trust:
  offices:
    - name: north
      uri: https://office.example/north
      keys:
        - file: a.pem
          not-before: 2026-01-01
          not-after: 2027-01-31
        - file: {}/b.pem
          not-before: 2027-01-01T00:00:00Z
    - name: south
      keys: [{{file: b.pem}}]
  logs:
    - key: {}
      witnesses: ["{}"]
  policies: [{}]
  most-age: 90d
quorum:
  need: 2
  of: [north, south]
)", folder, log.key.vkey(), log.witness_key(0).vkey(), std::string(64, 'a'));
  }
  base::Result<TrustFile> parse(std::string_view text) const { return parse_trust_file(text, "trust.yaml", folder); }
  // Of the good file with one thing changed.
  std::string refused(std::string_view from, std::string_view to) const {
    auto text = good();
    const auto at = text.find(from);
    if (at == std::string::npos) return "the test is wrong";
    text.replace(at, from.size(), to);
    const auto read = parse(text);
    return read ? "taken" : read.error().what;
  }
};

TEST_F(TrustYaml, ReadsAll) {
  const auto read = parse(good());
  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->trust.offices.size(), 2u);
  const auto& keys = read->trust.offices[0].keys;
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(print_time(keys[0].not_before), "2026-01-01T00:00:00Z");
  EXPECT_EQ(print_time(keys[0].not_after), "2027-01-31T23:59:59Z") << "a day ends with its last second";
  EXPECT_EQ(keys[1].not_after, INT64_MAX);
  EXPECT_EQ(read->trust.offices[1].uri, "");
  EXPECT_EQ(read->trust.logs[0].origin, log.origin);
  EXPECT_EQ(read->trust.logs[0].quorum, 1u) << "all witnesses when nothing is said";
  EXPECT_TRUE(read->trust.need_log);
  EXPECT_EQ(read->trust.most_age, 90 * 86'400);
  EXPECT_EQ(read->quorum, 2u);
}

// A key that is passed over would open what its writer means to shut.
TEST_F(TrustYaml, IsStrict) {
  EXPECT_EQ(refused("most-age", "most-aged"), "trust.yaml:17: 'most-aged' is not known in trust; known are engines, logs, most-age, need-log, offices, policies");
  EXPECT_EQ(refused("need: 2", "need: 3"), "trust.yaml:1: the quorum asks for 3 of 2 offices");
  EXPECT_EQ(refused("need: 2", "need: 0"), "trust.yaml:1: the quorum asks for 0 of 2 offices");
  EXPECT_EQ(refused("[north, south]", "[north, west]"), "trust.yaml:1: quorum names the office 'west', which is not trusted");
  EXPECT_EQ(refused("name: south", "name: north"), "trust.yaml:11: there are two offices 'north'");
  EXPECT_EQ(refused("90d", "90"), "trust.yaml:17: '90' is no span of time; write 90s, 15m, 24h, 30d, 8w or 1y");
  EXPECT_EQ(refused("not-after: 2027-01-31", "not-after: 2025-01-31"), "trust.yaml:6: not-after lies before not-before");
  EXPECT_NE(refused("file: a.pem", "file: none.pem").find("trust.yaml:6: "), std::string::npos);
  EXPECT_NE(refused("key: log", "key: logs").find("trust.yaml:14: "), std::string::npos) << "the hash covers the name";
  EXPECT_NE(refused("witnesses: [", "quorum: 2\n      witnesses: [").find("asks for 2 of 1"), std::string::npos);
  EXPECT_NE(refused("policies: [a", "policies: [x").find("64 hex digits"), std::string::npos);
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("trust: {}"));
  EXPECT_FALSE(parse("trust: {offices: []}"));
  EXPECT_FALSE(parse("trust: {offices: [{name: a, keys: [{file: a.pem}]}]}")) << "a log is needed unless the file says otherwise";
  EXPECT_TRUE(parse("trust: {need-log: false, offices: [{name: a, keys: [{file: a.pem}]}]}"));
  EXPECT_FALSE(load_trust_file(folder + "/none.yaml"));
  EXPECT_FALSE(load_trust_file(folder));
}

TEST_F(TrustYaml, Spans) {
  EXPECT_EQ(parse_span("1y").value(), 365 * 86'400);
  EXPECT_EQ(parse_span("8w").value(), 56 * 86'400);
  for (const auto* bad : {"", "1", "-1d", "0d", "1.5d", "d", "1 d", "101y", "99999999999999999999s", "9223372036854775807y"}) EXPECT_FALSE(parse_span(bad)) << bad;
}

}  // namespace
}  // namespace hallmark
