// Exact atoms are found by hash, patterns over strings by one RE2::Set, the rest one by one.
#include "judge/matcher.h"

namespace judge {
namespace {

constexpr auto string_kind = static_cast<Kind>(evidence::Facet::string);

/// The names under which a rule may ask for a symbol: with and without library, version and A/W
/// (https://github.com/mandiant/capa-rules/blob/master/doc/format.md#import).
template <class Visit>
void each_symbol(std::string_view name, Visit visit) {
  if (const auto at = name.find('@'); at != std::string_view::npos && at > 0) {
    visit(name);
    name = name.substr(0, at);
  }
  const auto with_width = [&](std::string_view n) {
    visit(n);
    if (n.size() > 2 && (n.back() == 'A' || n.back() == 'W')) visit(n.substr(0, n.size() - 1));
  };
  with_width(name);
  if (const auto dot = name.rfind('.'); dot != std::string_view::npos && dot + 1 < name.size()) with_width(name.substr(dot + 1));
}

bool is_symbol(Kind kind) {
  return kind == kind_of(evidence::Facet::import) || kind == kind_of(evidence::Facet::export_) || kind == Kind::api;
}

bool searches(const Atom& atom, std::string_view text) {
  switch (atom.form) {
    case Form::any: return true;
    case Form::exact: return text == atom.text;
    case Form::substring: return text.find(atom.text) != std::string_view::npos;
    case Form::prefix: return text.starts_with(atom.text);
    case Form::regex: return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *atom.pattern);
  }
  return false;
}

bool wants_set(const Atom& atom) {
  return atom.kind == string_kind && atom.word.empty() && (atom.form == Form::regex || atom.form == Form::substring);
}

}  // namespace

Matcher::Matcher(const std::vector<Atom>& atoms) : atoms_(atoms) {
  for (AtomId id = 0; id < atoms.size(); ++id) {
    const auto& atom = atoms[id];
    wanted_[static_cast<std::size_t>(atom.kind)] = true;
    if (atom.form == Form::exact) exact_[{atom.kind, false, atom.text}].push_back(id);
    else if (!atom.word.empty()) exact_[{atom.kind, true, atom.word}].push_back(id);
    else if (wants_set(atom)) searched_.push_back(id);
    else loose_[atom.kind].push_back(id);
  }
  if (searched_.size() < 8) return;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_max_mem(64 << 20);
  auto set = std::make_unique<re2::RE2::Set>(options, re2::RE2::UNANCHORED);
  for (const auto id : searched_) {
    const auto& atom = atoms[id];
    auto source = atom.form == Form::regex ? atom.text : re2::RE2::QuoteMeta(atom.text);
    if (atom.caseless) source = "(?i)" + source;
    if (set->Add(source, nullptr) < 0) return;
  }
  if (set->Compile()) set_ = std::move(set);
}

bool Matcher::answers(const Fact& fact, const Atom& atom, bool value_proved) const {
  if (fact.confidence < atom.least || (fact.lost && !atom.attributes.contains("change"))) return false;
  if (!atom.word.empty() && atom.word != fact.word) return false;
  if (!atom.origin.empty() && atom.origin != fact.origin) return false;
  for (const auto& [name, wanted] : atom.attributes) {
    if (!fact.attributes) return false;
    const auto at = fact.attributes->find(name);
    if (at == fact.attributes->end()) return false;
    if (const auto pattern = atom.attribute_patterns.find(name); pattern != atom.attribute_patterns.end()) {
      if (!re2::RE2::PartialMatch(at->second, *pattern->second)) return false;
    } else if (!wanted.empty() && at->second != wanted) {
      return false;
    }
  }
  if (fact.attributes)
    for (const auto& [name, unwanted] : atom.without)
      if (const auto at = fact.attributes->find(name); at != fact.attributes->end()) {
        const auto pattern = atom.without_patterns.find(name);
        const bool fits = pattern != atom.without_patterns.end() ? re2::RE2::PartialMatch(at->second, *pattern->second) : unwanted.empty() || at->second == unwanted;
        if (fits) return false;
      }
  if (value_proved || searches(atom, fact.value)) return true;
  if (fact.word.empty() || !atom.word.empty()) return false;
  return searches(atom, fact.word) || (!fact.value.empty() && searches(atom, std::string(fact.word) + " " + std::string(fact.value)));
}

void Matcher::look_up(const Key& key, const Fact& fact, std::vector<AtomId>& out) const {
  const auto at = exact_.find(key);
  if (at == exact_.end()) return;
  for (const auto id : at->second)
    if (answers(fact, atoms_[id], !key.word) && std::ranges::find(out, id) == out.end()) out.push_back(id);
}

void Matcher::search_strings(const Fact& fact, std::vector<AtomId>& out) const {
  if (set_) {
    std::vector<int> found;
    re2::RE2::Set::ErrorInfo error{};
    if (set_->Match(re2::StringPiece(fact.value.data(), fact.value.size()), &found, &error)) {
      std::ranges::sort(found);
      for (const auto i : found)
        if (answers(fact, atoms_[searched_[static_cast<std::size_t>(i)]], true)) out.push_back(searched_[static_cast<std::size_t>(i)]);
      return;
    }
    if (error.kind == re2::RE2::Set::kNoError) return;
  }
  for (const auto id : searched_)
    if (answers(fact, atoms_[id], false)) out.push_back(id);
}

void Matcher::ask(const Fact& fact, std::vector<AtomId>& out) const {
  if (!wants(fact.kind)) return;
  if (is_symbol(fact.kind)) {
    each_symbol(fact.value, [&](std::string_view name) { look_up({fact.kind, false, name}, fact, out); });
  } else if (!fact.value.empty() || fact.word.empty()) {
    look_up({fact.kind, false, fact.value}, fact, out);
  }
  if (!fact.word.empty()) {
    Fact plain = fact;  // a word, or word and value, written as the value
    plain.word = {};
    look_up({fact.kind, false, fact.word}, plain, out);
    look_up({fact.kind, true, fact.word}, fact, out);
    if (!fact.value.empty()) {
      const auto joined = std::string(fact.word) + " " + std::string(fact.value);
      look_up({fact.kind, false, joined}, plain, out);
    }
  }
  if (fact.kind == Kind::os && fact.value == "any")
    for (AtomId id = 0; id < atoms_.size(); ++id)
      if (atoms_[id].kind == Kind::os && std::ranges::find(out, id) == out.end()) out.push_back(id);
  if (const auto at = loose_.find(fact.kind); at != loose_.end())
    for (const auto id : at->second)
      if (answers(fact, atoms_[id], false) && std::ranges::find(out, id) == out.end()) out.push_back(id);
  if (fact.kind == string_kind && !searched_.empty()) search_strings(fact, out);
}

}  // namespace judge
