#include "judge/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>


#include "judge/matching.h"
#include "judge/policy.h"
#include "judge/rule_meta.h"
#include "report/declaration_yaml.h"

namespace {

using namespace judge;
using evidence::Confidence;
using evidence::Facet;
using report::Effect;
using report::Verdict;
using testing::HasSubstr;

const std::string source = ASSAY_SOURCE_DIR;

/// A product built line by line.
struct Product {
  artifact::Tree tree;
  std::vector<evidence::Dossier> dossiers;
  report::Declaration declaration;
  std::vector<Waiver> waivers;

  Product() { add(artifact::no_node, "", "", artifact::Origin::product, artifact::Nature::directory); }

  artifact::NodeId add(artifact::NodeId parent, std::string name, std::string kind, artifact::Origin origin = artifact::Origin::member,
                       artifact::Nature nature = artifact::Nature::file) {
    const auto id = static_cast<artifact::NodeId>(tree.nodes.size());
    artifact::Node node;
    node.parent = parent;
    node.entry.name = name;
    node.entry.origin = origin;
    node.entry.nature = nature;
    node.kind = std::move(kind);
    node.digest = base::sha256(name);
    tree.nodes.push_back(std::move(node));
    dossiers.emplace_back();
    if (parent != artifact::no_node) tree.nodes[parent].children.push_back(id);
    return id;
  }
  evidence::Item& state(artifact::NodeId node, Facet facet, std::string word, std::string value = "", Confidence confidence = Confidence::high) {
    evidence::Item item;
    item.facet = facet;
    item.word = std::move(word);
    item.value = std::move(value);
    item.confidence = confidence;
    item.examiner = "test";
    dossiers[node].items.push_back(std::move(item));
    return dossiers[node].items.back();
  }
  Case the_case() const { return {tree, dossiers, declaration, waivers, std::string(64, 'a'), "2026-11-22"}; }
};

std::shared_ptr<const RuleSet> shipped() {
  static const auto rules = load_rules(source + "/rules");
  if (!rules) throw std::runtime_error(rules.error().to_string());
  return *rules;
}
std::shared_ptr<const Policy> policy(const std::string& name = "default") {
  const auto p = load_policy(source + "/policies/" + name + ".yaml");
  if (!p) throw std::runtime_error(p.error().to_string());
  return *p;
}
Outcome judged(const Product& p, const std::string& name = "default") { return judge::judge(p.the_case(), *shipped(), *policy(name)); }

/// A set from rule texts, for the language itself.
std::shared_ptr<RuleSet> set_of(const std::vector<std::string>& texts, std::vector<Problem>* problems = nullptr) {
  std::vector<Problem> mine;
  auto set = std::make_shared<RuleSet>();
  for (const auto& text : texts) read_rule(text, "test.yaml", *set, mine);
  set->order(mine);
  set->prepare();
  if (problems) *problems = mine;
  return set;
}
std::string rule(const std::string& name, const std::string& scope, const std::string& features) {
  return "rule:\n  meta: {name: " + name + ", scopes: {static: " + scope + "}, class: ability, severity: low, confidence: high}\n  features:\n    - " + features + "\n";
}
std::set<std::string> fired(const Product& p, const RuleSet& set) {
  std::set<std::string> out;
  for (const auto& m : match(p.tree, p.dossiers, set).yes) out.insert(set.rules[m.rule].name);
  return out;
}

Product with_exfiltration() {
  Product p;
  const auto deb = p.add(0, "x.deb", "deb", artifact::Origin::product);
  const auto postinst = p.add(deb, "postinst", "script/shell");
  p.state(postinst, Facet::step, "install", "postinst");
  auto& flow = p.state(postinst, Facet::flow, "", "environment to network");
  flow.attributes["endpoint"] = "https://collect.invalid/x";
  return p;
}

TEST(Judge, EmptyProductPasses) {
  const auto out = judged(Product());
  EXPECT_EQ(out.verdict, Verdict::pass);
  ASSERT_EQ(out.reasons.size(), 1u);
}

TEST(Judge, PrivateFlowOfAnInstallStepFails) {
  const auto out = judged(with_exfiltration());
  EXPECT_EQ(out.verdict, Verdict::fail);
  ASSERT_FALSE(out.findings.empty());
  const auto& f = out.findings[0];
  EXPECT_EQ(f.rule, "install step sends private data");
  EXPECT_EQ(f.effect, Effect::fail);
  EXPECT_EQ(f.evidence.size(), 2u);
  EXPECT_EQ(f.id.size(), 16u);
  EXPECT_THAT(f.what, HasSubstr("environment to network"));
  EXPECT_EQ(out.reasons[0].finding, f.id);
}

TEST(Judge, WeakEvidenceOnlyAsksAndWeakestDecides) {
  auto p = with_exfiltration();
  p.dossiers[2].items[1].confidence = Confidence::medium;
  const auto out = judged(p);
  EXPECT_EQ(out.verdict, Verdict::conditional);
  EXPECT_EQ(out.findings[0].confidence, Confidence::medium);
}

TEST(Judge, DeclaredFlowIsConditionalAndLinesAreSettled) {
  auto p = with_exfiltration();
  p.declaration = *report::parse_declaration(
      "private:\n  - {what: environment, purpose: support, recipient: collect.invalid}\n  - {what: camera, purpose: none, recipient: x}\npowers: none\n", "d");
  const auto out = judged(p);
  EXPECT_EQ(out.verdict, Verdict::conditional);
  EXPECT_EQ(out.findings[0].standing, report::Standing::declared);
  ASSERT_EQ(out.declaration.size(), 3u);
  EXPECT_EQ(out.declaration[0].state, report::LineState::confirmed);
  EXPECT_EQ(out.declaration[1].state, report::LineState::unobserved);
}

TEST(Judge, DeclarationOfAnotherRecipientDoesNotAnswerAndIsContradicted) {
  auto p = with_exfiltration();
  p.declaration = *report::parse_declaration("private:\n  - {what: environment, purpose: support, recipient: other.example}\n", "d");
  const auto out = judged(p);
  EXPECT_EQ(out.verdict, Verdict::fail);
  EXPECT_EQ(out.declaration[0].state, report::LineState::contradicted);
}

TEST(Judge, WildcardAndWeakLinesAnswerNothing) {
  auto p = with_exfiltration();
  p.declaration = *report::parse_declaration("private:\n  - {what: environment, purpose: support, recipient: '*'}\nendpoints: ['*']\n", "d");
  p.declaration.lines.push_back({"private", "environment", "p", "collect.invalid", true});
  EXPECT_EQ(judged(p).verdict, Verdict::fail);
}

TEST(Judge, BrokenTrustIsNeverDeclarableOrWaived) {
  Product p;
  const auto file = p.add(0, "shadow", "text");
  p.state(file, Facet::trust, "backdoor-account", "root2");
  auto out = judged(p);
  ASSERT_EQ(out.verdict, Verdict::fail);
  EXPECT_EQ(out.findings[0].standing, report::Standing::not_declarable);
  p.declaration = *report::parse_declaration("accounts: [root2]\n", "d");
  p.waivers.push_back({"w", "w", std::string(64, 'a'), out.findings[0].id, "r", "a", "2027-01-01", "w.yaml"});
  out = judged(p);
  EXPECT_EQ(out.verdict, Verdict::fail);
  EXPECT_THAT(out.reasons.back().text, HasSubstr("can't be waived"));
}

TEST(Judge, WaiverYieldsConditionalAtBestAndExpires) {
  auto p = with_exfiltration();
  p.dossiers[2].items[1].attributes.clear();  // one finding only
  const auto id = judged(p).findings[0].id;
  p.waivers = {{"w1", "d", std::string(64, 'a'), id, "known", "auditor", "2026-11-22", "w.yaml"}};
  auto out = judged(p);
  EXPECT_EQ(out.verdict, Verdict::conditional);
  EXPECT_EQ(out.findings[0].waiver, "w1");
  p.waivers[0].expires = "2026-11-21";
  out = judged(p);
  EXPECT_EQ(out.verdict, Verdict::fail);
  EXPECT_THAT(out.reasons.back().text, HasSubstr("expired"));
  p.waivers[0].expires = "2027-11-21";
  p.waivers[0].product = std::string(64, 'b');
  EXPECT_EQ(judged(p).verdict, Verdict::fail);
}

// A policy that doesn't say otherwise takes signed waivers only; every report tells which kind it was.
TEST(Judge, UnsignedWaiversCountOnlyWhereThePolicySaysSo) {
  auto p = with_exfiltration();
  p.dossiers[2].items[1].attributes.clear();
  const auto id = judged(p, "strict").findings[0].id;
  p.waivers = {{"w1", "d", std::string(64, 'a'), id, "known", "auditor", "2027-01-01", "w.yaml"}};
  auto out = judged(p, "strict");
  EXPECT_EQ(out.verdict, Verdict::fail);
  EXPECT_THAT(out.reasons.back().text, HasSubstr("nobody signed it"));
  EXPECT_EQ(judged(p).verdict, Verdict::conditional);
  EXPECT_THAT(judged(p).reasons[0].text, HasSubstr("(unsigned)"));
  p.waivers[0].key = std::string(64, 'c');
  out = judged(p, "strict");
  EXPECT_EQ(out.verdict, Verdict::conditional);
  EXPECT_THAT(out.reasons[0].text, HasSubstr("(signed, key cccccccc)"));
  p.waivers[0].begins = "2026-11-23";  // the day after
  EXPECT_EQ(judged(p, "strict").verdict, Verdict::fail);
  p.waivers[0].begins = "2026-11-22";
  EXPECT_EQ(judged(p, "strict").verdict, Verdict::conditional);
}

TEST(Policy, KeysOfWaiversArePartOfIt) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("assay-policy-{}", getpid());
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* name, std::string_view text) { std::ofstream(folder / name) << text; };
  const std::string text = "policy: {name: p, effects: [{effect: conditional}], inconclusive: [limit, crashed], waiver-keys: [a.pem]}\n";
  write("p.yaml", text);
  EXPECT_FALSE(load_policy(folder / "p.yaml"));  // the key is not there
  write("a.pem", "one key");
  const auto one = load_policy(folder / "p.yaml");
  ASSERT_TRUE(one) << one.error().what;
  EXPECT_EQ(waiver_keys_of(**one), std::vector<std::string>{"one key"});
  EXPECT_FALSE(takes_unsigned_waivers(**one));
  write("a.pem", "another");
  EXPECT_NE(digest_of(**one), digest_of(**load_policy(folder / "p.yaml")));
  write("p.yaml", "policy: {name: p, effects: [{effect: conditional}], inconclusive: [limit, crashed], unsigned-waivers: perhaps}\n");
  EXPECT_FALSE(load_policy(folder / "p.yaml"));
  std::filesystem::remove_all(folder);
}

TEST(Judge, LimitIsInconclusiveUnlessABetrayalWasFound) {
  Product p;
  const auto file = p.add(0, "f", "elf");
  p.state(file, Facet::trouble, "limit", "depth");
  p.dossiers[file].complete = false;
  EXPECT_EQ(judged(p).verdict, Verdict::inconclusive);
  p.state(file, Facet::trust, "backdoor-account", "x");
  EXPECT_EQ(judged(p).verdict, Verdict::fail);
}

TEST(Judge, DamagedContentIsJudgedByCoverage) {
  Product p;
  const auto file = p.add(0, "broken.gz", "gzip");
  p.state(file, Facet::trouble, "malformed", "bad block");
  p.dossiers[file].complete = false;
  p.dossiers[file].tiles = {{{0, 1000}, evidence::Label::opaque, "damaged"}};
  EXPECT_EQ(judged(p).verdict, Verdict::pass);
  p.dossiers[file].tiles = {{{0, 100u << 20}, evidence::Label::opaque, "damaged"}};
  EXPECT_EQ(judged(p).verdict, Verdict::conditional);
  p.dossiers[file].items.clear();  // incomplete, and nobody says why
  EXPECT_EQ(judged(p).verdict, Verdict::inconclusive);
}

TEST(Judge, OpaqueExecutableIsConditional) {
  Product p;
  const auto file = p.add(0, "x", "elf");
  p.dossiers[file].tiles = {{{0, 100u << 20}, evidence::Label::examined, ""}, {{100u << 20, 8192}, evidence::Label::opaque, "encrypted"}};
  const auto out = judged(p);
  EXPECT_EQ(out.verdict, Verdict::conditional);
  EXPECT_THAT(out.reasons[0].text, HasSubstr("could not be read"));
}

TEST(Judge, AnyOpaqueByteOfAProgramIsConditional) {
  Product p;
  const auto file = p.add(0, "x", "elf");
  p.dossiers[file].tiles = {{{0, 1u << 20}, evidence::Label::scanned, ""}, {{1u << 20, 1}, evidence::Label::opaque, "unsupported"}};
  EXPECT_EQ(judged(p).verdict, Verdict::conditional);
}

TEST(Judge, AnOpaqueFileThatCodeRefersToIsConditional) {
  Product p;
  const auto package = p.add(0, "a.deb", "deb");
  const auto blob = p.add(package, "usr/share/a/data.bin", "unknown");
  const auto layer = p.add(blob, "", "unknown", artifact::Origin::layer);
  const auto code = p.add(package, "usr/bin/a", "elf");
  p.dossiers[layer].tiles = {{{0, 100}, evidence::Label::opaque, "high entropy"}};
  p.dossiers[code].tiles = {{{0, 100}, evidence::Label::scanned, ""}};
  EXPECT_EQ(judged(p).verdict, Verdict::pass);
  p.state(code, Facet::string, "", "/usr/share/other/data.bin");
  EXPECT_EQ(judged(p).verdict, Verdict::pass);
  p.state(code, Facet::string, "", "/usr/share/a/data.bin");
  const auto out = judged(p);
  EXPECT_EQ(out.verdict, Verdict::conditional);
  EXPECT_THAT(out.reasons[0].text, HasSubstr("refers to it"));
  p.dossiers[code].items.clear();
  p.state(code, Facet::reference, "loads", "../share/a/data.bin");
  EXPECT_EQ(judged(p).verdict, Verdict::conditional);
  p.dossiers[layer].tiles[0].label = evidence::Label::scanned;
  EXPECT_EQ(judged(p).verdict, Verdict::pass);
}

TEST(Judge, CutListsOfEndpointsAreOnlyDisclosedByDefault) {
  Product p;
  const auto file = p.add(0, "doc.html", "html");
  p.state(file, Facet::trouble, "limit", "endpoint:url").attributes["dropped"] = "5";
  p.dossiers[file].complete = false;
  EXPECT_EQ(judged(p).verdict, Verdict::pass);
  EXPECT_EQ(judged(p, "strict").verdict, Verdict::inconclusive);
  p.dossiers[file].items[0].value = "flow:";
  EXPECT_EQ(judged(p).verdict, Verdict::inconclusive);
}

TEST(Judge, ReservedLabelsChangeNothing) {
  auto p = with_exfiltration();
  const auto before = judged(p).verdict;
  p.dossiers[2].items[1].attributes["label"] = "reserved";
  EXPECT_EQ(judged(p).verdict, before);
}

TEST(Judge, EqualFilesGiveOneFinding) {
  Product p;
  for (const auto* name : {"a", "b"}) {
    const auto file = p.add(0, name, "text");
    p.tree.nodes[file].digest = base::sha256("same");
    p.state(file, Facet::trust, "backdoor-account", "x");
  }
  const auto out = judged(p);
  const auto n = std::ranges::count(out.findings, "backdoor account", &report::Finding::rule);
  EXPECT_EQ(n, 1);
  EXPECT_EQ(out.findings[0].places.size(), 2u);
}

TEST(Judge, SecretsAreShownAsFingerprints) {
  Product p;
  const auto file = p.add(0, "c.json", "json");
  p.state(file, Facet::key, "token", "ghp_verysecret").secret = true;
  for (const auto& f : judged(p).findings) {
    EXPECT_EQ(f.what.find("verysecret"), std::string::npos);
    EXPECT_EQ(f.remedy.find("verysecret"), std::string::npos);
  }
}

TEST(Judge, UserRulesPrintTheirAuthor) {
  const auto set = set_of({"rule:\n  meta: {name: theirs, scopes: {static: file}, authors: [somebody@example.org], references: [https://example.org/r]}\n  features:\n    - string: hello\n"});
  Product p;
  p.state(p.add(0, "f", "elf"), Facet::string, "", "hello");
  const auto out = judge::judge(p.the_case(), *set, *policy());
  ASSERT_EQ(out.findings.size(), 1u);
  EXPECT_EQ(out.findings[0].klass, "user-rule");
  EXPECT_EQ(out.findings[0].author, "somebody@example.org");
  EXPECT_EQ(out.verdict, Verdict::pass);
}

TEST(Language, NotIsUnknownWhereTheScopeIsIncomplete) {
  const auto set = set_of({rule("r", "file", "and: [{string: a}, {not: {string: b}}]")});
  Product p;
  const auto file = p.add(0, "f", "elf");
  p.state(file, Facet::string, "", "a");
  EXPECT_EQ(fired(p, *set).size(), 1u);
  p.dossiers[file].complete = false;
  auto m = match(p.tree, p.dossiers, *set);
  EXPECT_TRUE(m.yes.empty());
  EXPECT_EQ(m.undecided.size(), 1u);
  p.state(file, Facet::string, "", "b");  // seen: false, however incomplete
  m = match(p.tree, p.dossiers, *set);
  EXPECT_TRUE(m.yes.empty());
  EXPECT_TRUE(m.undecided.empty());
}

TEST(Language, CodeFeaturesAreUnknownNeverFalse) {
  const auto set = set_of({rule("a", "file", "and: [{string: x}, {mnemonic: xor}]"), rule("b", "file", "and: [{string: x}, {not: {mnemonic: xor}}]"),
                           rule("c", "file", "or: [{string: x}, {mnemonic: xor}]"), rule("d", "file", "and: [{string: x}, {not: {match: e}}]"),
                           rule("e", "file", "mnemonic: xor")});
  Product p;
  p.state(p.add(0, "f", "elf"), Facet::string, "", "x");
  EXPECT_THAT(fired(p, *set), testing::ElementsAre("c"));
}

TEST(Language, ScopesHoldWhatTheySay) {
  const auto set = set_of({rule("fn", "function", "and: [{private: files}, {outside: network}]"), rule("fi", "file", "and: [{private: files}, {outside: network}]"),
                           rule("pa", "package", "and: [{private: files}, {outside: network}]"), rule("pr", "product", "and: [{private: files}, {outside: network}]")});
  const auto where = [&](bool two_units, bool two_files, bool two_packages) {
    Product p;
    const auto a = p.add(0, "a", "npm", artifact::Origin::product), b = p.add(0, "b", "npm", artifact::Origin::product);
    const auto f = p.add(a, "f", "script/python"), g = p.add(two_packages ? b : a, "g", "script/python");
    p.state(f, Facet::private_, "files").unit = "u";
    p.state(two_files ? g : f, Facet::outside, "network").unit = two_units ? "v" : "u";
    return fired(p, *set);
  };
  EXPECT_THAT(where(false, false, false), testing::ElementsAre("fi", "fn", "pa", "pr"));
  EXPECT_THAT(where(true, false, false), testing::ElementsAre("fi", "pa", "pr"));
  EXPECT_THAT(where(true, true, false), testing::ElementsAre("pa", "pr"));
  EXPECT_THAT(where(true, true, true), testing::ElementsAre("pr"));
}

TEST(Language, DecodedLayersBelongToTheirFile) {
  const auto set = set_of({rule("r", "file", "and: [{private: files}, {outside: network}]")});
  Product p;
  const auto f = p.add(0, "f", "script/python");
  const auto layer = p.add(p.add(f, "", "script/python", artifact::Origin::decoded), "", "script/python", artifact::Origin::decoded);
  p.state(f, Facet::private_, "files");
  p.state(layer, Facet::outside, "network");
  EXPECT_EQ(fired(p, *set).size(), 1u);
  p.tree.nodes[layer].entry.origin = artifact::Origin::embedded;
  EXPECT_EQ(fired(p, *set).size(), 0u);
}

TEST(Language, StepsFollowReferencesInsideTheirPackage) {
  const auto set = set_of({rule("r", "step", "and: [{step: install}, {outside: network}]")});
  const auto reaches = [&](const std::string& reference, const std::string& target, bool other_package = false, int chain = 0) {
    Product p;
    const auto a = p.add(0, "a", "npm", artifact::Origin::product), b = p.add(0, "b", "npm", artifact::Origin::product);
    const auto json = p.add(a, "package/package.json", "json");
    p.state(json, Facet::step, "install");
    p.state(json, Facet::reference, "runs", reference);
    const auto script = p.add(other_package ? b : a, target, "script/javascript");
    p.state(script, Facet::reference, "includes", "./package.json");  // a loop
    auto last = script;
    for (int i = 0; i < chain; ++i) {
      p.state(last, Facet::reference, "includes", fmt::format("./c{}.js", i));
      last = p.add(a, fmt::format("package/c{}.js", i), "script/javascript");
    }
    p.state(last, Facet::outside, "network");
    return fired(p, *set).size() == 1;
  };
  EXPECT_TRUE(reaches("./x.js", "package/x.js"));
  EXPECT_TRUE(reaches("x", "package/x.js"));
  EXPECT_TRUE(reaches("./lib", "package/lib/index.js"));
  EXPECT_TRUE(reaches("/usr/bin/x", "./usr/bin/x"));
  EXPECT_TRUE(reaches("../../../package/x.js", "package/x.js"));
  EXPECT_FALSE(reaches("./y.js", "package/x.js"));
  EXPECT_FALSE(reaches("./x.js", "package/x.js", true));
  EXPECT_TRUE(reaches("./x.js", "package/x.js", false, 7));
  EXPECT_FALSE(reaches("./x.js", "package/x.js", false, 8));
}

TEST(Language, SubScopesAndMatchesAreSeenFromWider) {
  const auto set = set_of({rule("outer", "package", "and: [{function: [{and: [{private: files}, {outside: network}]}]}, {match: inner}]"), rule("inner", "file", "string: x")});
  Product p;
  const auto a = p.add(0, "a", "npm", artifact::Origin::product);
  const auto f = p.add(a, "f", "script/python");
  p.state(f, Facet::private_, "files").unit = "u";
  p.state(f, Facet::outside, "network").unit = "v";
  p.state(p.add(a, "g", "elf"), Facet::string, "", "x");
  EXPECT_THAT(fired(p, *set), testing::ElementsAre("inner"));
  p.state(f, Facet::outside, "network").unit = "u";
  EXPECT_EQ(fired(p, *set).count("outer"), 1u);
}

TEST(Language, ExtendedForms) {
  Product p;
  const auto f = p.add(0, "f", "script/python");
  p.state(f, Facet::endpoint, "url", "http://a.invalid/x", Confidence::medium).attributes["label"] = "reserved";
  const auto holds = [&](const std::string& feature) { return fired(p, *set_of({rule("r", "file", feature)})).size() == 1; };
  EXPECT_TRUE(holds("endpoint:"));
  EXPECT_TRUE(holds("endpoint: url"));
  EXPECT_FALSE(holds("endpoint: host"));
  EXPECT_TRUE(holds("endpoint: {word: url, value: '/^http:/'}"));
  EXPECT_FALSE(holds("endpoint: {word: url, value: '/^https:/'}"));
  EXPECT_TRUE(holds("endpoint: {attribute: {label: reserved}}"));
  EXPECT_TRUE(holds("endpoint: {attribute: {label: /^res/}}"));
  EXPECT_FALSE(holds("endpoint: {without: {label: any}}"));
  EXPECT_FALSE(holds("endpoint: {without: {label: /^res/}}"));
  EXPECT_TRUE(holds("endpoint: {without: {label: /^loop/}}"));
  EXPECT_FALSE(holds("endpoint: {confidence: high}"));
  EXPECT_TRUE(holds("endpoint: {confidence: medium}"));
  EXPECT_TRUE(holds("count(endpoint): 1"));
  EXPECT_FALSE(holds("count(endpoint): 2 or more"));
  EXPECT_TRUE(holds("format: script/python"));
}

TEST(Language, FaultsAreNamedWithTheirLine) {
  const auto wrong = [](const std::string& text) {
    std::vector<Problem> problems;
    set_of({text}, &problems);
    std::string out;
    for (const auto& p : problems)
      if (p.hard) out += fmt::format("{}: {}\n", p.line, p.text);
    return out;
  };
  EXPECT_THAT(wrong(rule("r", "file", "private: thoughts")), HasSubstr("4: 'thoughts' is not a word of private"));
  EXPECT_THAT(wrong(rule("r", "file", "string: /(/")), HasSubstr("RE2"));
  EXPECT_THAT(wrong(rule("r", "file", "and: []")), HasSubstr("at least one"));
  EXPECT_THAT(wrong(rule("r", "file", "match: nobody")), HasSubstr("neither a rule nor a namespace"));
  EXPECT_THAT(wrong(rule("r", "file", "match: r")), HasSubstr("matches itself"));
  EXPECT_THAT(wrong(rule("r", "file", "opinion: x")), HasSubstr("neither a statement nor a feature"));
  EXPECT_THAT(wrong(rule("r", "galaxy", "string: x")), HasSubstr("galaxy"));
  EXPECT_THAT(wrong(rule("r", "file", "count(string(a)): many")), HasSubstr("count takes"));
  EXPECT_THAT(wrong("rule: {meta: {name: r}}"), HasSubstr("form"));
  EXPECT_THAT(wrong("{"), HasSubstr("line"));
}

TEST(Explain, TellsWhetherADeclarationWouldChangeTheVerdict) {
  const auto p = with_exfiltration();
  const auto rules = shipped();
  const auto id = judged(p).findings[0].id;
  const auto e = explain(id.substr(0, 8), p.the_case(), *rules, *policy());
  ASSERT_TRUE(e) << e.error().to_string();
  EXPECT_EQ(e->now, Verdict::fail);
  EXPECT_EQ(e->then, Verdict::conditional);
  EXPECT_THAT(e->declaration, HasSubstr("what: environment"));
  EXPECT_THAT(e->effect, HasSubstr("from fail to conditional"));
  EXPECT_FALSE(explain("nothing", p.the_case(), *rules, *policy()));
}

TEST(Declare, DraftIsReadableAndVoidUntilCompleted) {
  const auto p = with_exfiltration();
  const auto draft = draft_declaration(p.the_case(), {});
  const auto d = report::parse_declaration(draft, "draft");
  ASSERT_TRUE(d) << d.error().to_string() << draft;
  EXPECT_THAT(draft, HasSubstr("collect.invalid"));
  auto q = with_exfiltration();
  q.declaration = *d;
  EXPECT_EQ(judged(q).verdict, Verdict::fail) << draft;
}

TEST(Waivers, AreReadStrictly) {
  const std::string good = "waiver: {product: " + std::string(64, 'a') + ", finding: 0123456789abcdef, reason: r, approver: a, expires: 2027-01-31}";
  const auto w = parse_waiver(good, "w.yaml");
  ASSERT_TRUE(w) << w.error().to_string();
  EXPECT_EQ(w->expires, "2027-01-31");
  for (const auto* bad : {"waiver: {}", "x: 1", "waiver: {product: short, finding: 0123456789abcdef, reason: r, approver: a, expires: 2027-01-31}"}) EXPECT_FALSE(parse_waiver(bad, "w.yaml"));
}

}  // namespace
