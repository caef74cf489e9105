// Files that a script writes and reads again, and code in strings.
#include <algorithm>

#include <fmt/format.h>

#include "code/syntax/literal.h"
#include "examine/scripts/evaluator.h"

namespace examine::script {

using code::syntax::Language;
using evidence::Facet;

namespace {

constexpr unsigned most_nesting = 3;

std::string key_of(std::string_view path) {
  if (path.starts_with("./")) path.remove_prefix(2);
  return "file:" + std::string(path);
}

std::string tcp_endpoint(std::string_view path) {  // /dev/tcp/host/port
  std::string rest(path.substr(9));
  std::ranges::replace(rest, '/', ':');
  return known_text(rest);
}

}  // namespace

Value Evaluator::file_content(const std::string& path) const {
  const auto found = summary_.find(fmt::format("{}:{}", none_node, key_of(path)));
  return found == summary_.end() ? Value{} : found->second;
}

Value Evaluator::read_path(const Value& path, base::Range range) {
  const auto known = known_text(path.text);
  Value out;
  if (const auto* named = path.mark("files")) out.add(*named);  // the file of an opened document
  if (path.text.empty() || known == "/dev/null") return out;
  Value content = file_content(path.text);
  content.add_all(out);
  out = std::move(content);
  if (known.empty()) {  // a name that only the run knows: what was written there is read there
    out.file = path.text;
    return out;
  }
  if (known.starts_with("/dev/tcp/") || known.starts_with("/dev/udp/")) {
    out.add({"network", "/dev/tcp", range.offset, Confidence::high, tcp_endpoint(known), false});
    findings_.fact(Facet::outside, "network", tcp_endpoint(known), range, Confidence::high);
  } else if (const auto meaning = private_path(known); !meaning.word.empty()) {
    out.add({std::string(meaning.word), known, range.offset, meaning.confidence, "", false});
    findings_.fact(Facet::private_, meaning.word, known, range, meaning.confidence);
  }
  for (const std::string_view end : {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".ico", ".webp", ".wav", ".mp3", ".ogg", ".ttf", ".woff", ".woff2", ".pdf", ".mp4"})
    if (known.ends_with(end)) out.add({"@media", known, range.offset, Confidence::high, "", false});
  if (out.text.empty()) out.text = "\x01" + known + "\x02";
  out.file = path.text;
  return out;
}

void Evaluator::write_path(const Value& path, const Value& content, base::Range range, std::string_view by) {
  const auto known = known_text(path.text);
  if (path.text.empty() || known == "/dev/null" || known == "/dev/stderr" || known == "/dev/stdout") return;
  if (known.starts_with("/dev/tcp/") || known.starts_with("/dev/udp/")) {
    findings_.fact(Facet::outside, "network", tcp_endpoint(known), range, Confidence::high);
    findings_.flow(content, "network", "/dev/tcp", range, Confidence::high, tcp_endpoint(known));
    return;
  }
  const auto meaning = written_path(known);
  if (!meaning.word.empty()) {
    findings_.fact(meaning.facet, meaning.word, known, range, Confidence::high, {{"by", std::string(by)}});
    if (content.mark("network") && meaning.facet == Facet::command)
      findings_.flow(content, meaning.word, by, range, Confidence::medium, "");
    const bool accounts = known.find("/etc/passwd") != std::string::npos || known.find("/etc/shadow") != std::string::npos;
    const bool login = known.find("authorized_keys") != std::string::npos && (content.text.find("ssh-") != std::string::npos || content.text.find("ecdsa-") != std::string::npos);
    const bool sudo = known.find("/etc/sudoers") != std::string::npos && content.text.find("NOPASSWD") != std::string::npos;
    if ((accounts && content.text.find(":0:") != std::string::npos) || login)
      findings_.fact(Facet::trust, "backdoor-account", known, range, content.exact ? Confidence::high : Confidence::medium, {{"by", std::string(by)}});
    if (login) findings_.fact(Facet::account, "authorized-key", known, range, Confidence::high);
    if (sudo) findings_.fact(Facet::account, "sudo", known_text(content.text), range, Confidence::high);
    if (sudo) findings_.fact(Facet::power, "escalate", known, range, Confidence::high);
    const bool start = meaning.word == "persist" && known.find("/systemd/") == std::string::npos && !known.ends_with(".desktop") && !known.ends_with(".plist");
    if (start && content.text.size() > 8 && content.mark("decoded-string") == nullptr) {  // the lines of a start file are commands
      auto lines = content.text;
      if (known.find("cron") != std::string::npos) lines.erase(0, lines.find_first_not_of("0123456789*/,- @rebootdailyhourlyweekly"));
      if (lines.size() > 2) run_text(content.exact ? Value::constant(lines) : content, Language::shell, range, "start file", "execute-command");
    }
  }
  state_archive_source(known, content, range);
  if (known.starts_with("/proc/sys/kernel/") || known.ends_with("/selinux/enforce"))
    findings_.fact(Facet::power, "disable-security", known, range, Confidence::low);
  if (tree_.language != Language::shell && content.text.starts_with("#!") && content.text.substr(0, content.text.find('\n')).ends_with("sh"))
    run_inner(content, Language::shell, range);  // a script that is written runs later
  remember(fmt::format("{}:{}", none_node, key_of(path.text)), content);
}

/// A package system that is told of another archive, or to take what nobody signed.
void Evaluator::state_archive_source(const std::string& path, const Value& content, base::Range range) {
  const auto text = known_text(content.text);
  const auto says = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  const bool sources = path.find("/etc/apt/sources.list") != std::string::npos || path.find("/etc/yum.repos.d/") != std::string::npos || path.find("/etc/zypp/repos.d/") != std::string::npos;
  const bool settings = path.find("/etc/apt/apt.conf") != std::string::npos || path.find("/etc/yum.conf") != std::string::npos || path.find("/etc/dnf/") != std::string::npos;
  const bool names = says("http://") || says("https://") || says("ftp://");
  if (sources && names) findings_.fact(Facet::command, "change-trust", path, range, Confidence::high, {{"source", endpoint_in(text)}});
  if ((sources || settings) && (says("trusted=yes") || says("allow-insecure=yes") || says("gpgcheck=0") || says("AllowUnauthenticated") || says("AllowInsecureRepositories")))
    findings_.fact(Facet::trust, "signature-bypass", path, range, Confidence::high);
  const bool roots = path.find("/usr/local/share/ca-certificates/") != std::string::npos || path.find("/ca-trust/source/") != std::string::npos ||
                     path.find("/ca-certificates/trust-source/") != std::string::npos;
  if (roots) findings_.fact(Facet::trust, "added-trust-root", path, range, Confidence::high);
}

void Evaluator::authenticate(const std::string& text) {
  if (text.empty() || failure_ignored_) return;
  for (auto& [key, value] : summary_) {
    const auto colon = key.find(":file:");
    if (colon == std::string::npos) continue;
    const auto path = key.substr(colon + 6);
    if (path.size() < 2 || text.find(path) == std::string::npos) continue;
    for (auto& mark : value.marks) mark.authenticated = true;
  }
}

Value Evaluator::run_text(const Value& text, Language language, base::Range range, std::string_view sink, std::string_view to) {
  findings_.flow(text, to, sink, range, Confidence::high, "");
  if (text.text.size() < 2 || nesting_ >= most_nesting) return {};
  const bool decoded = text.mark("decoded-string") != nullptr;
  if (text.exact && (decoded || language != Language::shell || text.text.size() > 400))
    findings_.nested({fmt::format("{} at {}", sink, range.offset), fmt::format("script/{}", name_of(language)), text.text, decoded}, range);
  if (decoded || language != Language::shell) return {};
  return run_inner(text, language, range);
}

Value Evaluator::run_inner(const Value& text, Language language, base::Range range) {
  if (nesting_ >= most_nesting) return {};
  // Unknown parts become a variable that carries all of the text's marks.
  std::string shown;
  bool inside = false;
  for (const char c : text.text.substr(0, 64u << 10)) {
    if (c == '\x01') shown += "${ASSAY_PART}", inside = true;
    else if (c == '\x02') inside = false;
    else if (!inside) shown += c;
  }
  spend(shown.size() * 4);
  const auto tree = code::syntax::parse(shown, language);
  if (!tree || exhausted_) return {};
  Findings inner;
  Evaluator sub(*tree, shown, inner, (step_limit_ - steps_) / 4, nesting_ + 1);
  Value part = Value::unknown("part");
  part.add_all(text);
  sub.preset("ASSAY_PART", std::move(part));
  const bool whole = static_cast<bool>(sub.run());
  spend(sub.steps());
  if (!whole) exhausted_ = true;
  for (auto item : inner.items()) {
    const auto unit = findings_.unit();
    item.range = range;
    if (item.attributes.contains("source_at")) item.attributes["source_at"] = std::to_string(range.offset);
    findings_.fact(item.facet, item.word, item.value, range, item.confidence, item.attributes);
  }
  for (const auto& [at, code] : inner.children()) findings_.nested(code, range);
  return sub.output();
}

}  // namespace examine::script
