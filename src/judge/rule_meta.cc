// A rule without `class` is one that a user brought (capa's own have none): it loads as `user-rule`,
// and its authors and references travel with each finding.
// Format: https://github.com/mandiant/capa-rules/blob/master/doc/format.md#meta-block, docs/rules.md
#include "judge/rule_meta.h"

#include <array>

#include "judge/rule_features.h"

namespace judge {
namespace {

using report::YamlNode;

constexpr std::array<std::string_view, 26> meta_keys = {
    "name", "namespace", "authors", "scopes", "description", "references", "class", "severity", "confidence", "why", "settle",
    "examples", "declare", "declarable", "lib", "together",
    // capa's, read over
    "att&ck", "mbc", "maec/malware-category", "maec/malware-family", "maec/analysis-conclusion", "maec/analysis-conclusion-ov",
    "maec/malware-category-ov", "author", "scope", "capa/path"};
constexpr std::array<std::string_view, 10> classes = {"broken-trust", "private-flow", "command-flow", "concealment", "later-stage",
                                                     "weak-protection", "ability", "update", "source", "user-rule"};
constexpr std::array<std::string_view, 9> sections = {"none", "endpoints", "private", "powers", "keys", "updates",
                                                      "remote-administration", "accounts", "steps"};

struct MetaReading {
  Rule& rule;
  std::vector<Problem>& problems;
  void wrong(int line, std::string text, bool hard = true) { problems.push_back({rule.file, line, std::move(text), hard}); }
};

void read_scopes(const YamlNode& meta, MetaReading& into) {
  std::string scope = "file";
  int line = meta.line;
  if (const auto* scopes = meta.find("scopes")) {
    scope = scopes->text_of("static");
    line = scopes->line;
  } else if (const auto* old = meta.find("scope")) {
    scope = old->text;
  } else {
    into.wrong(line, "meta needs scopes: {static: function|file|step|package|product}");
  }
  if (const auto reach = reach_from(scope)) into.rule.reach = *reach;
  else into.wrong(line, fmt::format("the scope '{}' is not known", scope));
}

void read_judgement(const YamlNode& meta, MetaReading& into) {
  auto& rule = into.rule;
  const auto line_of = [&](std::string_view key) { return meta.find(key) ? meta.find(key)->line : meta.line; };
  const auto known = [](const auto& list, const std::string& word) { return std::ranges::find(list, word) != list.end(); };
  rule.klass = meta.text_of("class");
  rule.of_user = rule.klass.empty();
  if (rule.of_user) rule.klass = "user-rule";
  else if (!known(classes, rule.klass)) into.wrong(line_of("class"), fmt::format("the class '{}' is not known", rule.klass));
  if (const auto text = meta.text_of("severity"); !text.empty()) {
    if (const auto severity = report::severity_from(text)) rule.severity = *severity;
    else into.wrong(line_of("severity"), "severity is info, low, medium, high or critical");
  } else if (!rule.of_user && !rule.lib) {
    into.wrong(meta.line, "meta has no severity", false);
  }
  if (const auto text = meta.text_of("confidence"); !text.empty()) {
    if (const auto confidence = evidence::confidence_from(text)) rule.confidence = *confidence;
    else into.wrong(line_of("confidence"), "confidence is low, medium or high");
  } else if (!rule.of_user && !rule.lib) {
    into.wrong(meta.line, "meta has no confidence", false);
  }
  rule.declare = meta.text_of("declare");
  if (!rule.declare.empty() && !known(sections, rule.declare))
    into.wrong(line_of("declare"), fmt::format("declare names no section of a declaration: '{}'", rule.declare));
  rule.declarable = meta.text_of("declarable") != "false" && rule.klass != "broken-trust" && rule.declare != "none";
}

void read_words(const YamlNode& meta, MetaReading& into) {
  auto& rule = into.rule;
  rule.name = meta.text_of("name");
  if (rule.name.empty()) into.wrong(meta.line, "meta has no name");
  rule.name_space = meta.text_of("namespace");
  rule.description = meta.text_of("description");
  rule.why = meta.text_of("why");
  rule.settle = meta.text_of("settle");
  rule.authors = meta.texts_of("authors");
  if (rule.authors.empty()) rule.authors = meta.texts_of("author");
  rule.references = meta.texts_of("references");
  rule.together = meta.text_of("together") == "true";
  rule.lib = meta.text_of("lib") == "true";
  for (const auto& [key, value] : meta.pairs)
    if (std::ranges::find(meta_keys, key.text) == meta_keys.end() && !key.text.starts_with("maec/"))
      into.wrong(key.line, fmt::format("the key '{}' is not known in meta", key.text), false);
}

void need_words(const YamlNode& meta, MetaReading& into) {
  const auto& rule = into.rule;
  if (rule.of_user || rule.lib) return;
  for (const auto key : {"description", "why", "settle", "namespace", "examples"})
    if (!meta.find(key)) into.wrong(meta.line, fmt::format("meta has no {}", key), false);
}

}  // namespace

void read_rule(std::string_view text, const std::string& file, RuleSet& set, std::vector<Problem>& problems) {
  const auto before = problems.size();
  const auto wrong = [&](int line, std::string what) { problems.push_back({file, line, std::move(what), true}); };
  auto document = report::read_yaml(text, file);
  if (!document) {
    const auto& where = document.error().where;
    wrong(std::atoi(where.substr(where.rfind(':') + 1).c_str()), document.error().what);
    return;
  }
  const auto* top = document->find("rule");
  const auto* meta = top ? top->find("meta") : nullptr;
  const auto* features = top ? top->find("features") : nullptr;
  if (!meta || !features || !meta->is_map()) return wrong(document->line, "a rule file has the form rule: {meta: {...}, features: [...]}");
  for (const auto& [key, value] : top->pairs)
    if (&value != meta && &value != features) wrong(key.line, fmt::format("the key '{}' is not known beside meta and features", key.text));

  Rule rule;
  rule.file = file;
  rule.line = meta->line;
  MetaReading into{rule, problems};
  read_words(*meta, into);
  read_scopes(*meta, into);
  read_judgement(*meta, into);
  need_words(*meta, into);

  std::vector<Rule> derived;
  FeatureReading reading{set, rule.name, file, rule.reach, rule.of_user, derived, problems};
  rule.top = read_features(*features, reading);
  bool hard = false;
  for (auto i = before; i < problems.size(); ++i) hard = hard || problems[i].hard;
  if (hard) return;
  if (const auto* examples = meta->find("examples"); examples && !rule.of_user) read_examples(*examples, rule, set, problems);
  for (auto& d : derived) set.rules.push_back(std::move(d));
  set.rules.push_back(std::move(rule));
}

}  // namespace judge
