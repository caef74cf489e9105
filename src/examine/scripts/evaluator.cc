// The forms that all languages share: names, assignments, branches, functions.
#include "examine/scripts/evaluator.h"

#include <algorithm>

#include <fmt/format.h>

#include "code/syntax/literal.h"

namespace examine::script {

using code::syntax::Form;
using code::syntax::Language;
using code::syntax::Node;
using evidence::Facet;

namespace {

constexpr unsigned rounds = 3;
constexpr unsigned most_eval_depth = 700;
constexpr std::size_t most_names = 50'000;

/// A number or text that a date could be compared with: seconds since 1970 after 2001, 20250131, 2025-01-31.
bool is_date(std::string_view text) {
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; }));
  if (text.size() > 32 || digits < 8) return false;
  if (digits == text.size() && (digits == 10 || digits == 13)) return text[0] == '1' || text[0] == '2';
  return text.starts_with("20") || text.starts_with("19");
}

/// Pairs of an options object that name the other end.
bool names_host(std::string_view name) { return name == "url" || name == "uri" || name == "host" || name == "hostname"; }

}  // namespace

Evaluator::Evaluator(const code::syntax::Tree& tree, std::string_view source, Findings& findings, std::uint64_t step_limit, unsigned nesting)
    : tree_(tree), source_(source), findings_(findings), step_limit_(step_limit), nesting_(nesting) {}

bool Evaluator::spend(std::uint64_t steps) {
  steps_ += steps;
  if (steps_ > step_limit_) exhausted_ = true;
  return !exhausted_;
}

void Evaluator::preset(const std::string& name, Value value) { summary_[fmt::format("{}:{}", none_node, name)] = std::move(value); }

base::Result<> Evaluator::run() {
  if (tree_.root == none_node) return {};
  for (unsigned round = 0; round < rounds; ++round) {
    findings_.clear();
    entered_.clear();
    changed_ = false;
    scopes_.assign(1, Scope{});
    stdin_ = {};
    sockets_made_ = descriptors_taken_ = false;
    output_ = eval(tree_.root);
    if (exhausted_) return base::fail(base::Trouble::limit, "following values took more than {} steps", step_limit_);
    if (!changed_ && round > 0) break;
  }
  return {};
}

std::string Evaluator::unit_of(Ref function) const {
  if (function == none_node) return {};
  const auto& node = at(function);
  return fmt::format("{}:{}", node.text.empty() ? "(function)" : node.text, code::syntax::line_of(source_, node.range.offset));
}

Value Evaluator::eval(Ref ref) {
  if (ref == none_node || !spend(1) || depth_ >= most_eval_depth) return {};
  ++depth_;
  Value out = eval_form(ref);
  --depth_;
  return out;
}

Value Evaluator::eval_form(Ref ref) {
  const auto& node = at(ref);
  switch (node.form) {
    case Form::sequence: return eval_sequence(node);
    case Form::text: return Value::constant(node.text);
    case Form::name: return eval_name(node);
    case Form::call: return eval_call(ref);
    case Form::command: return eval_command(node);
    case Form::named: return node.children.empty() ? Value{} : eval(node.children[0]);
    case Form::join: {
      Value out = Value::constant("");
      for (const Ref c : node.children) out = concat(out, eval(c));
      spend(out.text.size() / 16);
      return out;
    }
    case Form::list: return eval_list(node);
    case Form::index: return eval_index(node);
    case Form::assign: return eval_assign(node);
    case Form::function: return declare_function(ref);
    case Form::give: {
      Value out = eval_all(node);
      auto& result = results_[scopes_.back().function];
      const auto before = result.marks.size();
      result = either(std::move(result), out);
      changed_ |= result.marks.size() != before;
      return out;
    }
    case Form::branch: return eval_branch(node);
    case Form::loop: return eval_loop(node);
    case Form::pipeline: return eval_pipeline(node);
    case Form::redirect: return eval_redirect(node);
    case Form::capture: return eval_capture(node);
    case Form::compare: return eval_compare(node);
    case Form::other: {
      if (node.text == "||" || node.text == "??") {  // a default
        Value out;
        for (const Ref c : node.children) out = either(std::move(out), eval(c));
        out.exact = false;
        return out;
      }
      if (node.text == "^" && node.children.size() == 2) {
        Value out = eval_all(node);
        out.add({"@xor", "^", node.range.offset, Confidence::high, "", false});
        return out;
      }
      if (node.text != "/" || node.children.size() < 2) return eval_all(node);
      Value out = eval(node.children[0]);  // pathlib: a / "b"
      for (std::size_t i = 1; i < node.children.size(); ++i) out = concat(concat(out, Value::constant("/")), eval(node.children[i]));
      return out;
    }
  }
  return {};
}

Value Evaluator::eval_all(const Node& node, std::size_t from) {
  if (node.children.size() == from + 1) return eval(node.children[from]);
  Value out;
  for (std::size_t i = from; i < node.children.size(); ++i) out.add_all(eval(node.children[i]));
  return out;
}

Value Evaluator::eval_sequence(const Node& node) {
  const bool shell = tree_.language == Language::shell;
  if (!shell) {
    const auto outer = class_;
    if (!node.text.empty() && tree_.language == Language::python) classes_.insert(class_ = node.text);
    Value last;
    for (const Ref c : node.children) last = eval(c);
    class_ = outer;
    return last;
  }
  // Shell: a sequence puts out what all its commands put out. `check || true` checks nothing.
  const bool ignored = failure_ignored_;
  if (node.text == "||" && node.children.size() == 2) {
    const auto& right = at(node.children[1]);
    if (right.form == Form::command && !right.children.empty()) {
      const auto& name = at(right.children[0]).text;
      failure_ignored_ |= name == "true" || name == ":";
    }
  }
  Value out;
  std::size_t spoke = 0;
  for (const Ref c : node.children) {
    Value value = eval(c);
    const auto form = at(c).form;
    if (form == Form::assign || form == Form::function) continue;
    if (form == Form::compare) {
      out.add_all(value);
      continue;
    }
    if (value.text.empty() && value.marks.empty()) continue;
    out = ++spoke == 1 ? std::move(value) : concat(out, value);
  }
  failure_ignored_ = ignored;
  return out;
}

Value Evaluator::lookup(const std::string& name) {
  for (std::size_t i = scopes_.size(); i-- > 0;) {
    const auto& scope = scopes_[i];
    const auto found = scope.current.find(name);
    const auto joined = summary_.find(fmt::format("{}:{}", scope.function, name));
    const bool live = i + 1 == scopes_.size();
    if (live && found != scope.current.end()) return found->second;
    if (joined != summary_.end() && (!live || scope.function != none_node || found == scope.current.end())) {
      if (live && scope.function == none_node && joined->second.marks.empty() && found == scope.current.end()) return joined->second;
      return found == scope.current.end() ? joined->second : either(joined->second, found->second);
    }
  }
  return Value::named(name);
}

void Evaluator::remember(const std::string& key, const Value& value) {
  if (summary_.size() >= most_names && !summary_.contains(key)) return;
  auto& known = summary_[key];
  const auto before = known.marks.size();
  const bool fresh = known.text.empty() && known.path.empty() && before == 0;
  known = either(std::move(known), value);
  changed_ |= fresh || known.marks.size() != before;
}

/// The innermost of the first `below` scopes that knows a name; the outermost when none does.
std::size_t Evaluator::scope_of(const std::string& name, std::size_t below) const {
  for (std::size_t i = below; i-- > 0;)
    if (scopes_[i].current.contains(name) || summary_.contains(fmt::format("{}:{}", scopes_[i].function, name))) return i;
  return 0;
}

/// A call changes what a name holds: it takes the marks as well.
void Evaluator::enrich(const std::string& name, const Value& with, bool as_item) {
  if (name.empty() || (with.marks.empty() && !as_item) || !spend(1)) return;
  auto& scope = scopes_[name.find('.') != std::string::npos ? 0 : scope_of(name, scopes_.size())];
  auto found = scope.current.find(name);
  if (found == scope.current.end()) {
    const auto joined = summary_.find(fmt::format("{}:{}", scope.function, name));
    if (joined == summary_.end() && with.marks.empty()) return;
    found = scope.current.emplace(name, joined == summary_.end() ? Value{} : joined->second).first;
  }
  auto& slot = found->second;
  slot.add_all(with);
  slot.exact = false;
  if (as_item && slot.items && slot.items->size() < 64 && spend(slot.items->size())) {
    auto items = std::make_shared<std::vector<Value>>(*slot.items);
    items->push_back(with);
    slot.items = std::move(items);
  }
  if (!with.marks.empty()) remember(fmt::format("{}:{}", scope.function, name), slot);
}

void Evaluator::assign(const std::string& name, Value value, bool declared, bool add) {
  if (name.empty() || !spend(1 + value.text.size() / 64)) return;
  if (name == "HISTFILE" || name == "HISTSIZE")
    if (value.text.empty() || value.text == "/dev/null" || value.text == "0")
      findings_.fact(Facet::concealment, "log-tampering", name, {}, Confidence::medium);
  std::size_t at_scope = 0;
  const bool member = name.find('.') != std::string::npos;
  const auto lang = tree_.language;
  if (!member && lang != Language::shell && (declared || lang == Language::python || lang == Language::php || lang == Language::ruby || lang == Language::powershell)) {
    at_scope = scopes_.size() - 1;
  } else if (!member) {
    if (lang == Language::shell && !declared) at_scope = 0;
    else if (declared) at_scope = scopes_.size() - 1;
    else
      for (std::size_t i = scopes_.size(); i-- > 0;)
        if (scopes_[i].current.contains(name) || summary_.contains(fmt::format("{}:{}", scopes_[i].function, name))) {
          at_scope = i;
          break;
        }
  }
  if (scopes_.back().outer.contains(name)) at_scope = scope_of(name, scopes_.size() - 1);
  auto& scope = scopes_[at_scope];
  auto& slot = scope.current[name];
  if (add) slot = concat(slot, value);
  else if (member || scope.branch_depth > 0 || at_scope + 1 != scopes_.size()) slot = either(std::move(slot), value);
  else slot = value;
  remember(fmt::format("{}:{}", scope.function, name), slot);
}

void Evaluator::assign_target(Ref target, const Value& value, bool declared, bool add) {
  const auto& node = at(target);
  if (node.form == Form::name) return assign(node.text, value, declared, add);
  if (node.form == Form::index && !node.children.empty()) {  // a[k] = v: the whole takes the marks
    const auto& base = at(node.children[0]);
    if (base.form == Form::name) {
      Value whole = lookup(base.text);
      whole.add_all(value);
      assign(base.text, std::move(whole), false);
    }
    return;
  }
  if (node.form == Form::list || node.form == Form::sequence || node.form == Form::other) {
    std::size_t i = 0;
    for (const Ref c : node.children) {
      Value part = value.items && i < value.items->size() ? (*value.items)[i] : value;
      const auto& child = at(c);
      if (child.form == Form::named && !child.text.empty()) {  // const {exec} = require(...)
        if (!value.path.empty()) part = Value::named(value.path + "." + child.text), part.add_all(value);
        if (!child.children.empty()) assign_target(child.children[0], part, declared, add);
      } else {
        assign_target(c, part, declared, add);
      }
      ++i;
    }
  }
  if (node.form == Form::named && !node.children.empty()) assign_target(node.children[0], value, declared, add);
  if (node.form == Form::assign && !node.children.empty()) assign_target(node.children[0], value, declared, add);
}

Value Evaluator::eval_assign(const Node& node) {
  if (node.children.size() < 2) return eval_all(node);
  Value value = eval(node.children[1]);
  const auto op = node.text;
  if (const auto& target = at(node.children[0]); tree_.language == Language::python && target.form == Form::name && value.function != none_node) {
    const auto dot = target.text.rfind('.');
    if (dot != std::string::npos) {  // hook.KeyDown = f: f gets what the hook gives
      Value given;
      given.add_all(lookup(target.text.substr(0, dot)));
      if (given.is_private()) call_function(value.function, std::vector<Value>(8, given));
    }
    const auto path = resolved(target.text);
    if (path == "getpass.getpass") {  // the name goes on standing for the library's own function
      changed_ |= !std::exchange(asks_replaced_, true);
      return value;
    }
  }
  if (op == "in") value = telling_item(value);
  if (tree_.language == Language::javascript) send_by_loading(node.children[0], value);
  assign_target(node.children[0], value, node.marked, op == "+=" || op == ".=" || op == "||=" || op == "<<");
  return value;
}

Value Evaluator::eval_branch(const Node& node) {
  if (node.children.empty()) return {};
  const Value condition = eval(node.children[0]);
  auto depth = scopes_.size() - 1;
  const auto before = findings_.effects();
  const bool clipboard = condition.mark("clipboard") != nullptr || condition.mark("@clipboard") != nullptr;
  const bool day = condition.mark("@time-test") != nullptr;
  under_clipboard_ += clipboard;
  under_day_ += day;
  for (auto& s : scopes_) ++s.branch_depth;
  Value out;
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    const bool chosen = at(node.children[i]).form != Form::sequence;  // c ? a : b
    Value part = eval(node.children[i]);
    if (chosen) out = either(std::move(out), part), out.exact = false;
    else out.add_all(part);
  }
  for (std::size_t i = 0; i <= depth && i < scopes_.size(); ++i) --scopes_[i].branch_depth;
  under_clipboard_ -= clipboard;
  under_day_ -= day;
  if (const auto* time = condition.mark("@time-test"); time && findings_.effects() > before)
    findings_.fact(Facet::concealment, "time-trigger", time->source, at(node.children[0]).range, Confidence::medium,
                   {{"source_at", fmt::format("{}", time->at)}});
  return out;
}

Value Evaluator::eval_compare(const Node& node) {
  Value out, left;
  bool time = false, date = false;
  Mark clock;
  for (const Ref c : node.children) {
    Value part = eval(c);
    if (const auto* m = part.mark("@time")) time = true, clock = *m;
    if (const auto* m = part.mark("@hash")) authenticate(m->source);
    if ((part.exact && is_date(part.text)) || part.mark("@date")) date = true;
    out.add_all(part);
  }
  if (time && date) {
    clock.word = "@time-test";
    out.add(clock);
  }
  out.exact = false;
  out.text.clear();
  return out;
}

Value Evaluator::eval_loop(const Node& node) {
  if (node.children.empty()) return {};
  auto depth = scopes_.size() - 1;
  Value out = eval(node.children[0]);
  for (auto& s : scopes_) ++s.branch_depth;
  for (std::size_t i = 1; i < node.children.size(); ++i) out = eval(node.children[i]);
  for (std::size_t i = 0; i <= depth && i < scopes_.size(); ++i) --scopes_[i].branch_depth;
  return out;
}

Value Evaluator::eval_list(const Node& node) {
  Value out;
  auto items = std::make_shared<std::vector<Value>>();
  std::string named_text;
  for (const Ref c : node.children) {
    Value item = eval(c);
    out.add_all(item);
    if (at(c).form == Form::named && named_text.empty() && names_host(at(c).text)) named_text = item.text;
    if (items->size() < most_list && spend(1)) {
      if (at(c).form != Form::named) items->push_back(std::move(item));
    }
  }
  std::string text = std::move(named_text);
  for (const auto& i : *items)
    if (text.size() < 8192) text += (text.empty() ? "" : " ") + i.text;
  out.text = text;
  out.items = std::move(items);
  return out;
}

Value Evaluator::eval_index(const Node& node) {
  if (node.children.size() < 2) return eval_all(node);
  Value base = eval(node.children[0]);
  const Value key = eval(node.children[1]);
  if (!base.path.empty() && key.exact && !key.text.empty()) {
    auto named = eval_name(Node{Form::name, false, base.path + "." + key.text, node.range, {}});
    return named;
  }
  if (base.items && key.exact && !key.text.empty() && key.text.size() < 6 && std::ranges::all_of(key.text, [](char c) { return c >= '0' && c <= '9'; })) {
    const auto n = static_cast<std::size_t>(std::stoul(key.text));
    if (n < base.items->size()) return (*base.items)[n];
  }
  base.exact = false;
  base.items = nullptr;
  base.path.clear();
  return base;
}

Value Evaluator::declare_function(Ref ref) {
  const auto& node = at(ref);
  Value out;
  out.function = ref;
  if (!node.text.empty()) {
    functions_[node.text].node = ref;
    if (!class_.empty()) functions_[class_ + "." + node.text].node = ref;
  }
  enter_function(ref);
  return out;
}

void Evaluator::enter_function(Ref ref) {
  const auto& node = at(ref);
  if (node.children.empty() || scopes_.size() > 60 || !entered_.insert(ref).second) return;
  const auto unit = findings_.unit();
  findings_.set_unit(node.text.empty() && !unit.empty() ? unit : unit_of(ref));
  scopes_.push_back({ref, {}, 0, {}});
  const Value in = std::exchange(stdin_, {});
  for (std::size_t i = 0; i + 1 < node.children.size(); ++i) {  // defaults of parameters
    const auto& param = at(node.children[i]);
    if (param.form == Form::assign && param.children.size() == 2) eval(param.children[1]);
  }
  const Value last = eval(node.children.back());
  stdin_ = in;
  const bool whole = tree_.language == Language::shell || tree_.language == Language::ruby || tree_.language == Language::perl ||
                     at(node.children.back()).form != Form::sequence;
  if (whole) {
    auto& result = results_[ref];
    const auto before = result.marks.size();
    result = either(std::move(result), last);
    changed_ |= result.marks.size() != before;
  }
  scopes_.pop_back();
  findings_.set_unit(unit);
}

Value Evaluator::call_function(Ref ref, const std::vector<Value>& arguments) {
  const auto& node = at(ref);
  const bool bound = tree_.language == Language::python && node.children.size() > 1 && at(node.children[0]).form == Form::name &&
                     (at(node.children[0]).text == "self" || at(node.children[0]).text == "cls");
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t place = i + (bound ? 1 : 0);  // the object itself isn't among the arguments
    if (tree_.language == Language::shell || place + 1 >= node.children.size()) {
      if (tree_.language != Language::shell) break;
      remember(fmt::format("{}:{}", ref, i + 1), arguments[i]);
      Value all = arguments[i];  // "$@": everything that any call gives
      const auto& known = summary_[fmt::format("{}:@", ref)];
      auto items = std::make_shared<std::vector<Value>>();
      if (known.items) *items = *known.items;
      const bool new_here = std::ranges::none_of(*items, [&](const Value& v) { return v.text == all.text; });
      if (new_here && items->size() < 64) items->push_back(arguments[i]), changed_ = true;
      else for (auto& v : *items) if (v.text == all.text) v.add_all(all);
      all.items = std::move(items);
      remember(fmt::format("{}:@", ref), all);
      remember(fmt::format("{}:*", ref), arguments[i]);
      continue;
    }
    const auto* param = &at(node.children[place]);
    if (param->form == Form::assign && !param->children.empty()) param = &at(param->children[0]);
    if (param->form == Form::name) remember(fmt::format("{}:{}", ref, param->text), arguments[i]);
    for (const Ref c : param->children)
      if (at(c).form == Form::name) remember(fmt::format("{}:{}", ref, at(c).text), arguments[i]);
  }
  const auto found = results_.find(ref);
  return found == results_.end() ? Value{} : found->second;
}

}  // namespace examine::script
