// Reads folders of rules, and orders the rules by what they match.
#include "judge/rule_set.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "judge/rule_meta.h"

namespace judge {
namespace {

namespace fs = std::filesystem;

/// Paths of all .yaml and .yml files below a folder, sorted; hidden folders (.git) are left out.
std::vector<std::string> rule_files(const std::string& folder, std::vector<Problem>& problems) {
  std::vector<std::string> out;
  std::error_code error;
  if (fs::is_regular_file(folder, error)) return {folder};
  fs::recursive_directory_iterator at(folder, error), end;
  if (error) problems.push_back({folder, 0, "the folder can't be read: " + error.message(), true});
  for (; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.starts_with('.')) {
      if (at->is_directory()) at.disable_recursion_pending();
      continue;
    }
    const auto extension = at->path().extension();
    if ((extension == ".yaml" || extension == ".yml") && at->is_regular_file()) out.push_back(at->path().string());
  }
  std::ranges::sort(out);
  return out;
}

/// Walks the rules depth first along `match:`; `state`: 0 unseen, 1 on the way, 2 done.
class Ordering {
 public:
  Ordering(std::vector<Rule>& rules, const std::vector<Atom>& atoms, std::vector<Problem>& problems)
      : rules_(rules), atoms_(atoms), problems_(problems), state_(rules.size()) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      named_[rules[i].name].push_back(i);
      for (std::string_view space = rules[i].name_space; !space.empty();) {
        named_[std::string(space)].push_back(i);
        const auto slash = space.rfind('/');
        space = slash == std::string_view::npos ? std::string_view() : space.substr(0, slash);
      }
    }
  }

  std::vector<Rule> run() {
    for (std::size_t i = 0; i < rules_.size(); ++i) (void)visit(i, 0);
    std::vector<Rule> out;
    for (const auto i : order_) out.push_back(std::move(rules_[i]));
    return out;
  }

 private:
  /// False: the rule can't be used.
  bool visit(std::size_t i, std::size_t depth) {
    if (state_[i] == 2) return true;
    if (state_[i] == 3) return false;
    if (state_[i] == 1 || depth > 200) {
      say(i, fmt::format("the rule '{}' matches itself, by way of other rules", rules_[i].name));
      return false;
    }
    state_[i] = 1;
    const bool fine = depend(i, rules_[i].top, depth);
    state_[i] = fine ? 2 : 3;
    if (fine) order_.push_back(i);
    return fine;
  }
  bool depend(std::size_t i, const Statement& s, std::size_t depth) {
    bool fine = true;
    for (const auto& child : s.children) fine = depend(i, child, depth) && fine;
    if (s.type != Statement::Type::atom && s.type != Statement::Type::count) return fine;
    const auto& atom = atoms_[s.atom];
    if (atom.kind != Kind::match) return fine;
    const auto found = named_.find(atom.text);
    if (found == named_.end()) {
      say(i, fmt::format("'{}' matches '{}', which is neither a rule nor a namespace", rules_[i].name, atom.text));
      return false;
    }
    for (const auto on : found->second) {
      const auto theirs = rules_[on].reach;
      if (theirs != Reach::none && rules_[i].reach != Reach::none && theirs > rules_[i].reach && rules_[on].name == atom.text)
        say(i, fmt::format("'{}' ({}) matches '{}', whose scope ({}) is wider", rules_[i].name, name_of(rules_[i].reach), atom.text, name_of(theirs)), false);
      if (on == i && rules_[i].name != atom.text) continue;  // a namespace that holds the rule itself
      fine = visit(on, depth + 1) && fine;
    }
    return fine;
  }
  void say(std::size_t i, std::string text, bool hard = true) { problems_.push_back({rules_[i].file, rules_[i].line, std::move(text), hard}); }

  std::vector<Rule>& rules_;
  const std::vector<Atom>& atoms_;
  std::vector<Problem>& problems_;
  std::vector<int> state_;
  std::vector<std::size_t> order_;
  std::map<std::string, std::vector<std::size_t>> named_;
};

}  // namespace

AtomId RuleSet::intern(Atom atom) {
  const auto [at, fresh] = known_.emplace(atom.key(), static_cast<AtomId>(atoms.size()));
  if (fresh) atoms.push_back(std::move(atom));
  return at->second;
}

void RuleSet::order(std::vector<Problem>& problems) {
  std::map<std::string, std::pair<std::string, int>> seen;
  std::erase_if(rules, [&](const Rule& rule) {
    const auto [at, fresh] = seen.emplace(rule.name, std::pair(rule.file, rule.line));
    if (!fresh)
      problems.push_back({rule.file, rule.line, fmt::format("the name '{}' is taken by {}:{}", rule.name, at->second.first, at->second.second), true});
    return !fresh;
  });
  rules = Ordering(rules, atoms, problems).run();
}

RuleSet read_rules(const std::vector<std::string>& folders, std::vector<Problem>& problems) {
  RuleSet set;
  base::Sha256 sha;
  for (const auto& folder : folders)
    for (const auto& path : rule_files(folder, problems)) {
      std::ifstream stream(path, std::ios::binary);
      std::ostringstream text;
      text << stream.rdbuf();
      if (!stream) {
        problems.push_back({path, 0, "the file can't be read", true});
        continue;
      }
      const auto name = path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
      sha.add(fmt::format("{}:{}:{}:", name.size(), name, text.str().size())).add(text.str());
      read_rule(text.str(), name, set, problems);
    }
  set.digest = sha.finish();
  set.order(problems);
  return set;
}

}  // namespace judge
