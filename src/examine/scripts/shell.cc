// Shell: pipelines, redirections, substitutions, and which command gets what on its input.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "examine/scripts/evaluator.h"

namespace examine::script {

using code::syntax::Form;
using code::syntax::Language;
using code::syntax::Node;
using evidence::Facet;

namespace {

std::string base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

struct Wrapper {
  std::string_view name;
  std::string_view with_value;  ///< option letters that take a value
};
constexpr std::array<Wrapper, 20> wrappers = {{
    {"sudo", "ugpCrtTUD"}, {"doas", "uC"},     {"nohup", ""},   {"exec", "a"},     {"command", ""}, {"builtin", ""},    {"busybox", ""},
    {"toybox", ""},        {"xargs", "IdEnLsPa"}, {"time", "fo"}, {"nice", "n"},   {"ionice", "cn"}, {"timeout", "ks"}, {"setsid", ""},
    {"stdbuf", "ioe"},     {"env", "uCS"},     {"eatmydata", ""}, {"torsocks", ""}, {"proxychains", "f"}, {"fakeroot", ""},
}};

bool is_assignment(std::string_view word) {
  const auto equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

/// `$get url` with get="curl -fsS": an unquoted variable is split into words. $SHELL is a shell.
void split_name(ShellCommand& c, Form form) {
  for (const auto* name : {"SHELL", "CONFIG_SHELL", "BASH"})
    if (c.whole_name.text == Value::unknown(name).text) c.whole_name = Value::constant("sh");
  const auto text = c.whole_name.text;
  if (form != Form::name || !c.whole_name.exact || text.find(' ') == std::string::npos || text.size() > 400) return;
  std::vector<Value> parts;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    if (end > at) parts.push_back(Value::constant(text.substr(at, end - at)));
    at = end + 1;
  }
  if (parts.empty()) return;
  for (auto& p : parts) p.add_all(c.whole_name);
  c.whole_name = parts.front();
  c.words.insert(c.words.begin(), parts.begin() + 1, parts.end());
}

/// Drops `sudo -u x`, `env A=b`, ... in front of the command that really runs.
void unwrap(ShellCommand& c) {
  for (unsigned turn = 0; turn < 6; ++turn) {
    const auto wrapper = std::ranges::find(wrappers, c.name, &Wrapper::name);
    if (wrapper == wrappers.end()) return;
    std::size_t i = 0;
    for (; i < c.words.size(); ++i) {
      const auto& word = c.words[i].text;
      if (word.size() >= 2 && word[0] == '-') {
        if (word.size() == 2 && wrapper->with_value.find(word[1]) != std::string_view::npos) ++i;
        continue;
      }
      if (c.name == "env" && is_assignment(word)) continue;
      if (c.name == "timeout" && i < c.words.size() && !word.empty() && std::isdigit(static_cast<unsigned char>(word[0]))) continue;
      break;
    }
    if (i >= c.words.size()) return;
    const bool xargs = c.name == "xargs";
    c.whole_name = c.words[i];
    c.name = c.whole_name.exact ? base_name(c.whole_name.text) : std::string();
    c.words.erase(c.words.begin(), c.words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    if (xargs) {
      c.words.push_back(c.in);
      c.in = {};
    }
  }
}

}  // namespace

bool ShellCommand::is(std::initializer_list<std::string_view> names) const { return std::ranges::find(names, name) != names.end(); }

bool ShellCommand::has(std::string_view word) const {
  return std::ranges::any_of(words, [&](const Value& v) { return v.text == word; });
}

const Value* ShellCommand::after(std::initializer_list<std::string_view> options) const {
  for (std::size_t i = 0; i < words.size(); ++i)
    for (const auto option : options)
      if (words[i].text == option && i + 1 < words.size()) return &words[i + 1];
  return nullptr;
}

std::string ShellCommand::line() const {
  std::string out = name;
  for (const auto& w : words)
    if (out.size() < 16384) out += " " + known_text(w.text);
  return out;
}

Value Evaluator::eval_command(const Node& node) {
  if (node.children.empty()) return {};
  ShellCommand command;
  command.range = node.range;
  command.whole_name = eval(node.children[0]);
  command.in = stdin_;
  const Value outer = std::exchange(stdin_, Value{});  // substitutions in words don't read it
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    Ref child = node.children[i];
    if (at(child).form == Form::join && at(child).children.size() == 1) child = at(child).children[0];
    Value word = eval(child);
    const Node* plain = &at(child);
    if (plain->form == Form::name && plain->text == "@" && word.items) {
      for (const auto& item : *word.items) command.words.push_back(item);
    } else {
      command.words.push_back(std::move(word));
    }
  }
  stdin_ = outer;
  split_name(command, at(node.children[0]).form);
  command.name = command.whole_name.exact ? base_name(command.whole_name.text) : std::string();
  if (!command.whole_name.exact && command.whole_name.text.find('/') != std::string::npos) {
    auto tail = base_name(command.whole_name.text);
    if (tail.find('\x01') == std::string::npos && tail.find('\x02') == std::string::npos) command.name = tail;  // $prefix/bin/curl
  }
  spend(command.words.size());
  unwrap(command);
  return run_command(command);
}

Value Evaluator::eval_pipeline(const Node& node) {
  const Value outer = stdin_;
  Value carried = outer;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    stdin_ = carried;
    carried = eval(node.children[i]);
  }
  stdin_ = outer;
  return carried;
}

Value Evaluator::eval_redirect(const Node& node) {
  if (node.children.size() < 2) return eval_all(node);
  const Ref body = node.children[0];
  const Value target = eval(node.children[1]);
  const auto first = node.text.find_first_not_of("0123456789");
  const auto fd = node.text.substr(0, first == std::string::npos ? 0 : first);
  const auto op = first == std::string::npos ? std::string() : node.text.substr(first);
  const bool bare_exec = body != none_node && at(body).form == Form::command && at(body).children.size() == 1 && at(at(body).children[0]).text == "exec";
  const auto known = known_text(target.text);
  const bool tcp = known.starts_with("/dev/tcp/") || known.starts_with("/dev/udp/");
  const auto shell_name = [&](Ref ref) {
    for (unsigned hop = 0; hop < 8 && ref != none_node && at(ref).form == Form::redirect && !at(ref).children.empty(); ++hop) ref = at(ref).children[0];
    if (ref == none_node || at(ref).form != Form::command || at(ref).children.empty()) return std::string();
    for (const Ref c : at(ref).children) {
      auto name = base_name(at(c).text);
      if (std::ranges::find(wrappers, name, &Wrapper::name) == wrappers.end()) return name;
    }
    return std::string();
  }(body);
  if (tcp && (shell_name == "bash" || shell_name == "sh" || shell_name == "zsh" || shell_name == "ksh" || shell_name == "dash")) {
    findings_.fact(Facet::command, "open-shell", shell_name, node.range, Confidence::high);
    findings_.whole_flow("network to open-shell", "/dev/tcp", shell_name, node.range, Confidence::high, known.substr(9));
  }
  if (op.starts_with("<")) {
    Value in = op == "<<" || op == "<<<" || op == "<<-" ? target : op == "<&" ? lookup("fd:" + known) : read_path(target, node.range);
    if (bare_exec || (body == none_node && !fd.empty())) {
      assign("fd:" + (fd.empty() ? "0" : fd), in, false);
      if (tcp) write_path(target, {}, node.range, "exec");
      return {};
    }
    if (body == none_node) return in;
    const Value outer = std::exchange(stdin_, in);
    Value out = eval(body);
    stdin_ = outer;
    return out;
  }
  Value out = body == none_node ? Value{} : eval(body);
  if (bare_exec) {
    if (tcp) assign("fd:" + (fd.empty() ? "1" : fd), Value::marked({"network", "/dev/tcp", node.range.offset, Confidence::high, known.substr(9), false}), false);
    return {};
  }
  if (op == ">&" || op == "&>" || op == "&>>") {
    if (const auto digit = !known.empty() && known.find_first_not_of("0123456789-") == std::string::npos; digit) {
      const Value to = known == "1" || known == "2" ? Value{} : lookup("fd:" + known);
      if (const auto* m = to.mark("network")) findings_.flow(out, "network", "/dev/tcp", node.range, Confidence::high, m->endpoint);
      return out;
    }
  }
  if (fd == "2") return out;
  if (known.starts_with("/var/log/") && out.text.empty() && out.marks.empty() && op != ">>")
    findings_.fact(Facet::concealment, "log-tampering", known, node.range,
                   known.find("auth") != std::string::npos || known.find("tmp") != std::string::npos || known.find("secure") != std::string::npos ||
                           known.find("lastlog") != std::string::npos
                       ? Confidence::medium
                       : Confidence::low);
  write_path(target, out, node.range, "redirection");
  return {};
}

Value Evaluator::eval_capture(const Node& node) {
  const Value outer = std::exchange(stdin_, Value{});
  Value out;
  std::size_t spoke = 0;
  for (const Ref c : node.children) {
    Value value = eval(c);
    out = ++spoke == 1 ? std::move(value) : concat(out, value);
  }
  stdin_ = outer;
  while (node.text == "$(" && !out.text.empty() && out.text.back() == '\n') out.text.pop_back();
  if (node.text == "<(") {  // a file name whose content is the output
    Value file = Value::unknown("/dev/fd");
    file.add_all(out);
    file.file = "<(";
    return file;
  }
  if (out.text.empty() && !out.exact) out.text = "\x01" + fmt::format("output@{}", node.range.offset) + "\x02";
  return out;
}

Value Evaluator::run_command(ShellCommand& c) {
  spend(1);
  if (c.name.empty() && is_assignment(known_text(c.whole_name.text))) return {};  // x=$y that the grammar took for a command
  if (c.name.empty()) {  // the command itself is computed
    Value text = c.whole_name;
    findings_.flow(text, "execute-command", "command", c.range, Confidence::high, "");
    run_file(c.whole_name, c, "execute-command");
    Value out = Value::unknown("command");
    out.add_all(c.in, Confidence::medium);
    return out;
  }
  if (const auto found = functions_.find(c.name); found != functions_.end() && found->second.node != none_node)
    return call_function(found->second.node, c.words);
  if (c.whole_name.text.find('/') != std::string::npos) run_file(c.whole_name, c, "execute-command");
  state_command(c);
  bool known = false;
  Value out = run_source(c, known);
  if (known) return out;
  if (c.is({"curl"})) return run_curl(c);
  if (c.is({"wget", "fetch", "lwp-download", "aria2c"})) return run_wget(c);
  if (c.is({"nc", "ncat", "netcat", "nc.traditional", "nc.openbsd", "socat", "telnet"})) return run_netcat(c);
  if (c.is({"scp", "rsync", "ssh", "sftp", "ftp", "tftp", "mail", "mailx", "sendmail", "mutt", "aws", "gsutil", "rclone", "dig", "nslookup", "host", "ping", "logger",
            "sshpass", "s3cmd", "dropbox_uploader.sh"}))
    return run_transfer(c);
  if (c.is({"sh", "bash", "dash", "ksh", "zsh", "ash", "mksh", "fish", "python", "python2", "python3", "perl", "ruby", "node", "nodejs", "php", "eval", "source", ".",
            "su", "runuser", "at", "batch", "pwsh", "osascript"}) ||
      c.name.starts_with("python3."))
    return run_interpreter(c);
  return run_filter(c);
}

}  // namespace examine::script
