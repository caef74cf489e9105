// What scripts see of web pages and editors: form fields, typed keys, opened documents, and requests
// that are made by giving an element an address.
// https://developer.mozilla.org/en-US/docs/Web/API/Document, https://code.visualstudio.com/api
// Doesn't know which page a script runs in.
#include <algorithm>
#include <array>

#include "examine/scripts/evaluator.h"

namespace examine::script {

using code::syntax::Form;

namespace {

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// A selector or id of fields that hold passwords or payment cards.
bool names_secret_field(std::string_view selector) {
  if (selector.size() > 2000) return false;
  const auto text = lowered(selector);
  return has_any(text, {"password", "passwd", "cvv", "cvc", "card", "cc-num", "ccnum", "cc_num", "iban", "mnemonic", "seed-phrase"});
}

}  // namespace

bool Evaluator::fold_page(const CallSite& site, const std::string& last, Value& out) {
  static constexpr std::array<std::string_view, 7> finders = {"querySelector", "querySelectorAll", "getElementById", "getElementsByName", "getElementsByClassName", "$", "jQuery"};
  if (site.arguments.empty()) return false;
  const auto& first = site.arguments[0];
  const auto text = known_text(first.text);
  if (std::ranges::find(finders, last) != finders.end()) {
    out = Value::unknown(site.written);
    out.add_all(site.receiver);
    if (!names_secret_field(text)) return false;
    out.add({"credentials", "form field " + text.substr(0, 80), site.range.offset, evidence::Confidence::high, "", false});
    return true;
  }
  if (site.name == "document.createElement" && (text == "img" || text == "script" || text == "iframe")) {
    out = Value::marked({"@loads", site.name, site.range.offset, evidence::Confidence::high, "", false});
    return true;
  }
  return false;
}

void Evaluator::mark_event(const CallSite& site, Value& given) {
  const auto dot = site.name.rfind('.');
  const auto last = site.name.substr(dot == std::string::npos ? 0 : dot + 1);
  const auto kind = site.arguments.empty() ? std::string() : site.arguments[0].text;
  const bool whole_page = site.name.starts_with("document.") || site.name.starts_with("window.") || site.name == "addEventListener";
  if (last == "addEventListener" && whole_page && (kind == "keydown" || kind == "keyup" || kind == "keypress"))
    given.add({"@key-event", site.name, site.range.offset, evidence::Confidence::high, "", false});
  if (last.starts_with("on") && last.ends_with("TextDocument") && has_any(site.name, {"workspace."}))
    given.add({"files", "opened documents", site.range.offset, evidence::Confidence::high, "", false});
}

void Evaluator::send_by_loading(Ref target, const Value& value) {
  const auto& node = at(target);
  if (value.function != none_node && node.form == Form::name && node.text.find(".on") != std::string::npos) {  // socket.onmessage = f
    const auto on = node.text.rfind(".on");
    const auto source = lookup(node.text.substr(0, on));
    const auto* link = source.mark("@socket") ? source.mark("@socket") : source.mark("@request");
    if (link && at(value.function).children.size() > 1)
      call_function(value.function, {Value::marked({"network", node.text, node.range.offset, evidence::Confidence::high, link->endpoint, false})});
  }
  if (!value.is_private()) return;
  bool sends = false;
  std::string name = node.text;
  if (node.form == Form::name) {
    const auto dot = name.rfind('.');
    if (name == "location" || name.ends_with(".location") || name.ends_with("location.href")) sends = true;
    if (dot != std::string::npos && name.ends_with(".src")) sends = lookup(name.substr(0, dot)).mark("@loads") != nullptr;
  } else if (node.form == Form::index && node.children.size() == 2 && at(node.children[1]).text == "src") {
    name = "src";
    sends = eval(node.children[0]).mark("@loads") != nullptr;
  }
  if (!sends) return;
  const auto endpoint = endpoint_in(known_text(value.text));
  findings_.fact(evidence::Facet::outside, "network", endpoint, node.range, evidence::Confidence::high, {{"callee", name}});
  findings_.flow(value, "network", name, node.range, evidence::Confidence::high, endpoint);
}

}  // namespace examine::script
