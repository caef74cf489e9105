// The table of contents of judging: match, find, join with the declaration, apply the policy and the
// waivers, conclude.
#include "judge/judge.h"

#include <set>

#include "judge/matching.h"
#include "judge/news.h"
#include "judge/policy.h"
#include "judge/standing.h"
#include "judge/verdict.h"

namespace judge {
namespace {

using artifact::NodeId;
using report::Effect;
using report::Finding;
using report::Reason;
using report::Verdict;

constexpr std::size_t most_conditions = 60;  ///< reasons of one kind that are written out

/// One item as a sentence may show it: redacted, escaped, short.
std::string shown(const evidence::Item& item) {
  auto text = item.value.empty() ? item.word : item.value;
  if (item.secret) return evidence::fingerprint(text);
  text = base::printable(text);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

/// Fills {facet} in a rule's description with what was found, at most three values.
std::string filled(std::string text, const std::vector<const evidence::Item*>& items) {
  for (const auto facet : evidence::all_facets()) {
    const auto mark = "{" + std::string(evidence::name_of(facet)) + "}";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
      std::vector<std::string> values;
      for (const auto* item : items)
        if (item->facet == facet) {
          auto value = shown(*item);
          if (!value.empty() && std::ranges::find(values, value) == values.end()) values.push_back(std::move(value));
        }
      std::string list = values.empty() ? "something" : values[0];
      for (std::size_t i = 1; i < values.size() && i < 3; ++i) list += ", " + values[i];
      if (values.size() > 3) list += fmt::format(" and {} more", values.size() - 3);
      text.replace(at, mark.size(), list);
      at += list.size();
    }
  }
  return text;
}

Finding make_finding(const Case& c, const Rule& rule, const Matched& matched, const Matching& matching, bool& by_news) {
  Finding f;
  f.rule = rule.name;
  f.rule_namespace = rule.name_space;
  f.klass = rule.klass;
  f.severity = rule.severity;
  f.confidence = rule.together ? rule.confidence : std::min(rule.confidence, matched.answer.confidence);
  f.why = rule.why;
  f.settle = rule.settle;
  f.references = rule.references;
  f.scope = name_of(rule.reach);
  if (rule.of_user) f.author = fmt::format("{}", fmt::join(rule.authors, ", "));
  Subject subject;
  std::vector<const evidence::Item*> items;
  std::vector<std::string> ids;
  for (const auto& [node, index] : matching.facts_of(matched.answer)) {
    const auto& item = item_at(c, node, index);
    items.push_back(&item);
    subject.add(item);
    by_news = by_news || is_news(item);
    auto id = evidence::digest_of(item, artifact_at(c, node, index)).hex().substr(0, 16);
    if (std::ranges::find(f.evidence, id) == f.evidence.end()) f.evidence.push_back(std::move(id));
    if (std::ranges::find(f.places, node) == f.places.end()) f.places.push_back(node);
  }
  if (f.places.empty()) f.places.push_back(matching.scopes.instances[matched.instance].anchor);
  f.what = filled(rule.description.empty() ? fmt::format("The rule '{}' matches", rule.name) : rule.description, items);
  auto sorted = f.evidence;
  std::ranges::sort(sorted);
  // Without facts (a rule of `not` alone) the place is what tells two findings apart.
  auto identity = fmt::format("{}\n{}\n", rule.name, fmt::join(sorted, "\n"));
  if (sorted.empty()) identity += c.tree.nodes[f.places[0]].digest.hex();
  f.id = base::sha256(identity).hex().substr(0, 16);
  f.standing = standing_of(rule, subject, c.declaration);
  f.remedy = remedy_of(rule, subject);
  return f;
}

void apply_policy(Finding& f, const Case& c, const Policy& policy) {
  f.effect = effect_of(f, policy);
  if (f.klass != "private-flow" || f.standing != report::Standing::declared || f.effect == Effect::fail) return;
  // A declared flow is let through only where the policy permits every kind of private data in it.
  Subject subject;
  std::set<std::string> wanted(f.evidence.begin(), f.evidence.end());
  for (const auto node : f.places)
    for (const auto& item : c.dossiers[node].items)
      if (wanted.contains(evidence::digest_of(item, c.tree.nodes[node].digest).hex().substr(0, 16))) subject.add(item);
  const bool permitted = !subject.privates.empty() && std::ranges::all_of(subject.privates, [&](const auto& w) { return policy.permitted_flows.contains(w); });
  f.effect = permitted ? Effect::disclose : Effect::conditional;
}

auto order_of(const Finding& f) {
  return std::tuple(-static_cast<int>(f.effect), static_cast<int>(f.news), -static_cast<int>(f.severity), -static_cast<int>(f.confidence), std::string_view(f.rule),
                    f.places.empty() ? NodeId{0} : f.places[0], std::string_view(f.id));
}

/// The same facts at several places (a file that is there twice) are one finding.
std::vector<Finding> joined(std::vector<Finding> findings, std::vector<bool>& by_news) {
  std::map<std::string, std::size_t> seen;
  std::vector<Finding> out;
  std::vector<bool> news;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    auto& f = findings[i];
    const auto [at, fresh] = seen.emplace(f.id, out.size());
    if (fresh) {
      out.push_back(std::move(f));
      news.push_back(by_news[i]);
      continue;
    }
    news[at->second] = news[at->second] || by_news[i];
    auto& places = out[at->second].places;
    for (const auto place : f.places)
      if (std::ranges::find(places, place) == places.end() && places.size() < 200) places.push_back(place);
  }
  by_news = std::move(news);
  return out;
}

std::string place_of(const Case& c, const Finding& f) {
  if (f.places.empty() || f.places[0] == 0) return "";
  auto text = base::printable(c.tree.place_text(f.places[0]));
  if (text.size() > 120) text = "..." + text.substr(text.size() - 117);
  return fmt::format(" ({})", text);
}

void add_finding_reasons(const Case& c, const std::vector<Finding>& findings, std::vector<Reason>& out) {
  std::size_t conditions = 0, failures = 0;
  for (const auto& f : findings) {
    if (f.effect == Effect::disclose || !f.waiver.empty()) continue;
    auto& n = f.effect == Effect::fail ? failures : conditions;
    if (++n > most_conditions) continue;
    out.push_back({f.effect == Effect::fail ? Verdict::fail : Verdict::conditional, f.what + place_of(c, f) + ".", f.id});
  }
  if (failures > most_conditions) out.push_back({Verdict::fail, fmt::format("{} more findings refuse the product.", failures - most_conditions), {}});
  if (conditions > most_conditions)
    out.push_back({Verdict::conditional, fmt::format("{} more findings need the maker's word or a human look.", conditions - most_conditions), {}});
}

/// A rule that would refuse the product and could not be decided: said once a rule.
void add_undecided(const Matching& matching, const RuleSet& rules, const Policy& policy, std::vector<Reason>& out) {
  std::map<std::size_t, std::size_t> times;
  for (const auto& [rule, instance] : matching.undecided) ++times[rule];
  for (const auto& [r, n] : times) {
    const auto& rule = rules.rules[r];
    if (rule.lib || rule.of_user) continue;
    Finding f;
    f.klass = rule.klass;
    f.severity = rule.severity;
    f.confidence = rule.confidence;
    f.standing = rule.declarable ? report::Standing::undeclared : report::Standing::not_declarable;
    if (effect_of(f, policy) != Effect::fail) continue;
    out.push_back({Verdict::conditional, fmt::format("The rule '{}' could not be decided in {} place{}, which could not be examined completely.",
                                                      rule.name, n, n == 1 ? "" : "s"), {}});
  }
}

void add_missing_rules(const RuleSet& rules, const Policy& policy, std::vector<Reason>& out) {
  for (const auto& wanted : policy.required_rules) {
    const auto fits = [&](const Rule& r) { return r.name == wanted || r.name_space == wanted || r.name_space.starts_with(wanted + "/"); };
    if (std::ranges::none_of(rules.rules, fits))
      out.push_back({Verdict::inconclusive, fmt::format("The policy '{}' requires the rules '{}', which are not loaded.", policy.name, wanted), {}});
  }
}

}  // namespace

Outcome judge(const Case& c, const RuleSet& rules, const Policy& policy) {
  const auto matching = match(c.tree, c.dossiers, rules, c.update ? &c.update->lost : nullptr);
  Outcome out;
  std::vector<bool> by_news;
  for (const auto& matched : matching.yes) {
    const auto& rule = rules.rules[matched.rule];
    if (rule.lib) continue;
    bool news = false;
    out.findings.push_back(make_finding(c, rule, matched, matching, news));
    by_news.push_back(news);
  }
  out.findings = joined(std::move(out.findings), by_news);
  tell_news(c, by_news, out.findings);
  out.resolved = resolved(c, out.findings);
  for (auto& f : out.findings) apply_policy(f, c, policy);

  auto waived = apply_waivers(c, policy, out.findings);
  std::ranges::sort(out.findings, {}, order_of);
  add_finding_reasons(c, out.findings, out.reasons);
  for (auto& r : reasons_of_reading(c, matching, policy)) out.reasons.push_back(std::move(r));
  add_undecided(matching, rules, policy, out.reasons);
  add_missing_rules(rules, policy, out.reasons);
  out.reasons.insert(out.reasons.end(), waived.begin(), waived.end());
  out.verdict = conclude(out.reasons);
  if (out.verdict == Verdict::pass)
    out.reasons.insert(out.reasons.begin(), {Verdict::pass, fmt::format("Nothing that was found counts against the product under the policy '{}'.", policy.name), {}});
  out.declaration = settle_lines(c, out.findings);
  return out;
}

base::Result<std::shared_ptr<const RuleSet>> load_rules(const std::vector<std::string>& folders) {
  std::vector<Problem> problems;
  auto set = std::make_shared<RuleSet>(read_rules(folders, problems));
  for (const auto& p : problems)
    if (p.hard) return std::unexpected(base::Error{base::Trouble::usage, fmt::format("{}:{}: {} (see `assay rules check`)", p.file, p.line, p.text), p.file});
  set->examples.clear();
  set->prepare();
  return std::shared_ptr<const RuleSet>(std::move(set));
}

base::Result<std::shared_ptr<const RuleSet>> load_rules(const std::string& folder) { return load_rules(std::vector{folder}); }

base::Digest digest_of(const RuleSet& rules) { return rules.digest; }

}  // namespace judge
