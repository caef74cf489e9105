// Lowers PowerShell (tree-sitter-powershell). Names are case-insensitive: they come out in lower
// case, without "system." in front of types. A command becomes a call with named parameters.
// https://learn.microsoft.com/en-us/powershell/scripting/lang-spec/chapter-01
#include <algorithm>

#include "code/syntax/general.h"
#include "code/syntax/literal.h"

namespace code::syntax {
namespace {

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

class PowerShell final : public General {
 public:
  explicit PowerShell(const RawTree& raw_tree) : General(raw_tree, Language::powershell) {}

 protected:
  std::string name_text(Ref n) const override {
    auto out = lower_case(raw.source(n));
    std::erase_if(out, [](char c) { return c == '$' || c == '[' || c == ']' || c == '{' || c == '}' || c == '`'; });
    std::ranges::replace(out, ':', '.');
    if (out.starts_with("system.")) out.erase(0, 7);
    return out;
  }

  Ref lower(Ref n) override {
    const auto type = raw.at(n).type;
    if (type == "pipeline") return piped(n);
    if (type == "command") return command(n);
    if (type == "assignment_expression") return assigned(n);
    if (is(n, {"variable", "type_literal", "braced_variable"})) return make(Form::name, n, name_text(n));
    if (is(n, {"verbatim_string_characters", "verbatim_here_string_characters"})) return make(Form::text, n, quoted(n));
    if (is(n, {"expandable_string_literal", "expandable_here_string_literal"})) return expanded(n);
    if (is(n, {"generic_token", "command_name", "path_command_name_token", "simple_name"})) return make(Form::text, n, std::string(raw.source(n)));
    if (is(n, {"decimal_integer_literal", "hexadecimal_integer_literal", "real_literal"})) return make(Form::text, n, std::string(raw.source(n)), {}, true);
    if (type == "invokation_expression") return invoked(n);
    if (type == "member_access") return accessed(n);
    if (type == "element_access") return make(Form::index, n, {}, sub_all(n));
    if (type == "function_statement") return defined(n);
    if (is(n, {"additive_expression", "additive_argument_expression", "format_expression"}) && raw.named(n).size() > 1) return make(Form::join, n, {}, sub_all(n));
    if (is(n, {"comparison_expression", "comparison_argument_expression"}) && raw.named(n).size() > 1) return make(Form::compare, n, {}, sub_all(n));
    if (is(n, {"if_statement", "elseif_clause", "switch_statement"})) return conditional(n);
    if (is(n, {"while_statement", "for_statement", "do_statement"})) return loop(n);
    if (type == "foreach_statement") return each(n);
    if (type == "script_block_expression") return make(Form::function, n, {}, {make(Form::sequence, n, {}, sub_all(n))});
    if (is(n, {"program", "statement_list", "statement_block", "script_block", "script_block_body", "sub_expression", "param_block"})) return make(Form::sequence, n, {}, sub_all(n));
    if (is(n, {"array_literal_expression", "array_expression", "hash_literal_expression", "argument_expression_list"}) && raw.named(n).size() > 1) return make(Form::list, n, {}, sub_all(n));
    if (is(n, {"flow_control_statement"})) return make(Form::give, n, {}, sub_all(n));
    if (is(n, {"command_argument_sep", "empty_statement", "comparison_operator", "command_invokation_operator"})) return make(Form::other, n);
    return General::lower(n);
  }

 private:
  std::string quoted(Ref n) const {
    auto source = raw.source(n);
    if (source.starts_with("@")) source.remove_prefix(1);
    if (source.ends_with("@")) source.remove_suffix(1);
    return source.size() >= 2 ? std::string(source.substr(1, source.size() - 2)) : std::string();
  }

  Ref expanded(Ref n) {
    std::vector<Ref> parts;
    const bool here = raw.source(n).starts_with("@");
    std::uint32_t at = raw.at(n).start + (here ? 2 : 1);
    const std::uint32_t end = std::max(at, raw.at(n).end - (here ? 2u : 1u));
    const auto literal = [&](std::uint32_t to) {
      if (to <= at) return;
      std::string text;
      for (std::uint32_t i = at; i < to; ++i) {
        if (raw.text[i] == '`' && i + 1 < to) ++i, text += raw.text[i] == 'n' ? '\n' : raw.text[i];
        else text += raw.text[i];
      }
      parts.push_back(make_at(Form::text, {at, to - at}, std::move(text)));
      at = to;
    };
    for (const Ref c : raw.named(n)) {
      literal(std::min(raw.at(c).start, end));
      parts.push_back(sub(c));
      at = std::max(at, raw.at(c).end);
    }
    literal(end);
    if (parts.empty()) return make(Form::text, n);
    if (parts.size() == 1 && tree.nodes[parts[0]].form == Form::text) return parts[0];
    return make(Form::join, n, {}, std::move(parts));
  }

  Ref piped(Ref n) {
    const auto parts = raw.named(n);
    if (parts.size() == 1) return sub(parts[0]);
    return make(Form::pipeline, n, {}, sub_all(n));
  }

  Ref command(Ref n) {
    const Ref name = raw.field(n, "command_name"), elements = raw.field(n, "command_elements");
    std::vector<Ref> args;
    std::string parameter;
    base::Range parameter_at;
    const auto flush = [&] {
      if (!parameter.empty()) args.push_back(make_at(Form::named, parameter_at, std::exchange(parameter, {}), {make_at(Form::other, parameter_at)}));
    };
    if (elements != none_node)
      for (const Ref c : raw.named(elements)) {
        if (is(c, {"command_argument_sep"})) continue;
        if (is(c, {"command_parameter"})) {
          flush();
          parameter = lower_case(raw.source(c));
          while (parameter.ends_with(':')) parameter.pop_back();
          parameter_at = {raw.at(c).start, raw.at(c).end - raw.at(c).start};
          continue;
        }
        if (is(c, {"argument_list"}) && !args.empty()) {  // (x).Method(args) as a command's word
          const Ref before = args.back();
          auto inner = sub_all(c);
          const auto& node = tree.nodes[before];
          if (node.form == Form::index && node.children.size() == 2) args.back() = call_on(c, node.children[0], tree.nodes[node.children[1]].text, std::move(inner));
          else if (node.form == Form::name) args.back() = make(Form::call, c, node.text, std::move(inner));
          else args.insert(args.end(), inner.begin(), inner.end());
          continue;
        }
        const Ref value = sub(c);
        if (parameter.empty()) args.push_back(value);
        else args.push_back(make(Form::named, c, std::exchange(parameter, {}), {value}));
      }
    flush();
    if (name != none_node && is(name, {"command_name"})) return make(Form::call, n, lower_case(raw.source(name)), std::move(args));
    if (name != none_node && raw.child(name, "command_name") != none_node) {
      const auto text = lower_case(raw.source(raw.child(name, "command_name")));
      return make(Form::call, n, raw.source(n).starts_with(".") ? "dot-source" : text, raw.source(n).starts_with(".") ? std::vector<Ref>{make(Form::text, name, text)} : std::move(args));
    }
    if (name != none_node) args.insert(args.begin(), sub(name));
    return make(Form::call, n, "()", std::move(args), name != none_node);
  }

  Ref assigned(Ref n) {
    const auto parts = raw.named(n);
    if (parts.size() < 2) return make(Form::other, n, {}, sub_all(n));
    std::string op = "=";
    if (const Ref o = raw.child(n, "assignement_operator"); o != none_node) op = raw.source(o);
    return make(Form::assign, n, op, {sub(parts[0]), sub(parts.back())});
  }

  std::string member_name(Ref n) {
    const Ref name = raw.child(n, "member_name");
    return name == none_node ? std::string("call") : name_text(name);
  }

  Ref invoked(Ref n) {
    const Ref object = raw.named_child(n, 0), list = raw.child(n, "argument_list");
    std::vector<Ref> args;
    if (list != none_node) {
      const Ref inner = raw.child(list, "argument_expression_list");
      if (inner != none_node) args = sub_all(inner);
    }
    if (object == none_node) return make(Form::other, n);
    return call_on(n, sub(object), member_name(n), std::move(args));
  }

  Ref accessed(Ref n) {
    const Ref object = raw.named_child(n, 0);
    if (object == none_node) return make(Form::other, n);
    return dotted(n, object, member_name(n));
  }

  Ref defined(Ref n) {
    const Ref name = raw.child(n, "function_name"), params = raw.child(n, "function_parameter_declaration");
    std::vector<Ref> parts;
    if (const Ref list = params == none_node ? none_node : raw.child(params, "parameter_list"); list != none_node)
      for (const Ref p : raw.named(list))
        if (const Ref v = raw.child(p, "variable"); v != none_node) parts.push_back(sub(v));
    parts.push_back(sub(raw.child(n, "script_block")));
    return make(Form::function, n, name == none_node ? std::string() : lower_case(raw.source(name)), std::move(parts));
  }

  Ref each(Ref n) {
    const auto parts = raw.named(n);
    if (parts.size() < 3) return make(Form::other, n, {}, sub_all(n));
    return make(Form::loop, n, {}, {assign(n, parts[0], parts[1], "in", true), sub(parts.back())});
  }
};

}  // namespace

Tree lower_powershell(const RawTree& raw) { return PowerShell(raw).finish(); }

}  // namespace code::syntax
