// Names and calls of the languages that have functions: which rule applies, what reaches what.
#include <algorithm>

#include <fmt/format.h>

#include "code/syntax/literal.h"
#include "examine/scripts/evaluator.h"
#include "examine/scripts/rules.h"

namespace examine::script {

using code::syntax::Form;
using code::syntax::Language;
using code::syntax::Node;
using evidence::Facet;

namespace {

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }); }

/// The arguments that a rule's payload names.
Value payload_of(const CallSite& site, std::string_view spec) {
  Value out;
  bool first = true;
  const auto take = [&](const Value& v) {
    out = first ? v : concat(concat(out, Value::constant(" ")), v);
    first = false;
  };
  if (spec == "*") {
    for (const auto& a : site.arguments) take(a);
    for (const auto& [name, value] : site.named) take(value);
    return out;
  }
  for (std::size_t at = 0; at < spec.size();) {
    const auto end = std::min(spec.find(',', at), spec.size());
    const auto part = spec.substr(at, end - at);
    if (all_digits(part)) {
      const auto n = static_cast<std::size_t>(part[0] - '0');
      if (n < site.arguments.size()) take(site.arguments[n]);
    } else if (const auto found = site.named.find(std::string(part)); found != site.named.end()) {
      take(found->second);
    }
    at = end + 1;
  }
  return out;
}

bool names_shell(std::string_view text) {
  for (const auto shell : {"/bin/sh", "/bin/bash", "/bin/dash", "/bin/zsh", "cmd.exe", "powershell", "powershell.exe"})
    if (text.find(shell) != std::string_view::npos) return true;
  return text == "sh" || text == "bash" || text == "cmd" || text.starts_with("bash -i") || text.starts_with("sh -i") || text == "sh -i";
}

/// Perl gives a bare `open STDIN, '<&', $socket` no shape that tells it from other lists, so the text
/// is asked: a program of sockets that duplicates STDIN, and starts a shell that nothing is given to.
bool tied_streams(Language language, std::string_view source, std::string_view command) {
  if (language != Language::perl) return false;
  while (command.ends_with(' ')) command.remove_suffix(1);
  const bool alone = command.ends_with("sh") || command.ends_with(" -i") || command.ends_with(" -il");
  const bool sockets = source.find("IO::Socket") != std::string_view::npos || source.find("use Socket") != std::string_view::npos;
  const auto has = [&](std::string_view part) { return source.find(part) != std::string_view::npos; };
  return alone && sockets && has("STDIN") && (has("<&") || has("+<&"));
}

}  // namespace

Value Evaluator::eval_name(const Node& node) {
  if (tree_.language == Language::shell) {
    Value out = lookup(node.text);
    for (const Ref c : node.children) {
      const Value other = eval(c);
      if (out.path == node.text && !other.text.empty()) out = other;  // ${x:-default} of an unknown x
      else out.add_all(other);
    }
    out.path.clear();
    if (node.marked && node.children.empty()) out.exact = false;
    if (node.text.size() > 2 && out.marks.empty() && !out.exact && is_secret_name(node.text) && out.text == Value::unknown(node.text).text)
      out.add({"environment", "$" + node.text, node.range.offset, Confidence::low, "", false});
    return out;
  }
  const auto path = resolved(node.text);
  std::string_view single;
  if (const auto word = name_gives(tree_.language, path, single); !word.empty()) {
    Value out = Value::named(path);
    if (single.empty() || word == "network") {
      out.add({std::string(word), path, node.range.offset, Confidence::high, "", false});
    } else if (is_secret_name(single)) {
      out.add({std::string(word), path, node.range.offset, Confidence::low, "", false});
    }
    return out;
  }
  Value out = lookup(node.text);
  if (out.path == node.text) {  // unknown: a member of a known value carries its marks
    const auto dot = node.text.rfind('.');
    if (dot != std::string::npos) {
      const auto base = lookup(node.text.substr(0, dot));
      out.add_all(base);
      out.file = base.file;
      out.path = path;
      out.text = "\x01" + path + "\x02";
      const auto member = std::string_view(node.text).substr(dot + 1);
      if (const auto* asked = base.mark("@request"); asked && (member == "responseText" || member == "response" || member == "responseXML"))
        out.add({"network", asked->source, asked->at, Confidence::high, asked->endpoint, false});
      if (const auto* event = base.mark("@key-event"); event && (member == "key" || member == "code" || member == "keyCode" || member == "which" || member == "charCode"))
        out.add({"keystrokes", event->source, event->at, Confidence::medium, "", false});
    }
  }
  const bool own = node.text.starts_with("self.") || node.text.starts_with("cls.") || node.text.starts_with("this.");
  const auto plain = own ? node.text.substr(node.text.find('.') + 1) : node.text;
  if (const auto found = functions_.find(plain); found != functions_.end() && out.function == none_node && plain.find('.') == std::string::npos) out.function = found->second.node;
  if (const auto dot = node.text.rfind('.'); dot != std::string::npos && out.function == none_node && tree_.language == Language::python)
    if (const auto* object = lookup(node.text.substr(0, dot)).mark("@object"))
      if (const auto found = functions_.find(object->source + node.text.substr(dot)); found != functions_.end()) out.function = found->second.node;
  return out;
}

std::string Evaluator::resolved(const std::string& name) {
  const auto dot = name.find('.');
  const auto head = name.substr(0, dot);
  if (head.empty()) return name;
  const Value base = lookup(head);
  if (base.path.empty() || base.path == head) return name;
  return base.path + (dot == std::string::npos ? "" : name.substr(dot));
}

CallSite Evaluator::site_of(Ref ref) {
  const auto& node = at(ref);
  CallSite site;
  site.written = node.text;
  site.range = node.range;
  std::size_t from = 0;
  if (node.marked && !node.children.empty()) {
    site.has_receiver = true;
    site.receiver = eval(node.children[0]);
    site.name = site.receiver.path.empty() || node.text == "()" ? node.text : site.receiver.path + node.text;
    if (node.text == "()" && !site.receiver.path.empty()) site.name = site.receiver.path;
    from = 1;
  } else {
    site.name = resolved(node.text);
    if (const auto dot = node.text.rfind('.'); dot != std::string::npos && dot > 0) {
      site.has_receiver = true;
      site.receiver = eval_name(Node{Form::name, false, node.text.substr(0, dot), node.range, {}});
    }
  }
  for (std::size_t i = from; i < node.children.size(); ++i) {
    const auto& child = at(node.children[i]);
    if (child.form == Form::function && child.text.empty()) {  // its body is read once its parameters are known
      Value f;
      f.function = node.children[i];
      site.arguments.push_back(std::move(f));
      site.places.push_back(child.range);
    } else if (child.form == Form::named && !child.children.empty()) {
      const auto& inner = at(child.children[0]);
      Value value;
      if (inner.form == Form::function && inner.text.empty()) value.function = child.children[0];
      else value = eval(child.children[0]);
      site.named[child.text] = std::move(value);
    } else {
      site.arguments.push_back(eval(node.children[i]));
      site.places.push_back(child.range);
    }
  }
  if (tree_.language == Language::powershell && (!stdin_.marks.empty() || stdin_.exact)) site.arguments.push_back(stdin_);
  spend(site.arguments.size() + site.named.size());
  return site;
}

Value Evaluator::eval_call(Ref ref) {
  if (tree_.language == Language::python && at(ref).text == "global") {
    for (const Ref c : at(ref).children) scopes_.back().outer.insert(at(c).text);
    return {};
  }
  CallSite site = site_of(ref);
  if (exhausted_) return {};
  if (site.written == "()" && tree_.language == Language::php) {  // $f($x)
    findings_.flow(site.receiver, "evaluate", site.written, site.range, Confidence::high, "");
    if (site.receiver.exact && site.receiver.text.size() < 100 && site.receiver.function == none_node) site.name = site.receiver.text, site.has_receiver = false;
  }
  if (site.receiver.function != none_node && site.written == "()") return call_function(site.receiver.function, site.arguments);
  const auto dot = site.written.rfind('.');
  const auto last = dot == std::string::npos ? site.written : site.written.substr(dot + 1);
  const auto before = dot == std::string::npos ? std::string() : site.written.substr(0, dot);
  if (before.empty() || before == "self" || before == "this" || before == "cls") {
    const auto found = functions_.find(last);
    if (found != functions_.end() && found->second.node != none_node && (!before.empty() || dot == std::string::npos)) {
      Value out = call_function(found->second.node, site.arguments);
      for (const auto& [name, value] : site.named) remember(fmt::format("{}:{}", found->second.node, name), value);
      return run_callbacks(site, std::move(out));
    }
  }
  if (const auto* object = site.receiver.mark("@object"); object && !before.empty()) {
    const auto found = functions_.find(object->source + "." + last);
    if (found != functions_.end()) {
      for (const auto& [name, value] : site.named) remember(fmt::format("{}:{}", found->second.node, name), value);
      return run_callbacks(site, call_function(found->second.node, site.arguments));
    }
  }
  if (before.empty() && classes_.contains(last)) {
    if (const auto made = functions_.find(last + ".__init__"); made != functions_.end()) {
      for (const auto& [name, value] : site.named) remember(fmt::format("{}:{}", made->second.node, name), value);
      call_function(made->second.node, site.arguments);
    }
    Value out = Value::marked({"@object", last, 0, Confidence::high, "", false});
    return run_callbacks(site, std::move(out));
  }
  if (!before.empty()) change_receiver(site, last, before);
  state_clipboard(site);
  state_deletion(site, last);
  if (tree_.language == Language::php && (site.name == "array_map" || site.name.starts_with("call_user_func")) && site.arguments.size() > 1 && site.arguments[0].exact) {
    site.name = site.written = site.arguments[0].text;  // the function that is named gets the rest
    site.arguments.erase(site.arguments.begin());
    site.places.erase(site.places.begin());
  }
  if (dot == std::string::npos && tree_.language == Language::javascript) {  // a function that a variable holds
    const Value held = lookup(site.written);
    if (held.function != none_node && held.path.empty()) return run_callbacks(site, call_function(held.function, site.arguments));
  }
  Value folded;
  if (fold_call(site, folded)) return run_callbacks(site, std::move(folded));
  return run_callbacks(site, apply_rules(site));
}

/// list.append(x), socket.connect(where), picture.save(buffer): what a name holds afterwards.
void Evaluator::change_receiver(const CallSite& site, const std::string& last, const std::string& receiver) {
  static constexpr std::string_view adding[] = {"append", "appendleft", "add", "update", "extend", "insert", "put", "put_nowait", "push", "writestr"};
  if (std::ranges::find(adding, last) != std::end(adding) && tree_.language == Language::python) {
    for (const auto& a : site.arguments) enrich(receiver, a, last == "append");
    for (const auto& [name, value] : site.named) enrich(receiver, value);
  } else if (last == "connect" && site.receiver.mark("@socket") && !site.arguments.empty()) {
    const auto endpoint = endpoint_in(known_text(site.arguments[0].text));
    if (!endpoint.empty()) enrich(receiver, Value::marked({"@socket", site.written, site.range.offset, Confidence::high, endpoint, false}));
  }
}

/// Something else is put where a test found certain content: a clipper, not an editor that tidies what was copied.
void Evaluator::state_clipboard(const CallSite& site) {
  if (under_clipboard_ == 0 || site.arguments.empty()) return;
  const auto ends = [&](std::string_view name) { return site.name.ends_with(name); };
  if (!ends("pyperclip.copy") && !ends("clipboard.copy") && !ends(".clipboard_append") && !ends(".SetClipboardText") && !ends(".SetClipboardData") && !ends("clipboard.writeText") &&
      !ends("clipboardy.write") && !ends("clipboardy.writeSync") && !ends("set-clipboard"))
    return;
  const Value& put = site.arguments.back();
  if (put.mark("clipboard")) return;
  findings_.fact(Facet::private_, "clipboard", known_text(put.text).substr(0, 100), site.range, Confidence::high, {{"callee", site.name}, {"replaced", "yes"}});
}

/// A person's folder that is deleted, and a day that sets off what another file of the product does.
void Evaluator::state_deletion(const CallSite& site, const std::string& last) {
  if (tree_.language != Language::python) return;
  if (site.name == "shutil.rmtree" && !site.arguments.empty()) {
    const auto path = known_text(site.arguments[0].text);
    const bool own = path.find("/.") != std::string::npos || path.find("/AppData") != std::string::npos;  // a program's cache and settings
    if ((path.starts_with("~") || path.starts_with("/home")) && !own) findings_.fact(Facet::power, "wipe", path, site.range, Confidence::medium, {{"by", site.name}});
  }
  if (under_day_ > 0 && site.name.starts_with('.') && !site.written.starts_with('.'))
    findings_.fact(Facet::concealment, "time-trigger", last, site.range, Confidence::medium, {{"calls", site.name}});
}

Value Evaluator::apply_rules(CallSite& site) {
  Value out = Value::unknown(site.written);
  bool matched = false;
  const auto dot = site.name.rfind('.');
  const std::string tail = dot == std::string::npos ? std::string() : site.name.substr(dot);
  for (const auto& rule : call_rules(tree_.language)) {
    spend(1);
    const bool any_receiver = rule.callee.starts_with('.');
    const bool same = any_receiver ? tail == rule.callee
                                   : site.name == rule.callee || (site.name.size() > rule.callee.size() && rule.callee.find('.') != std::string_view::npos &&
                                                                  site.name.ends_with(rule.callee) && site.name[site.name.size() - rule.callee.size() - 1] == '.');
    if (!same || (!rule.receiver.empty() && !site.receiver.mark(rule.receiver))) continue;
    matched = true;
    std::string endpoint;
    for (const auto& a : site.arguments)
      if (endpoint.empty()) endpoint = endpoint_in(known_text(a.text));
    for (const auto name : {"url", "-uri", "host", "hostname"})
      if (const auto found = site.named.find(name); found != site.named.end() && endpoint.empty()) endpoint = endpoint_in(known_text(found->second.text));
    if (endpoint.empty() && !rule.receiver.empty()) endpoint = site.receiver.mark(rule.receiver)->endpoint;
    if (!rule.takes.empty()) out.add_all(reach(site, rule, endpoint));
    if (rule.takes == "execute-command" && tree_.language == Language::javascript && !site.arguments.empty() && names_shell(known_text(site.arguments[0].text)))
      out.add({"@shell", site.name, site.range.offset, Confidence::high, "", false});
    if (!rule.gives.empty()) {
      if (rule.gives[0] != '@' && evidence::is_word(Facet::private_, rule.gives) && rule.gives != "device-id")
        findings_.fact(Facet::private_, rule.gives, site.name, site.range, rule.confidence, {{"callee", site.name}});
      if (rule.gives == "network" && rule.takes.empty()) findings_.fact(Facet::outside, "network", endpoint, site.range, Confidence::high, {{"callee", site.name}});
      out.add({std::string(rule.gives), site.name, site.range.offset, rule.confidence, endpoint, false});
    }
  }
  if (asks_replaced_ && site.name == "getpass.getpass") {
    findings_.fact(Facet::private_, "credentials", site.name, site.range, Confidence::high, {{"callee", site.name}, {"replaced", "yes"}});
    out.add({"credentials", site.name, site.range.offset, Confidence::high, "", false});
  }
  if (matched) {
    if (site.receiver.mark("@socket") && !out.mark("@socket")) return out;
    return out;
  }
  const auto of_clipboard = [](const Value& v) { return v.mark("clipboard") != nullptr; };
  if (std::ranges::any_of(site.arguments, of_clipboard) || of_clipboard(site.receiver))
    out.add({"@clipboard", site.name, site.range.offset, Confidence::high, "", false});
  if (is_opaque_call(site.name) || is_opaque_call(site.written)) return out;
  if (site.has_receiver) {
    out.add_all(site.receiver);
    out.file = site.receiver.file;
  }
  // What an unknown function makes of a request's values is a guess: web pages pass them on everywhere.
  const auto most = tree_.language == Language::php ? Confidence::low : Confidence::medium;
  for (const auto& a : site.arguments) out.add_all(a, most);
  for (const auto& [name, value] : site.named) out.add_all(value, most);
  return out;
}

Value Evaluator::reach(CallSite& site, const CallRule& rule, const std::string& endpoint) {
  Value sent = payload_of(site, rule.payload);
  const auto range = site.range;
  if (evidence::is_word(Facet::outside, rule.takes)) {
    if (rule.takes == "dns" && known_text(sent.text).find('.') == std::string::npos) return {};  // a plain look-up
    if (site.name == "curl_setopt" && site.arguments.size() > 2) sent = site.arguments[2];
    findings_.fact(Facet::outside, rule.takes, endpoint, range, rule.confidence, {{"callee", site.name}});
    findings_.flow(sent, rule.takes, site.name, range, rule.confidence, endpoint);
    return {};
  }
  const bool unsure = !sent.exact && !sent.items;
  findings_.fact(Facet::command, rule.takes, known_text(sent.text).substr(0, 200), range, rule.confidence, {{"callee", site.name}, {"constant", unsure ? "no" : "yes"}});
  const bool socketed = descriptors_taken_ || sent.mark("@socket") || std::ranges::any_of(site.arguments, [](const Value& v) { return v.mark("@socket"); }) ||
                        std::ranges::any_of(site.named, [](const auto& n) { return n.second.mark("@socket"); });
  if ((socketed || tied_streams(tree_.language, source_, known_text(sent.text))) && rule.takes == "execute-command" && names_shell(known_text(sent.text))) {
    findings_.fact(Facet::command, "open-shell", site.name, range, Confidence::high);
    findings_.whole_flow("network to open-shell", "socket", site.name, range, Confidence::high, endpoint);
  }
  if (rule.takes == "execute-command") {
    findings_.flow(file_content(sent.text), "execute-command", site.name, range, rule.confidence, "");
    if (sent.items && !sent.items->empty()) return run_list(*sent.items, site);
    return run_text(sent, Language::shell, range, site.name, "execute-command");
  } else if (rule.takes == "evaluate") {
    if (site.name == "include") findings_.flow(file_content(sent.text), "evaluate", site.name, range, rule.confidence, "");
    findings_.flow(sent, "evaluate", site.name, range, rule.confidence, endpoint);
    if (const auto* media = sent.mark("@media"); media && tree_.language != Language::php)
      findings_.whole_flow("files to evaluate", media->source, site.name, range, rule.confidence, "");
    const bool decoded = sent.mark("decoded-string") != nullptr;
    const bool holds_code = decoded || (sent.text.size() > 20 && sent.text.find('(') != std::string::npos);
    if (sent.exact && sent.text.size() > 3 && holds_code)
      findings_.nested({fmt::format("{} at {}", site.name, range.offset), fmt::format("script/{}", code::syntax::name_of(tree_.language)), sent.text, decoded}, range);
    if (!sent.exact && sent.function == none_node && sent.marks.empty()) findings_.fact(Facet::concealment, "dynamic-code", site.name, range, Confidence::low);
  } else {
    findings_.flow(sent, rule.takes, site.name, range, rule.confidence, endpoint);
  }
  return {};
}

Value Evaluator::run_list(const std::vector<Value>& items, const CallSite& site) {
  // ["sh", "-c", text], ["curl", "-d", x, url]: the same as a shell command of these words
  ShellCommand command;
  command.whole_name = items[0];
  command.range = site.range;
  const auto& name = items[0].text;
  command.name = items[0].exact ? name.substr(name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1) : std::string();
  command.words.assign(items.begin() + 1, items.end());
  if (command.name.empty()) {
    findings_.flow(items[0], "execute-command", site.name, site.range, Confidence::high, "");
    findings_.flow(file_content(name), "execute-command", site.name, site.range, Confidence::high, "");
    return {};
  }
  return run_command(command);
}

/// Thread(target=f, args=(a, b)), submit(f, a, b), Timer(5, f, [a]): what the function will be called with.
std::vector<Value> Evaluator::handed_to(const CallSite& site, Ref function) const {
  if (tree_.language != Language::python) return {};
  if (const auto args = site.named.find("args"); args != site.named.end()) return args->second.items ? *args->second.items : std::vector<Value>{args->second};
  const auto dot = site.name.rfind('.');
  const auto last = dot == std::string::npos ? site.name : site.name.substr(dot + 1);
  static constexpr std::string_view starting[] = {"Timer", "submit", "start_new_thread", "partial", "run_in_executor", "apply_async", "register", "call_soon", "to_thread", "start_soon", "Thread", "Process"};
  if (std::ranges::find(starting, last) == std::end(starting)) return {};
  const auto at_place = std::ranges::find(site.arguments, function, &Value::function);
  if (at_place == site.arguments.end()) return {};
  std::vector<Value> out(at_place + 1, site.arguments.end());
  if (out.size() == 1 && out[0].items && last != "submit" && last != "partial") return *out[0].items;
  return out;
}

Value Evaluator::run_callbacks(CallSite& site, Value result) {
  const auto visit = [&](const Value& value) {
    if (value.function == none_node) return;
    const auto& node = at(value.function);
    Value given;
    given.add_all(result);
    given.add_all(site.receiver);
    for (const auto& a : site.arguments)
      if (a.function == none_node) given.add_all(a, Confidence::medium);
    if (const auto* socket = site.receiver.mark("@socket"); socket && node.children.size() > 1) {  // .on("data", f)
      findings_.fact(Facet::outside, "network", socket->endpoint, site.range, Confidence::high, {{"callee", site.name}});
      given.add({"network", site.name, site.range.offset, Confidence::high, socket->endpoint, false});
    }
    if (site.receiver.mark("@request") || result.mark("@request"))
      given.add({"network", site.name, site.range.offset, Confidence::high, "", false});
    if (tree_.language == Language::javascript) mark_event(site, given);
    if (site.receiver.items && site.written.starts_with('.')) given = either(telling_item(site.receiver), given);
    std::vector<Value> parameters(node.children.empty() ? 0 : node.children.size() - 1, given);
    if (auto handed = handed_to(site, value.function); !handed.empty()) parameters = std::move(handed);
    call_function(value.function, parameters);
    if (node.text.empty()) enter_function(value.function);
    const auto found = results_.find(value.function);
    if (found == results_.end()) return;
    if (site.written.ends_with(".map") && !found->second.text.empty()) result = either(std::move(result), found->second), result.exact = false, result.function = none_node;
    else result.add_all(found->second);
  };
  for (std::size_t i = 0; i < site.arguments.size(); ++i) visit(Value(site.arguments[i]));
  for (const auto& [name, value] : std::map<std::string, Value>(site.named)) visit(value);
  return result;
}

}  // namespace examine::script
