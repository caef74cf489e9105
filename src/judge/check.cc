// The linters: every problem of reading, then every example judged, in the order of files and lines.
#include <fstream>
#include <sstream>

#include "judge/matching.h"
#include "judge/policy.h"

namespace judge {
namespace {

std::vector<Lint> in_order(std::vector<Problem> problems) {
  std::ranges::stable_sort(problems, {}, [](const Problem& p) { return std::tie(p.file, p.line); });
  std::vector<Lint> out;
  for (auto& p : problems) out.push_back({std::move(p.file), p.line, std::move(p.text)});
  return out;
}

}  // namespace

std::vector<Lint> check_rules(const std::string& folder) {
  std::vector<Problem> problems;
  auto set = read_rules({folder}, problems);
  set.prepare();
  for (const auto& example : set.examples) {
    const auto matching = match(example.tree, example.dossiers, set, &example.lost);
    const bool fired = std::ranges::any_of(matching.yes, [&](const Matched& m) { return set.rules[m.rule].name == example.rule; });
    if (fired == example.fires) continue;
    problems.push_back({example.file, example.line, fmt::format("'{}' {} on this example{}", example.rule, fired ? "fires" : "does not fire",
                                                                example.about.empty() ? "" : ": " + example.about)});
  }
  return in_order(std::move(problems));
}

std::vector<Lint> check_policy(const std::string& file, const RuleSet* rules) {
  std::vector<Problem> problems;
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) problems.push_back({file, 0, "the file can't be read"});
  const auto policy = read_policy(text.str(), file, problems);
  if (policy.description.empty()) problems.push_back({file, 1, "the policy has no description", false});
  if (rules)
    for (const auto& wanted : policy.required_rules)
      if (std::ranges::none_of(rules->rules, [&](const Rule& r) { return r.name == wanted || r.name_space == wanted || r.name_space.starts_with(wanted + "/"); }))
        problems.push_back({file, 1, fmt::format("it requires '{}', which is neither a rule nor a namespace", wanted)});
  return in_order(std::move(problems));
}

}  // namespace judge
