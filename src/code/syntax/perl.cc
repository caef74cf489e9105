// Lowers Perl (tree-sitter-perl): sigils are dropped, interpolated text is cut apart here, because
// the grammar leaves the literal parts of a string unnamed. Formats and prototypes are not read.
// https://perldoc.perl.org/perlsyn
#include "code/syntax/general.h"
#include "code/syntax/literal.h"

namespace code::syntax {
namespace {

class Perl final : public General {
 public:
  explicit Perl(const RawTree& raw_tree) : General(raw_tree, Language::perl) {}

 protected:
  std::string name_text(Ref n) const override {
    std::string out;
    const auto source = raw.source(n);
    for (std::size_t i = 0; i < source.size() && out.size() < 200; ++i) {
      const char c = source[i];
      if (c == '$' || c == '@' || c == '%' || c == '&' || c == '}' || c == ']' || c == '\'' || c == '"' || c == ' ' || c == '\\') continue;
      if (source.substr(i, 2) == "::" || source.substr(i, 2) == "->") ++i, out += out.ends_with('.') ? "" : ".";
      else if (c == '{' || c == '[') out += out.empty() || out.ends_with('.') ? "" : ".";
      else out += c;
    }
    return out;
  }

  Ref lower(Ref n) override {
    const auto type = raw.at(n).type;
    if (type == "binary_expression") return expression(n);
    if (is(n, {"scalar_variable", "array_variable", "hash_variable", "hash_access_variable", "array_access_variable", "special_scalar_variable"})) return make(Form::name, n, name_text(n));
    if (type == "variable_declaration" || type == "multi_var_declaration") return declared(n);
    if (is(n, {"string_single_quoted", "string_q_quoted"})) return make(Form::text, n, body_of(n));
    if (is(n, {"string_double_quoted", "string_qq_quoted", "heredoc_body_statement"})) return interpolated(n);
    if (is(n, {"backtick_quoted", "command_qx_quoted"})) return make(Form::call, n, "`", {interpolated(n)});
    if (is(n, {"call_expression", "call_expression_with_bareword", "array_function", "call_expression_with_spaced_args"})) return called(n);
    if (type == "method_invocation") return method(n);
    if (is(n, {"use_no_statement", "package_statement", "use_statement"})) return make(Form::other, n);
    if (type == "function_definition" || type == "anonymous_function") return function(n);
    if (is(n, {"return_expression"})) return make(Form::give, n, {}, sub_all(n));
    if (is(n, {"source_file", "block", "arguments", "parenthesized_argument", "single_line_statement"})) {
      const auto parts = raw.named(n);
      return parts.size() == 1 ? sub(parts[0]) : make(type == "arguments" ? Form::list : Form::sequence, n, {}, sub_all(n));
    }
    if (is(n, {"if_statement", "elsif_clause", "unless_statement", "ternary_expression"})) return conditional(n);
    if (is(n, {"while_statement", "until_statement", "for_statement_1", "for_statement", "foreach_statement"})) return loop(n);
    if (type == "for_statement_2") return for_list(n);
    if (is(n, {"array", "array_ref", "hash_ref"})) return make(Form::list, n, {}, sub_all(n));
    if (is(n, {"normal_comma", "fat_comma", "scope", "pattern_matcher"})) return make(Form::other, n);
    if (type == "standard_input_to_variable") return make(Form::call, n, "readline", sub_all(n));
    return General::lower(n);
  }

 private:
  std::string body_of(Ref n) const {
    auto source = raw.source(n);
    const auto open = source.find_first_of("'\"{([<|/!~`");
    if (open == std::string_view::npos || source.size() < open + 2) return std::string(source);
    return std::string(source.substr(open + 1, source.size() - open - 2));
  }

  /// Cuts "a $b c" at its interpolations; the gaps are the literal text.
  Ref interpolated(Ref n) {
    const auto source = raw.source(n);
    const auto open = raw.at(n).type == "heredoc_body_statement" ? std::string_view::npos : source.find_first_of("\"{([<|/!~`");
    std::uint32_t at = raw.at(n).start + (open == std::string_view::npos ? 0 : static_cast<std::uint32_t>(open) + 1);
    const std::uint32_t end = open == std::string_view::npos || raw.at(n).end <= at ? raw.at(n).end : raw.at(n).end - 1;
    std::vector<Ref> parts;
    const auto literal = [&](std::uint32_t to) {
      if (to > at) parts.push_back(make_at(Form::text, {at, to - at}, unescape(raw.text.substr(at, to - at))));
      at = std::max(at, to);
    };
    for (const Ref c : raw.named(n)) {
      if (!is(c, {"interpolation"})) continue;
      literal(std::min(raw.at(c).start, end));
      const Ref inner = raw.named_child(c, 0);
      parts.push_back(inner == none_node ? make(Form::name, c, name_text(c)) : sub(inner));
      at = std::max(at, raw.at(c).end);
      auto& named = tree.nodes[parts.back()];
      if (named.form == Form::name && at < end && (raw.text[at] == '{' || raw.text[at] == '[')) {  // "$ENV{'HOME'}": the grammar stops at the name
        const auto close = raw.text.find_first_of("}]\n", at);
        if (close != std::string_view::npos && close < end && close - at < 80 && raw.text[close] != '\n') {
          std::string key(raw.text.substr(at + 1, close - at - 1));
          std::erase_if(key, [](char k) { return k == '\'' || k == '"' || k == '$'; });
          named.text += "." + key;
          at = static_cast<std::uint32_t>(close) + 1;
        }
      }
    }
    literal(end);
    if (parts.size() == 1 && tree.nodes[parts[0]].form == Form::text) return parts[0];
    return make(Form::join, n, {}, std::move(parts));
  }

  Ref declared(Ref n) {
    std::vector<Ref> names;
    for (const Ref c : raw.named(n)) {
      if (is(c, {"scope", "normal_comma"})) continue;
      const Ref made = is(c, {"multi_var_declaration"}) ? declared(c) : sub(c);
      if (tree.nodes[made].form == Form::list)
        for (const Ref inner : tree.nodes[made].children) names.push_back(inner);
      else names.push_back(made);
    }
    return names.size() == 1 ? names[0] : make(Form::list, n, {}, std::move(names));
  }

  Ref expression(Ref n) {
    const auto parts = raw.named(n);
    const Ref op_node = raw.field(n, "operator");
    const std::string op = op_node == none_node ? "" : std::string(raw.source(op_node));
    if (parts.size() >= 2 && (op == "=" || op == ".=" || op == "||=" || op == "+="))
      return make(Form::assign, n, op, {sub(parts[0]), sub(parts.back())}, is(parts[0], {"variable_declaration"}));
    const bool compares = op == ">" || op == "<" || op == ">=" || op == "<=" || op == "==" || op == "eq" || op == "ne" || op == "gt" || op == "lt";
    return make(op == "." ? Form::join : compares ? Form::compare : Form::other, n, op, sub_all(n));
  }

  std::vector<Ref> flat(Ref args) {
    std::vector<Ref> out;
    if (args == none_node) return out;
    const Ref inner = is(args, {"parenthesized_argument"}) ? raw.child(args, "arguments") : args;
    if (inner == none_node) return out;
    for (const Ref c : raw.named(inner))
      if (!is(c, {"normal_comma", "fat_comma"})) out.push_back(sub(c));
    return out;
  }

  Ref called(Ref n) {
    Ref name = raw.field(n, "function_name");
    if (name == none_node) name = raw.child(n, "function_name");
    std::vector<Ref> args = flat(raw.field(n, "args"));
    if (raw.field(n, "args") == none_node)
      for (const Ref c : raw.named(n))
        if (c != name && raw.at(c).field != "package_name" && !is(c, {"normal_comma"})) args.push_back(sub(c));
    std::string text = name == none_node ? "call" : name_text(name);
    if (const Ref package = raw.field(n, "package_name"); package != none_node) text = name_text(package) + "." + text;
    if (args.empty() && !text.empty() && std::isupper(static_cast<unsigned char>(text[0])) && text.find('.') == std::string::npos) return make(Form::name, n, text);
    return make(Form::call, n, std::move(text), std::move(args));
  }

  /// The grammar binds `$x = $a->b` and `eval $a->b` the wrong way round: the last operand has the method.
  Ref link(Ref n, Ref object, std::string method_name, std::vector<Ref> args, bool loose) {
    const auto form = tree.nodes[object].form;
    const bool inner = (form == Form::assign || (form == Form::call && loose) || form == Form::give) && !tree.nodes[object].children.empty();
    if (!inner) return call_on(n, object, std::move(method_name), std::move(args));
    const Ref made = call_on(n, tree.nodes[object].children.back(), std::move(method_name), std::move(args));
    tree.nodes[object].children.back() = made;
    return object;
  }

  /// a->b(x)->c(y): one node with all links.
  Ref method(Ref n) {
    Ref object = none_node;
    bool loose = false;
    std::string pending;
    std::vector<Ref> args;
    const auto close = [&] {
      if (pending.empty() || object == none_node) return;
      object = link(n, object, std::exchange(pending, {}), std::exchange(args, {}), loose);
    };
    for (const Ref c : raw.named(n)) {
      const auto field = raw.at(c).field;
      if (is(c, {"arrow_operator"})) continue;
      if (field == "function_name") close(), pending = name_text(c);
      else if (field == "args") args = flat(c);
      else if (object == none_node) {
        loose = is(c, {"call_expression"}) && !is(raw.field(c, "args"), {"parenthesized_argument"});
        object = is(c, {"package_name", "identifier"}) ? make(Form::name, c, name_text(c)) : sub(c);
      }
    }
    close();
    return object == none_node ? make(Form::other, n, {}, sub_all(n)) : object;
  }

  Ref for_list(Ref n) {
    Ref variable = none_node, list = none_node;
    for (const Ref c : raw.named(n)) {
      if (is(c, {"scalar_variable"})) variable = c;
      else if (raw.at(c).field != "body" && !is(c, {"scope"})) list = c;
    }
    const Ref head = variable != none_node && list != none_node ? assign(n, variable, list, "in", true) : make(Form::other, n);
    return make(Form::loop, n, {}, {head, sub(raw.field(n, "body"))});
  }
};

}  // namespace

Tree lower_perl(const RawTree& raw) { return Perl(raw).finish(); }

}  // namespace code::syntax
