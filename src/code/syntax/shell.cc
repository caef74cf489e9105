// Lowers shell (POSIX, bash; tree-sitter-bash): commands, words, expansions, pipelines,
// redirections, here-documents, substitutions. Aliases and `eval`ed text are not followed here.
// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html
#include "code/syntax/literal.h"
#include "code/syntax/lower.h"

namespace code::syntax {
namespace {

/// A bare word or the literal part of a double-quoted string without its backslashes.
std::string unquoted(std::string_view text, bool in_quotes) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      const char c = text[i + 1];
      if (c == '\n') {
        ++i;
        continue;
      }
      if (!in_quotes || c == '$' || c == '`' || c == '"' || c == '\\') {
        out += c;
        ++i;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

class Shell final : public Lowering {
 public:
  explicit Shell(const RawTree& raw_tree) : Lowering(raw_tree, Language::shell) {}

 protected:
  Ref lower(Ref n) override {
    const auto type = raw.at(n).type;
    if (type == "command") return command(n);
    if (type == "redirected_statement") return redirected(n);
    if (type == "pipeline") return make(Form::pipeline, n, {}, sub_all(n));
    if (type == "declaration_command") return declaration(n);
    if (type == "variable_assignment") return assignment(n);
    if (type == "function_definition") return function(n);
    if (type == "if_statement" || type == "elif_clause") return conditional(n);
    if (type == "while_statement") return make(Form::loop, n, {}, {condition(n), sub(raw.field(n, "body"))});
    if (type == "for_statement" || type == "select_statement") return for_each(n);
    if (type == "case_statement") return chosen(n);
    if (type == "test_command" || type == "binary_expression") return make(Form::compare, n, {}, sub_all(n));
    if (type == "list") return make(Form::sequence, n, has_token(n, "||") ? "||" : "&&", sub_all(n));
    if (type == "unset_command") return make(Form::command, n, {}, unset(n));
    if (is(n, {"program", "compound_statement", "subshell", "do_group", "else_clause", "negated_command", "case_item"}))
      return make(Form::sequence, n, {}, sub_all(n));
    return word(n);
  }

 private:
  Ref word(Ref n) {
    const auto type = raw.at(n).type;
    const auto source = raw.source(n);
    if (is(n, {"word", "variable_name", "special_variable_name", "file_descriptor", "extglob_pattern", "regex", "number"}))
      return raw.at(n).first == none_node ? make(Form::text, n, unquoted(source, false)) : make(Form::join, n, {}, sub_all(n));
    if (type == "raw_string") return make(Form::text, n, std::string(source.size() >= 2 ? source.substr(1, source.size() - 2) : source));
    if (type == "ansi_c_string") return make(Form::text, n, source.size() >= 3 ? unescape(source.substr(2, source.size() - 3)) : std::string());
    if (type == "string" || type == "translated_string") return pieces(n, true, raw.at(n).start, raw.at(n).end);
    if (type == "heredoc_body") return pieces(n, true, raw.at(n).start, raw.at(n).end);
    if (type == "string_content" || type == "heredoc_content") return make(Form::text, n, unquoted(source, true));
    if (type == "concatenation") return pieces(n, false, raw.at(n).start, raw.at(n).end);
    if (type == "command_name") return sub(raw.named_child(n, 0));
    if (type == "simple_expansion") return make(Form::name, n, std::string(source.starts_with("$") ? source.substr(1) : source));
    if (type == "expansion") return expansion(n);
    if (type == "command_substitution") return make(Form::capture, n, "$(", substituted(n));
    if (type == "process_substitution") return make(Form::capture, n, std::string(source.substr(0, 2)), sub_all(n));
    if (type == "array") return make(Form::list, n, {}, sub_all(n));
    return make(Form::other, n, {}, sub_all(n));
  }

  /// `$(< file)` is a substitution of a redirect without a command.
  std::vector<Ref> substituted(Ref n) { return sub_all(n); }

  /// Literal text between the named children is part of the value: the grammar leaves gaps.
  Ref pieces(Ref n, bool quoted, std::uint32_t from, std::uint32_t to) {
    std::vector<Ref> parts;
    std::string literal;
    std::uint32_t at = from, literal_at = from;
    if (raw.at(n).type == "string" && raw.text.substr(at, 1) == "\"") ++at;
    if (raw.at(n).type == "string" && to > at && raw.text[to - 1] == '"') --to;
    const auto flush = [&] {
      if (!literal.empty()) parts.push_back(make_at(Form::text, {literal_at, at - literal_at}, std::move(literal)));
      literal.clear();
    };
    for (const Ref c : raw.named(n)) {
      const auto& child = raw.at(c);
      if (child.start > at) literal += unquoted(raw.text.substr(at, child.start - at), quoted);
      at = std::max(at, child.end);
      if (is(c, {"string_content", "heredoc_content"})) {
        literal += unquoted(raw.source(c), true);
        continue;
      }
      flush();
      parts.push_back(sub(c));
      literal_at = at;
    }
    if (to > at) literal += unquoted(raw.text.substr(at, to - at), quoted);
    at = to;
    flush();
    if (parts.size() == 1 && tree.nodes[parts[0]].form == Form::text) return parts[0];
    if (parts.empty()) return make(Form::text, n);
    return make(Form::join, n, {}, std::move(parts));
  }

  Ref expansion(Ref n) {
    std::string name;
    std::vector<Ref> rest;
    for (const Ref c : raw.named(n)) {
      if (name.empty() && is(c, {"variable_name", "special_variable_name", "subscript"})) {
        const Ref inner = is(c, {"subscript"}) ? raw.named_child(c, 0) : c;
        name = raw.source(inner == none_node ? c : inner);
      } else {
        rest.push_back(sub(c));
      }
    }
    const bool altered = raw.source(n).size() != name.size() + 3;
    return make(Form::name, n, std::move(name), std::move(rest), altered);
  }

  Ref command(Ref n) {
    std::vector<Ref> before, words, redirects;
    std::uint32_t assigned_to = UINT32_MAX;
    for (const Ref c : raw.named(n)) {
      if (is(c, {"variable_assignment"})) before.push_back(sub(c)), assigned_to = raw.at(c).end;
      else if (raw.at(c).start == assigned_to) assigned_to = raw.at(c).end;  // x=`a`/`b`: the grammar takes the rest for a command
      else if (raw.at(c).field == "redirect" || raw.at(c).type.ends_with("_redirect")) redirects.push_back(c);
      else words.push_back(sub(c));
    }
    const base::Range range{raw.at(n).start, raw.at(n).end - raw.at(n).start};
    if (words.empty() && !before.empty() && redirects.empty()) return make(Form::sequence, n, {}, std::move(before));
    Ref out = make_at(Form::command, range, {}, std::move(words));
    for (const Ref r : redirects) out = redirect(r, out);
    if (before.empty()) return out;
    before.push_back(out);
    return make(Form::sequence, n, {}, std::move(before));
  }

  Ref redirected(Ref n) {
    const Ref body = raw.field(n, "body");
    Ref out = body == none_node ? none_node : sub(body);
    for (const Ref c : raw.named(n))
      if (raw.at(c).field == "redirect") out = redirect(c, out);
    return out == none_node ? make(Form::other, n) : out;
  }

  Ref redirect(Ref n, Ref inner) {
    const base::Range range{inner == none_node ? raw.at(n).start : tree.nodes[inner].range.offset, 0};
    const auto whole = [&](std::uint32_t end) { return base::Range{range.offset, end > range.offset ? end - range.offset : 0}; };
    const auto type = raw.at(n).type;
    if (type == "heredoc_redirect") {
      Ref target = none_node, out = inner;
      const Ref body = raw.child(n, "heredoc_body");
      if (body != none_node) target = sub(body);
      out = make_at(Form::redirect, whole(raw.at(n).end), "<<", {inner, target});
      for (const Ref c : raw.named(n)) {  // what follows on the line of the << belongs to the command
        if (raw.at(c).type.ends_with("_redirect")) out = redirect(c, out);
        else if (is(c, {"pipeline"})) out = make_at(Form::pipeline, whole(raw.at(n).end), {}, joined(out, sub_all(c)));
        else if (!is(c, {"heredoc_start", "heredoc_body", "heredoc_end"}) && raw.at(c).field == "right") out = make(Form::sequence, n, {}, {out, sub(c)});
      }
      return out;
    }
    std::string op;
    for (Ref c = raw.at(n).first; c != none_node; c = raw.at(c).next) {
      if (is(c, {"file_descriptor"})) op = std::string(raw.source(c)) + op;
      else if (!raw.at(c).named) op += raw.source(c);
      else if (raw.at(c).error) op += raw.source(c);
    }
    Ref out = inner;
    for (const Ref c : raw.named(n))
      if (!is(c, {"file_descriptor", "ERROR"})) out = make_at(Form::redirect, whole(raw.at(c).end), op, {out, sub(c)});
    return out == none_node ? make(Form::other, n) : out;
  }

  static std::vector<Ref> joined(Ref first, std::vector<Ref> rest) {
    rest.insert(rest.begin(), first);
    return rest;
  }

  Ref declaration(Ref n) {
    std::vector<Ref> parts;
    const bool local = has_token(n, "local");
    for (const Ref c : raw.named(n)) {
      const Ref made = sub(c);
      if (tree.nodes[made].form == Form::assign) tree.nodes[made].marked = local;
      parts.push_back(made);
    }
    return make(Form::sequence, n, {}, std::move(parts));
  }

  Ref assignment(Ref n) {
    Ref name = raw.field(n, "name");
    if (is(name, {"subscript"})) name = raw.named_child(name, 0);
    const Ref target = name == none_node ? make(Form::other, n) : make(Form::name, name, std::string(raw.source(name)));
    const Ref value = raw.field(n, "value");
    const Ref given = value == none_node ? make_at(Form::text, {raw.at(n).end, 0}) : sub(value);
    return make(Form::assign, n, has_token(n, "+=") ? "+=" : "=", {target, given});
  }

  Ref function(Ref n) {
    const Ref name = raw.field(n, "name");
    return make(Form::function, n, name == none_node ? std::string() : std::string(raw.source(name)), {sub(raw.field(n, "body"))});
  }

  Ref condition(Ref n) {
    std::vector<Ref> parts;
    for (const Ref c : raw.named(n))
      if (raw.at(c).field == "condition") parts.push_back(sub(c));
    return make(Form::sequence, n, {}, std::move(parts));
  }

  Ref conditional(Ref n) {
    std::vector<Ref> parts, body;
    Ref tested = none_node;
    if (raw.field(n, "condition") != none_node) tested = condition(n);
    for (const Ref c : raw.named(n)) {
      if (raw.at(c).field == "condition") continue;
      const Ref made = sub(c);
      if (tested == none_node) tested = made;  // elif_clause names no field
      else if (is(c, {"elif_clause", "else_clause"})) parts.push_back(made);
      else body.push_back(made);
    }
    std::vector<Ref> all{tested == none_node ? make(Form::other, n) : tested, make(Form::sequence, n, {}, std::move(body))};
    all.insert(all.end(), parts.begin(), parts.end());
    return make(Form::branch, n, {}, std::move(all));
  }

  Ref for_each(Ref n) {
    std::vector<Ref> values;
    Ref name = raw.field(n, "variable");
    for (const Ref c : raw.named(n))
      if (raw.at(c).field == "value") values.push_back(sub(c));
    if (name == none_node) return make(Form::loop, n, {}, sub_all(n));
    const Ref list = make(Form::list, n, {}, std::move(values));
    const Ref assign = make(Form::assign, n, "in", {make(Form::name, name, std::string(raw.source(name))), list});
    return make(Form::loop, n, {}, {assign, sub(raw.field(n, "body"))});
  }

  Ref chosen(Ref n) {
    std::vector<Ref> parts;
    for (const Ref c : raw.named(n)) parts.push_back(sub(c));
    if (parts.empty()) parts.push_back(make(Form::other, n));
    return make(Form::branch, n, "case", std::move(parts));
  }

  std::vector<Ref> unset(Ref n) {
    auto out = sub_all(n);
    out.insert(out.begin(), make(Form::text, n, "unset"));
    return out;
  }
};

}  // namespace

Tree lower_shell(const RawTree& raw) { return Shell(raw).finish(); }

}  // namespace code::syntax
