// capa's own language-neutral matcher cases (rule + listing of features -> addresses), run over the
// parser, the atoms, the matcher and the evaluator, and all of capa's rules loaded.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "judge/matching.h"
#include "judge/rule_atoms.h"
#include "judge/rule_meta.h"
#include "report/strict_yaml.h"

namespace {

using namespace judge;
using report::YamlNode;

std::string shared(const std::string& below) {
  const auto* folder = std::getenv("ASSAY_SHARED");
  return folder ? std::string(folder) + "/data/" + below : "";
}

std::string slurp(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream out;
  out << stream.rdbuf();
  return out.str();
}

/// Writes a plain tree back as YAML, to hand a case's rule to the ordinary reader.
void write(const YamlNode& node, std::string& out, bool quote = true) {
  if (node.is_list()) {
    out += "[";
    for (const auto& item : node.items) write(item, out), out += ", ";
    out += "]";
  } else if (node.is_map()) {
    out += "{";
    for (const auto& [key, value] : node.pairs) write(key, out), out += ": ", write(value, out), out += ", ";
    out += "}";
  } else if (quote) {
    out += '"';
    for (const char c : node.text) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n') out += "\\n";
      else out += c;
    }
    out += '"';
  }
}

struct Place {
  int parent = -1;
  Reach reach = Reach::file;
  std::string address;
  std::map<AtomId, std::vector<Hit>> hits;
};

/// The listing as nested places, each with the hits of everything below it.
class Listing {
 public:
  Listing(const RuleSet& set, const std::string& text, const std::string& base) : set_(set), matcher_(set.atoms), base_(base) {
    places_.push_back({-1, Reach::file, "no address", {}});
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) read(line);
  }

  std::map<std::string, std::set<std::string>> run() {
    const std::vector<bool> all_known(set_.atoms.size(), false);
    std::map<std::string, std::set<std::string>> out;
    for (const auto reach : {Reach::instruction, Reach::basic_block, Reach::function, Reach::file})
      for (std::size_t r = 0; r < set_.rules.size(); ++r) {
        const auto& rule = set_.rules[r];
        if (rule.reach != reach) continue;
        for (std::size_t p = 0; p < places_.size(); ++p) {
          if (places_[p].reach != reach) continue;
          const auto answer = evaluate(rule.top, {places_[p].hits, all_known, true});
          if (answer.value != Tri::yes) continue;
          if (!rule.lib) out[rule.name].insert(places_[p].address);
          for (const auto atom : set_.prepared->announces[r]) put(static_cast<int>(p), atom, places_[p].address);
        }
      }
    return out;
  }

 private:
  int open(Reach reach, const std::string& address) {
    // A place is found again by its address below the same kind of parent.
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (places_[i].reach == reach && places_[i].address == address && (reach != Reach::instruction || places_[i].parent == block_)) return static_cast<int>(i);
    const int parent = reach == Reach::function ? 0 : reach == Reach::basic_block ? function_ : block_ >= 0 ? block_ : function_;
    places_.push_back({parent, reach, address, {}});
    return static_cast<int>(places_.size() - 1);
  }

  void put(int place, AtomId atom, const std::string& address) {
    const auto [at, fresh] = addresses_.emplace(address, static_cast<artifact::NodeId>(addresses_.size()));
    Hit hit{at->second};
    for (int p = place; p >= 0; p = places_[static_cast<std::size_t>(p)].parent) {
      auto& hits = places_[static_cast<std::size_t>(p)].hits[atom];
      if (std::ranges::none_of(hits, [&](const Hit& h) { return h.node == hit.node; })) hits.push_back(hit);
    }
  }

  std::string absolute(std::string address) const {
    if (!address.starts_with("base address+")) return address;
    return fmt::format("0x{:x}", std::stoull(base_, nullptr, 0) + std::stoull(address.substr(13), nullptr, 0));
  }

  void feature(int place, std::string text, std::string address) {
    if (const auto arrow = text.rfind(" -> "); arrow != std::string::npos) {
      address = absolute(text.substr(arrow + 4));
      text = text.substr(0, arrow);
    }
    if (text == "basic block") text = "basic blocks()";
    const auto open = text.find('(');
    ASSERT_NE(open, std::string::npos) << text;
    const auto name = text.substr(0, open);
    auto value = text.substr(open + 1, text.size() - open - 2);
    Fact fact;
    if (name.starts_with("operand[")) fact.kind = name.ends_with("number") ? Kind::operand_number : Kind::operand_offset;
    else if (const auto facet = evidence::facet_from(name); facet && name != "property") fact.kind = kind_of(*facet);
    else if (name.starts_with("property")) fact.kind = Kind::dotnet_property;
    else if (name.starts_with("com/")) fact.kind = Kind::com;
    else
      for (int k = static_cast<int>(Kind::first_own); k <= static_cast<int>(Kind::match); ++k)
        if (name_of(static_cast<Kind>(k)) == name) fact.kind = static_cast<Kind>(k);
    const std::string word = name.starts_with("operand[") ? name.substr(8, 1) : name.starts_with("property") || name.starts_with("com/") ? name : "";
    if (fact.kind == Kind::number || fact.kind == Kind::offset || fact.kind == Kind::operand_number || fact.kind == Kind::operand_offset)
      value = canonical_number(value).value_or(value);
    if (fact.kind == Kind::bytes) value = raw_bytes(value).value_or(value);
    fact.word = word;
    fact.value = value;
    std::vector<AtomId> found;
    matcher_.ask(fact, found);
    for (const auto atom : found) put(place, atom, address);
  }

  void read(std::string line) {
    line.erase(0, line.find_first_not_of(' '));
    if (line.empty() || line[0] == '#') return;
    const auto colon = line.find(": ");
    const auto prefix = line.substr(0, colon);
    const auto rest = line.substr(colon + 2);
    const auto next = rest.find(": ");
    const auto address = absolute(rest.substr(0, next));
    const bool has_feature = next != std::string::npos;
    int place = 0;
    if (prefix == "func") {
      if (!has_feature) block_ = -1;
      place = function_ = open(Reach::function, address);
    } else if (prefix == "bb") {
      place = block_ = open(Reach::basic_block, address);
    } else if (prefix == "insn") {
      place = open(Reach::instruction, address);
    } else if (prefix == "global") {
      global_.push_back(rest.substr(next + 2));
    }
    if (prefix == "global") {  // true of everything that follows and of the file
      feature(0, global_.back(), "global");
      return;
    }
    if (place > 0 && seen_.insert(place).second)
      for (const auto& g : global_) feature(place, g, "global");
    if (has_feature) feature(place, rest.substr(next + 2), address);
  }

  const RuleSet& set_;
  Matcher matcher_;
  std::string base_;
  std::vector<Place> places_;
  std::map<std::string, artifact::NodeId> addresses_;
  std::vector<std::string> global_;
  std::set<int> seen_;
  int function_ = -1, block_ = -1;
};

std::string run_case(const YamlNode& one) {
  std::vector<Problem> problems;
  RuleSet set;
  for (const auto& rule : one.find("rules")->items) {
    std::string text = "rule: {meta: {";
    for (const auto& [key, value] : rule.pairs)
      if (key.text != "features") write(key, text), text += ": ", write(value, text), text += ", ";
    text += "}, features: ";
    write(*rule.find("features"), text);
    read_rule(text + "}", "case.yaml", set, problems);
  }
  set.order(problems);
  for (const auto& p : problems)
    if (p.hard) return "the rule does not load: " + p.text;
  set.prepare();
  std::string listing;
  for (const auto& line : one.texts_of("features")) listing += line + "\n";
  const auto base = one.text_of("base address");
  const auto found = Listing(set, listing, base.empty() ? "0" : base).run();
  std::map<std::string, std::set<std::string>> wanted;
  for (const auto& [name, places] : one.find("expect")->find("matches")->pairs)
    for (const auto& place : places.items) wanted[name.text].insert(place.text);
  if (found == wanted) return "";
  std::string out = "found:";
  for (const auto& [name, places] : found) out += fmt::format(" {}@{}", name, fmt::join(places, ","));
  return out;
}

TEST(CapaCases, MatchAsCapaDoes) {
  const auto folder = shared("capa-matcher/static");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no shared data";
  std::size_t cases = 0, passed = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto document = report::read_yaml(slurp(file.path()), file.path().string());
    ASSERT_TRUE(document) << document.error().to_string();
    for (const auto& one : document->items) {
      ++cases;
      const auto wrong = run_case(one);
      passed += wrong.empty();
      EXPECT_EQ(wrong, "") << file.path().filename() << " " << one.text_of("name");
    }
  }
  RecordProperty("cases", static_cast<int>(cases));
  RecordProperty("passed", static_cast<int>(passed));
  std::printf("capa's static matcher cases: %zu of %zu\n", passed, cases);
  EXPECT_GT(cases, 50u);
}

TEST(CapaRules, AllLoadUnchanged) {
  const auto folder = shared("rules/capa-rules");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no shared data";
  std::vector<Problem> problems;
  const auto set = read_rules({folder}, problems);
  for (const auto& p : problems)
    if (p.hard) ADD_FAILURE() << p.file << ":" << p.line << ": " << p.text;
  const auto named = std::ranges::count_if(set.rules, [](const Rule& r) { return r.of_user && r.name.find('#') == std::string::npos; });
  std::printf("capa's rules loaded: %td, atoms: %zu\n", named, set.atoms.size());
  EXPECT_GT(named, 1000);
  EXPECT_TRUE(load_rules(folder));
}

}  // namespace
