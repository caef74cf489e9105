// Lowers Python, JavaScript, PHP and Ruby: their grammars name most things alike. Types, labels,
// decorators' effects and operators without a value of their own are dropped.
#include "code/syntax/general.h"

#include <algorithm>

#include "code/syntax/literal.h"

namespace code::syntax {

Ref General::either_field(Ref n, std::initializer_list<std::string_view> names) const {
  for (const auto name : names)
    if (const Ref found = raw.field(n, name); found != none_node) return found;
  return none_node;
}

std::string General::name_text(Ref n) const {
  auto source = raw.source(n);
  while (!source.empty() && (source.front() == '$' || source.front() == '&' || source.front() == '@' || source.front() == '\\')) source.remove_prefix(1);
  std::string out;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source.substr(i, 2) == "::") out += '.', ++i;
    else if (source[i] == '\\') out += '.';
    else out += source[i];
  }
  return out;
}

Ref General::dotted(Ref n, Ref object, std::string attribute) {
  const Ref base = sub(object);
  if (tree.nodes[base].form == Form::name) return make(Form::name, n, tree.nodes[base].text + "." + attribute);
  return make(Form::index, n, {}, {base, make(Form::text, n, std::move(attribute))});
}

Ref General::call_on(Ref n, Ref object, std::string method, std::vector<Ref> arguments) {
  if (tree.nodes[object].form == Form::name) return make(Form::call, n, tree.nodes[object].text + "." + method, std::move(arguments));
  arguments.insert(arguments.begin(), object);
  return make(Form::call, n, "." + method, std::move(arguments), true);
}

std::vector<Ref> General::arguments_of(Ref n) {
  std::vector<Ref> out;
  if (n == none_node) return out;
  if (is(n, {"template_string", "generator_expression"})) return {sub(n)};
  for (const Ref c : raw.named(n)) out.push_back(sub(c));
  return out;
}

Ref General::call(Ref n, Ref callee, Ref arguments, Ref block) {
  auto args = arguments_of(arguments);
  if (block != none_node) args.push_back(sub(block));
  if (callee == none_node) return make(Form::other, n, {}, std::move(args));
  const Ref object = either_field(callee, {"object", "receiver", "scope"});
  const Ref attribute = either_field(callee, {"attribute", "property", "name"});
  if (is(callee, {"attribute", "member_expression", "member_access_expression", "scoped_property_access_expression"}) && object != none_node && attribute != none_node)
    return call_on(n, sub(object), name_text(attribute), std::move(args));
  if (is(callee, {"identifier", "name", "qualified_name", "constant", "import", "super"})) return make(Form::call, n, name_text(callee), std::move(args));
  args.insert(args.begin(), sub(callee));
  return make(Form::call, n, "()", std::move(args), true);
}

Ref General::string(Ref n) {
  const auto source = raw.source(n);
  bool escapes = false;
  if (tree.language == Language::python) {
    const auto quote = source.find_first_of("'\"");
    const auto prefix = source.substr(0, std::min(quote, source.size()));
    escapes = prefix.find_first_of("rR") == std::string_view::npos;
  }
  return string_pieces(n, escapes);
}

Ref General::string_pieces(Ref n, bool escapes) {
  std::vector<Ref> parts;
  std::string literal;
  base::Range range{raw.at(n).start, 0};
  const auto flush = [&] {
    if (!literal.empty()) parts.push_back(make_at(Form::text, range, std::move(literal)));
    literal.clear();
  };
  for (const Ref c : raw.named(n)) {
    const auto type = raw.at(c).type;
    const base::Range here{raw.at(c).start, raw.at(c).end - raw.at(c).start};
    if (type == "string_start" || type == "string_end" || type == "heredoc_end" || type == "heredoc_start") continue;
    if (type == "escape_sequence" || type == "escape_interpolation") {
      if (literal.empty()) range = here;
      literal += unescape(raw.source(c));
    } else if (type == "string_content" || type == "string_fragment" || type == "heredoc_content" || type == "nowdoc_string") {
      if (literal.empty()) range = here;
      literal += escapes ? unescape(raw.source(c)) : std::string(raw.source(c));
    } else {
      flush();
      if (is(c, {"interpolation", "template_substitution"})) {
        const Ref inner = either_field(c, {"expression"});
        parts.push_back(sub(inner != none_node ? inner : raw.named_child(c, 0)));
      } else {
        parts.push_back(sub(c));
      }
    }
  }
  flush();
  if (parts.empty()) return make(Form::text, n);
  if (parts.size() == 1 && tree.nodes[parts[0]].form == Form::text) {
    tree.nodes[parts[0]].range = {raw.at(n).start, raw.at(n).end - raw.at(n).start};
    return parts[0];
  }
  return make(Form::join, n, {}, std::move(parts));
}

Ref General::binary(Ref n) {
  const auto op_of = [&](Ref node) {
    const Ref op = either_field(node, {"operator", "operators"});
    return op == none_node ? std::string() : std::string(raw.source(op));
  };
  const auto op = op_of(n);
  if (op == "+" || op == "." || (op == "<<" && tree.language == Language::ruby)) {
    std::vector<Ref> operands;  // the left spine can be thousands long
    Ref at = n;
    while (is(at, {"binary_operator", "binary_expression", "binary"}) && op_of(at) == op && raw.field(at, "left") != none_node) {
      operands.push_back(raw.field(at, "right"));
      at = raw.field(at, "left");
    }
    operands.push_back(at);
    std::vector<Ref> parts;
    for (auto it = operands.rbegin(); it != operands.rend(); ++it) parts.push_back(sub(*it));
    return make(Form::join, n, {}, std::move(parts));
  }
  auto parts = sub_all(n);
  if (op == "%" && tree.language != Language::javascript) return make(Form::join, n, {}, std::move(parts));
  static constexpr std::string_view comparing[] = {"==", "===", "!=", "!==", "<", ">", "<=", ">=", "<=>", "in", "not in", "is", "=~"};
  const bool compares = raw.at(n).type == "comparison_operator" || std::ranges::find(comparing, op) != std::end(comparing);
  return make(compares ? Form::compare : Form::other, n, op, std::move(parts));
}

Ref General::assign(Ref n, Ref left, Ref right, std::string op, bool declared) {
  const Ref target = sub(left);
  const Ref value = right == none_node ? make(Form::other, n) : sub(right);
  return make(Form::assign, n, std::move(op), {target, value}, declared);
}

Ref General::function(Ref n) {
  const Ref name = raw.field(n, "name");
  std::vector<Ref> parts;
  const Ref list = either_field(n, {"parameters", "parameter"});
  if (list != none_node) {
    if (is(list, {"identifier"})) parts.push_back(sub(list));
    else
      for (const Ref p : raw.named(list)) {
        const Ref inner = either_field(p, {"name", "left"});
        const Ref value = either_field(p, {"value", "right", "default_value"});
        if (inner != none_node && value != none_node) parts.push_back(assign(p, inner, value));
        else if (inner != none_node) parts.push_back(sub(inner));
        else if (is(p, {"typed_parameter", "list_splat_pattern", "dictionary_splat_pattern", "rest_pattern"})) parts.push_back(sub(raw.named_child(p, 0)));
        else parts.push_back(sub(p));
      }
  }
  const Ref body = raw.field(n, "body");
  parts.push_back(body == none_node ? make(Form::sequence, n) : sub(body));
  return make(Form::function, n, name == none_node ? std::string() : name_text(name), std::move(parts));
}

Ref General::conditional(Ref n) {
  const Ref condition = either_field(n, {"condition", "value", "subject"});
  std::vector<Ref> parts{condition == none_node ? make(Form::other, n) : sub(condition)};
  for (const Ref c : raw.named(n))
    if (c != condition) parts.push_back(sub(c));
  return make(Form::branch, n, {}, std::move(parts));
}

Ref General::loop(Ref n) {
  std::vector<Ref> parts;
  const Ref body = raw.field(n, "body");
  for (const Ref c : raw.named(n))
    if (c != body) parts.push_back(sub(c));
  const Ref head = make(Form::sequence, n, {}, std::move(parts));
  return make(Form::loop, n, {}, {head, body == none_node ? make(Form::other, n) : sub(body)});
}

Ref General::for_each(Ref n) {
  Ref left = either_field(n, {"left", "pattern"}), right = either_field(n, {"right", "value"});
  if (tree.language == Language::php) right = raw.named_child(n, 0), left = raw.named_child(n, 1);
  const Ref head = left == none_node || right == none_node ? make(Form::other, n) : assign(n, left, right, "in", true);
  const Ref body = raw.field(n, "body");
  return make(Form::loop, n, {}, {head, body == none_node ? make(Form::other, n) : sub(body)});
}

Ref General::python_import(Ref n) {
  std::vector<Ref> parts;
  const Ref module = raw.field(n, "module_name");
  const std::string from = module == none_node ? std::string() : std::string(raw.source(module));
  if (module != none_node) parts.push_back(make(Form::call, n, "import", {make(Form::text, module, from)}));
  for (const Ref c : raw.named(n)) {
    if (c == module) continue;
    const Ref name = is(c, {"aliased_import"}) ? raw.field(c, "name") : c;
    const Ref alias = is(c, {"aliased_import"}) ? raw.field(c, "alias") : none_node;
    if (name == none_node || is(c, {"wildcard_import"})) continue;
    const auto full = (from.empty() ? "" : from + ".") + std::string(raw.source(name));
    if (from.empty()) parts.push_back(make(Form::call, n, "import", {make(Form::text, name, full)}));
    if (alias != none_node) parts.push_back(make(Form::assign, c, "=", {make(Form::name, alias, std::string(raw.source(alias))), make(Form::name, name, full)}));
    else if (!from.empty()) parts.push_back(make(Form::assign, c, "=", {make(Form::name, name, std::string(raw.source(name))), make(Form::name, name, full)}));
  }
  return make(Form::sequence, n, {}, std::move(parts));
}

Ref General::script_import(Ref n) {
  const Ref source = raw.field(n, "source");
  if (source == none_node) return sequence(n);
  const Ref module = make(Form::call, n, "require", {sub(source)});
  std::vector<Ref> targets;
  const Ref clause = raw.child(n, "import_clause");
  if (clause == none_node) return module;
  Ref out = module;
  for (const Ref c : raw.named(clause)) {
    if (is(c, {"identifier"})) out = make(Form::assign, n, "=", {sub(c), module}, true);
    if (is(c, {"namespace_import"})) out = make(Form::assign, n, "=", {sub(raw.named_child(c, 0)), module}, true);
    if (!is(c, {"named_imports"})) continue;
    for (const Ref s : raw.named(c)) {
      const Ref name = raw.field(s, "name"), alias = raw.field(s, "alias");
      if (name != none_node) targets.push_back(make(Form::named, s, std::string(raw.source(name)), {sub(alias != none_node ? alias : name)}));
    }
  }
  if (targets.empty()) return out;
  return make(Form::assign, n, "=", {make(Form::list, n, {}, std::move(targets), true), out}, true);
}

Ref General::member(Ref n) {
  const Ref object = either_field(n, {"object", "scope"}), attribute = either_field(n, {"attribute", "property", "name"});
  if (object == none_node || attribute == none_node) return make(Form::other, n, {}, sub_all(n));
  return dotted(n, object, name_text(attribute));
}

Ref General::pair(Ref n) {
  Ref key = raw.field(n, "key"), value = raw.field(n, "value");
  if (key == none_node) key = either_field(n, {"name"});
  if (key == none_node) key = raw.named_child(n, 0), value = raw.named_child(n, 1);
  if (value == none_node) return key == none_node ? make(Form::other, n) : sub(key);
  const Ref made = is(key, {"string", "encapsed_string", "string_literal"}) ? sub(key) : none_node;
  auto text = made != none_node ? tree.nodes[made].text : name_text(key);
  return make(Form::named, n, std::move(text), {sub(value)});
}

Ref General::ruby_call(Ref n) {
  const Ref object = raw.field(n, "receiver"), method = raw.field(n, "method");
  auto args = arguments_of(raw.field(n, "arguments"));
  if (const Ref block = raw.field(n, "block"); block != none_node) args.push_back(sub(block));
  const auto name = method == none_node ? std::string("call") : name_text(method);
  if (object == none_node) return make(Form::call, n, name, std::move(args));
  return call_on(n, sub(object), name, std::move(args));
}

Ref General::php_call(Ref n) {
  const auto type = raw.at(n).type;
  if (type == "function_call_expression") return call(n, raw.field(n, "function"), raw.field(n, "arguments"));
  if (type == "object_creation_expression") {
    auto args = arguments_of(raw.child(n, "arguments"));
    const Ref name = raw.named_child(n, 0);
    return make(Form::call, n, name == none_node ? "new" : name_text(name), std::move(args));
  }
  const Ref object = either_field(n, {"object", "scope"}), name = raw.field(n, "name");
  auto args = arguments_of(raw.field(n, "arguments"));
  if (object == none_node || name == none_node) return make(Form::other, n, {}, std::move(args));
  return call_on(n, sub(object), name_text(name), std::move(args));
}

Ref General::statement(Ref n) {
  const auto type = raw.at(n).type;
  if (is(n, {"import_statement", "import_from_statement"})) return tree.language == Language::python ? python_import(n) : script_import(n);
  if (is(n, {"function_definition", "function_declaration", "method_definition", "method_declaration", "generator_function_declaration", "method", "singleton_method",
             "arrow_function", "function_expression", "function", "generator_function", "lambda", "anonymous_function", "anonymous_function_creation_expression", "block",
             "do_block"}))
    if (type != "block" || tree.language == Language::ruby) return function(n);
  if (is(n, {"global_statement", "nonlocal_statement"})) return make(Form::call, n, "global", sub_all(n));
  if (is(n, {"return_statement", "return", "yield", "yield_expression"})) return make(Form::give, n, {}, sub_all(n));
  if (is(n, {"if_statement", "elif_clause", "else_if_clause", "conditional_expression", "ternary_expression", "if", "elsif", "unless", "if_modifier", "unless_modifier",
             "conditional", "switch_statement", "match_statement", "case"}))
    return conditional(n);
  if (type == "for_statement" && tree.language == Language::python) return for_each(n);
  if (is(n, {"for_in_statement", "foreach_statement", "for"})) return for_each(n);
  if (is(n, {"for_statement", "while_statement", "do_statement", "while", "until", "while_modifier", "until_modifier"})) return loop(n);
  if (is(n, {"variable_declarator", "property_element", "const_element", "field_definition"})) {
    const Ref name = either_field(n, {"name", "property"}), value = either_field(n, {"value", "default_value"});
    return name == none_node ? make(Form::other, n, {}, sub_all(n)) : assign(n, name, value, "=", true);
  }
  if (type == "class_definition" && tree.language == Language::python && raw.field(n, "name") != none_node && raw.field(n, "body") != none_node)
    return make(Form::sequence, n, name_text(raw.field(n, "name")), {sub(raw.field(n, "body"))});
  if (is(n, {"module", "program", "block", "statement_block", "compound_statement", "expression_statement", "else_clause", "lexical_declaration", "variable_declaration",
             "class_declaration", "class_definition", "class_body", "declaration_list", "body_statement", "then", "else", "begin", "ensure", "try_statement", "except_clause",
             "finally_clause", "catch_clause", "with_statement", "with_clause", "with_item", "export_statement", "property_declaration", "decorated_definition", "class",
             "begin_block", "end_block", "switch_body", "switch_case", "switch_default", "block_body", "rescue", "when", "parenthesized_statements", "namespace_definition", "sequence_expression"}))
    return sequence(n);
  return none_node;
}

Ref General::expression(Ref n) {
  const auto type = raw.at(n).type;
  if (is(n, {"identifier", "variable_name", "name", "constant", "instance_variable", "global_variable", "class_variable", "this", "self", "dotted_name", "qualified_name",
             "scope_resolution", "property_identifier", "shorthand_property_identifier", "dynamic_variable_name", "super"}))
    return make(Form::name, n, name_text(n));
  if (type == "shorthand_property_identifier_pattern") return make(Form::named, n, name_text(n), {make(Form::name, n, name_text(n))});
  if (is(n, {"integer", "float", "number"})) return make(Form::text, n, std::string(raw.source(n)), {}, true);
  if (is(n, {"string", "template_string", "encapsed_string", "heredoc", "nowdoc", "heredoc_body", "chained_string"})) {
    if (type == "heredoc") return raw.field(n, "value") == none_node ? make(Form::text, n) : string_pieces(raw.field(n, "value"), false);
    return type == "chained_string" ? make(Form::join, n, {}, sub_all(n)) : string(n);
  }
  if (is(n, {"simple_symbol", "hash_key_symbol"})) return make(Form::text, n, std::string(raw.source(n).starts_with(":") ? raw.source(n).substr(1) : raw.source(n)));
  if (type == "concatenated_string") return make(Form::join, n, {}, sub_all(n));
  if (type == "call" && tree.language == Language::ruby) return ruby_call(n);
  if (is(n, {"call", "call_expression"})) return call(n, raw.field(n, "function"), raw.field(n, "arguments"));
  if (type == "new_expression") return call(n, raw.field(n, "constructor"), raw.field(n, "arguments"));
  if (is(n, {"function_call_expression", "member_call_expression", "nullsafe_member_call_expression", "scoped_call_expression", "object_creation_expression"})) return php_call(n);
  if (is(n, {"subshell", "shell_command_expression"})) return make(Form::call, n, "`", {string_pieces(n, false)});
  if (is(n, {"include_expression", "include_once_expression", "require_expression", "require_once_expression"})) return make(Form::call, n, "include", sub_all(n));
  if (is(n, {"echo_statement", "print_intrinsic", "exit_statement"})) return make(Form::call, n, "echo", sub_all(n));
  if (is(n, {"attribute", "member_expression", "member_access_expression", "class_constant_access_expression", "scoped_property_access_expression"})) return member(n);
  if (is(n, {"subscript", "subscript_expression", "element_reference"})) {
    auto parts = sub_all(n);
    if (parts.size() >= 2) return make(Form::index, n, {}, {parts[0], parts[1]});
    return make(Form::index, n, {}, std::move(parts));
  }
  if (is(n, {"assignment", "assignment_expression", "augmented_assignment", "augmented_assignment_expression", "operator_assignment", "reference_assignment_expression",
             "named_expression"})) {
    const Ref op = raw.field(n, "operator");
    const Ref left = either_field(n, {"left", "name"}), right = either_field(n, {"right", "value"});
    if (left != none_node) return assign(n, left, right, op == none_node ? "=" : std::string(raw.source(op)));
  }
  if (type == "as_pattern" && raw.field(n, "alias") != none_node) return assign(n, raw.named_child(raw.field(n, "alias"), 0), raw.named_child(n, 0));
  if (is(n, {"binary_operator", "binary_expression", "binary", "comparison_operator", "boolean_operator"})) return binary(n);
  if (is(n, {"keyword_argument", "pair", "pair_pattern", "array_element_initializer"})) return pair(n);
  if (is(n, {"list", "tuple", "array", "dictionary", "object", "hash", "set", "array_creation_expression", "object_pattern", "array_pattern", "pattern_list", "tuple_pattern",
             "list_literal", "left_assignment_list", "right_assignment_list", "expression_list"}))
    return make(Form::list, n, {}, sub_all(n), is(n, {"dictionary", "object", "hash", "object_pattern"}));
  if (is(n, {"list_comprehension", "generator_expression", "set_comprehension", "dictionary_comprehension"})) {
    std::vector<Ref> parts;
    for (const Ref c : raw.named(n))
      if (is(c, {"for_in_clause"})) parts.push_back(for_each(c));
    if (raw.field(n, "body") != none_node) parts.push_back(sub(raw.field(n, "body")));
    return make(Form::sequence, n, {}, std::move(parts));
  }
  return none_node;
}

Ref General::lower(Ref n) {
  if (is(n, {"comment", "type", "regex", "decorator", "php_tag", "text", "text_interpolation", "visibility_modifier", "type_annotation", "class_heritage"})) return make(Form::other, n);
  if (const Ref made = statement(n); made != none_node) return made;
  if (const Ref made = expression(n); made != none_node) return made;
  const auto parts = raw.named(n);
  if (parts.size() == 1) return sub(parts[0]);
  return make(Form::other, n, {}, sub_all(n));
}

Tree lower_python(const RawTree& raw) { return General(raw, Language::python).finish(); }
Tree lower_javascript(const RawTree& raw) { return General(raw, Language::javascript).finish(); }
Tree lower_php(const RawTree& raw) { return General(raw, Language::php).finish(); }
Tree lower_ruby(const RawTree& raw) { return General(raw, Language::ruby).finish(); }

}  // namespace code::syntax
