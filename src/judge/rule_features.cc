// Statements: and, or, not, optional, N or more, count, sub-scope blocks. Atoms are in rule_atoms.cc.
// Language: https://github.com/mandiant/capa-rules/blob/master/doc/format.md#features-block
#include "judge/rule_features.h"

#include <charconv>

#include "judge/rule_atoms.h"

namespace judge {
namespace {

using report::YamlNode;
using Type = Statement::Type;

std::optional<std::uint64_t> number_at(std::string_view text, std::string_view* rest = nullptr) {
  std::uint64_t out = 0;
  const int base = text.starts_with("0x") ? 16 : 10;
  const auto* begin = text.data() + (base == 16 ? 2 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), out, base);
  if (error != std::errc()) return std::nullopt;
  const std::string_view left(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (rest) *rest = left;
  else if (!left.empty()) return std::nullopt;
  return out;
}

Statement read_statement(const YamlNode& node, FeatureReading& into);

/// The children of a statement; lone `description:` entries are comments.
std::vector<Statement> read_children(const YamlNode& node, FeatureReading& into) {
  std::vector<Statement> out;
  if (node.is_map()) {
    out.push_back(read_statement(node, into));
    return out;
  }
  if (!node.is_list()) {
    into.wrong(node.line, "a statement needs a list of features below it");
    return out;
  }
  for (const auto& item : node.items) {
    if (item.is_map() && item.pairs.size() == 1 && item.pairs[0].first.text == "description") continue;
    out.push_back(read_statement(item, into));
  }
  if (out.empty()) into.wrong(node.line, "a statement needs at least one feature below it");
  return out;
}

/// `2`, `2 or more`, `2 or fewer`, `(1, 3)`
bool read_bounds(std::string_view text, Statement& into) {
  std::string_view rest;
  if (text.starts_with("(") && text.ends_with(")")) {
    const auto comma = text.find(',');
    if (comma == std::string_view::npos) return false;
    auto low = text.substr(1, comma - 1);
    auto high = text.substr(comma + 1, text.size() - comma - 2);
    while (high.starts_with(' ')) high.remove_prefix(1);
    while (low.ends_with(' ')) low.remove_suffix(1);
    const auto a = number_at(low), b = number_at(high);
    if (!a || !b || *a > *b) return false;
    into.least = *a;
    into.most = *b;
    return true;
  }
  const auto n = number_at(text, &rest);
  if (!n) return false;
  if (rest.empty()) into.least = into.most = *n;
  else if (rest == " or more") into.least = *n;
  else if (rest == " or fewer") into.least = 0, into.most = *n;
  else return false;
  return true;
}

/// `count(number(0x10)): 2`
Statement read_count(const YamlNode& key, const YamlNode& value, FeatureReading& into) {
  Statement out;
  out.type = Type::count;
  const auto inner = std::string_view(key.text).substr(6, key.text.size() - 7);
  const auto open = inner.find('(');
  std::string name(inner.substr(0, open));
  std::string argument;
  if (open != std::string_view::npos) {
    if (!inner.ends_with(')')) into.wrong(key.line, "count() needs the form count(feature(value))");
    else argument = inner.substr(open + 1, inner.size() - open - 2);
  }
  YamlNode text;
  text.type = open == std::string_view::npos ? YamlNode::Type::null : YamlNode::Type::scalar;  // count(import): any
  text.text = argument;
  text.line = key.line;
  if (const auto atom = read_atom(name, text, into)) out.atom = *atom;
  if (!value.is_scalar() || !read_bounds(value.text, out))
    into.wrong(key.line, "count takes a number, 'n or more', 'n or fewer' or '(low, high)'");
  return out;
}

/// A sub-scope block becomes a rule of its own that the rule matches.
Statement read_block(Reach reach, const YamlNode& key, const YamlNode& value, FeatureReading& into) {
  if (reach != Reach::none && reach > into.reach)
    into.wrong(key.line, fmt::format("a '{}' block can't stand inside the narrower scope '{}'", key.text, name_of(into.reach)));
  Rule rule;
  rule.name = fmt::format("{}/{}#{}", into.rule_name, key.text, into.derived.size() + 1);
  rule.lib = true;
  rule.of_user = into.of_user;
  rule.reach = reach;
  rule.file = into.file;
  rule.line = key.line;
  FeatureReading below{into.set, into.rule_name, into.file, reach, into.of_user, into.derived, into.problems, into.change};
  rule.top.type = Type::all;
  rule.top.children = read_children(value, below);
  Statement out;
  Atom atom;
  atom.kind = Kind::match;
  atom.form = Form::exact;
  atom.text = rule.name;
  out.atom = into.set.intern(std::move(atom));
  into.derived.push_back(std::move(rule));
  return out;
}

/// `gained:` and `lost:`: all features below must hold of facts that are new in this version, or gone from it.
/// What moved into a file is new there.
Statement read_change(const YamlNode& key, const YamlNode& value, FeatureReading& into) {
  Statement out;
  if (!into.change.empty()) {
    into.wrong(key.line, fmt::format("'{}' can't stand inside another block of changes", key.text));
    return out;
  }
  FeatureReading below = into;
  below.change = key.text == "gained" ? "^(gained|moved)$" : "^lost$";
  out.type = Type::all;
  out.children = read_children(value, below);
  return out;
}

Statement read_keyed(const YamlNode& key, const YamlNode& value, FeatureReading& into) {
  Statement out;
  const std::string& name = key.text;
  std::string_view rest;
  if (name == "and" || name == "or" || name == "not" || name == "optional") {
    out.type = name == "and" ? Type::all : name == "or" ? Type::any : name == "not" ? Type::none : Type::optional;
    out.children = read_children(value, into);
    if (out.type == Type::none && out.children.size() != 1) into.wrong(key.line, "'not' takes exactly one feature or statement");
    return out;
  }
  if (name == "gained" || name == "lost") return read_change(key, value, into);
  if (const auto n = number_at(name, &rest); n && rest == " or more") {
    out.type = Type::some;
    out.least = *n;
    out.children = read_children(value, into);
    if (*n > out.children.size()) into.wrong(key.line, fmt::format("'{}' has only {} features below it", name, out.children.size()));
    return out;
  }
  if (name.starts_with("count(") && name.ends_with(")")) return read_count(key, value, into);
  if (const auto reach = reach_from(name); reach && (value.is_list() || (value.is_map() && *reach != Reach::step)))
    return read_block(*reach, key, value, into);
  if (const auto atom = read_atom(name, value, into)) out.atom = *atom;
  return out;
}

Statement read_statement(const YamlNode& node, FeatureReading& into) {
  const YamlNode* key = nullptr;
  const YamlNode* value = nullptr;
  if (node.is_map())
    for (const auto& [k, v] : node.pairs) {
      if (k.text == "description") continue;
      if (key) into.wrong(k.line, fmt::format("'{}' and '{}' stand in one entry: give each its own '-'", key->text, k.text));
      key = &k;
      value = &v;
    }
  if (!key) {
    into.wrong(node.line, "a feature has the form 'name: value'");
    return {};
  }
  return read_keyed(*key, *value, into);
}

}  // namespace

Statement read_features(const YamlNode& features, FeatureReading& into) {
  auto children = read_children(features, into);
  if (children.size() != 1) {
    into.wrong(features.line, "features begin with exactly one statement or feature");
    return {};
  }
  return std::move(children[0]);
}

}  // namespace judge
