// Shell commands that reach outside: what they send, what they fetch, where it goes.
// curl(1), wget(1), nc(1), socat(1), ssh(1).
#include <algorithm>

#include <fmt/format.h>

#include "examine/scripts/evaluator.h"

namespace examine::script {

using code::syntax::Language;
using evidence::Facet;

namespace {

std::string last_part(std::string_view url) {
  auto text = std::string(url.substr(0, url.find_first_of("?#")));
  const auto slash = text.rfind('/');
  return slash == std::string::npos ? text : text.substr(slash + 1);
}

struct Fetch {
  Value url, sent, output;
  bool writes = false, insecure = false, remote_name = false, stdout_ = false, uploads = false;
};

/// Splits "-sSfLo" into letters; `with_value` letters take the rest or the next word.
template <class Option>
void each_option(const std::vector<Value>& words, std::string_view with_value, Option option) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& text = words[i].text;
    if (text.size() < 2 || text[0] != '-') {
      option(std::string(), &words[i]);
      continue;
    }
    if (text[1] == '-') {
      const auto equals = text.find('=');
      if (equals != std::string::npos) {
        Value value = words[i];
        value.text = text.substr(equals + 1);
        option(text.substr(0, equals), &value);
      } else {
        option(text, i + 1 < words.size() ? &words[i + 1] : nullptr);
      }
      continue;
    }
    for (std::size_t l = 1; l < text.size(); ++l) {
      const std::string letter = std::string("-") + text[l];
      if (with_value.find(text[l]) == std::string_view::npos) {
        option(letter, nullptr);
        continue;
      }
      if (l + 1 < text.size()) {
        Value value = words[i];
        value.text = text.substr(l + 1);
        option(letter, &value);
      } else if (i + 1 < words.size()) {
        option(letter, &words[++i]);
      }
      break;
    }
  }
}

/// "/bin/sh", "EXEC:bash -li,pty", "cmd.exe"
bool names_shell(std::string_view program) {
  for (const auto shell : {"sh", "bash", "dash", "zsh", "ksh", "ash", "cmd", "cmd.exe", "powershell", "powershell.exe"}) {
    const std::string_view name = shell;
    for (auto at = program.find(name); at != std::string_view::npos; at = program.find(name, at + 1)) {
      const char before = at ? program[at - 1] : '/', after = at + name.size() < program.size() ? program[at + name.size()] : ' ';
      if ((before == '/' || before == ':' || before == ' ' || before == '"' || before == '\'') && (after == ' ' || after == ',' || after == '"' || after == '\'')) return true;
    }
  }
  return false;
}

bool among(std::string_view word, std::initializer_list<std::string_view> all) { return std::ranges::find(all, word) != all.end(); }

}  // namespace

Value Evaluator::run_curl(ShellCommand& c) {
  Fetch use;
  std::vector<const Value*> skip;
  each_option(c.words, "AbcCdDeEFHKmoPQrtTuUwxXyYz", [&](const std::string& option, const Value* value) {
    const bool form = among(option, {"-F", "--form"});
    if (option.empty()) {
      if (value && std::ranges::find(skip, value) == skip.end() && use.url.text.empty()) use.url = *value;
      if (value) use.url.add_all(*value);
      return;
    }
    if (among(option, {"-d", "--data", "--data-binary", "--data-raw", "--data-urlencode", "--data-ascii", "-F", "--form", "--form-string", "--json"}) && value) {
      skip.push_back(value);
      use.uploads = true;
      use.sent.add_all(*value);
      const auto at = form ? value->text.find("=@") : value->text.starts_with("@") ? 0 : value->text.find("=@");
      if (at != std::string::npos) {
        Value path = *value;
        path.text = value->text.substr(at + (value->text[at] == '@' ? 1 : 2));
        path.text = path.text.substr(0, path.text.find(';'));
        use.sent.add_all(path.text == "-" ? c.in : read_path(path, c.range));
      }
    } else if (among(option, {"-T", "--upload-file"}) && value) {
      skip.push_back(value);
      use.uploads = true;
      use.sent.add_all(*value);
      use.sent.add_all(value->text == "-" ? c.in : read_path(*value, c.range));
    } else if (among(option, {"-H", "--header", "-u", "--user", "-b", "--cookie", "-A", "--user-agent", "-e"}) && value) {
      skip.push_back(value);
      use.sent.add_all(*value, Confidence::low);
    } else if (among(option, {"-o", "--output"}) && value) {
      skip.push_back(value);
      use.output = *value;
      use.writes = value->text != "-";
    } else if (among(option, {"-O", "--remote-name"})) {
      use.remote_name = true;
    } else if (among(option, {"-k", "--insecure"})) {
      use.insecure = true;
    } else if (among(option, {"--request", "--connect-timeout", "--max-time", "--retry", "--proxy", "--cacert", "--cert", "--key", "--resolve", "--url", "--write-out",
                              "--retry-delay", "--max-redirs", "--dump-header", "--proto", "--range", "--referer", "--config", "--limit-rate"}) &&
               value) {
      skip.push_back(value);
      if (option == "--url") use.url = *value;
    }
  });
  const auto endpoint = endpoint_in(known_text(use.url.text));
  findings_.fact(Facet::outside, "network", endpoint, c.range, Confidence::high, {{"callee", c.name}});
  use.sent.add_all(use.url);
  findings_.flow(use.sent, "network", c.name, c.range, Confidence::high, endpoint);
  Value got = Value::unknown(fmt::format("download@{}", c.range.offset));
  got.add({"network", c.name + " " + known_text(use.url.text).substr(0, 200), c.range.offset, Confidence::high, endpoint, false});
  if (use.remote_name) use.output = Value::constant(last_part(use.url.text));
  if (!use.writes && !use.remote_name) return got;
  write_path(use.output, got, c.range, c.name);
  return {};
}

Value Evaluator::run_wget(ShellCommand& c) {
  Fetch use;
  const Value* skip = nullptr;
  each_option(c.words, "oOaeiUPtTwQBADRIXl", [&](const std::string& option, const Value* value) {
    if (option.empty()) {
      if (value != skip && use.url.text.empty()) use.url = *value;
      return;
    }
    if (among(option, {"--post-data", "--body-data", "--post-file", "--body-file"}) && value) {
      use.uploads = true;
      use.sent.add_all(*value);
      if (option.ends_with("file")) use.sent.add_all(value->text == "-" ? c.in : read_path(*value, c.range));
      skip = value;
    } else if (among(option, {"-O", "--output-document"}) && value) {
      use.output = *value;
      use.writes = true;
      use.stdout_ = value->text == "-" || value->text == "/dev/stdout";
      skip = value;
    } else if (among(option, {"--header", "--user-agent", "--timeout", "--tries", "--user", "--password"})) {
      if (value) use.sent.add_all(*value, Confidence::low);
      skip = value;
    }
  });
  const auto endpoint = endpoint_in(known_text(use.url.text));
  findings_.fact(Facet::outside, "network", endpoint, c.range, Confidence::high, {{"callee", c.name}});
  use.sent.add_all(use.url);
  findings_.flow(use.sent, "network", c.name, c.range, Confidence::high, endpoint);
  Value got = Value::unknown(fmt::format("download@{}", c.range.offset));
  got.add({"network", c.name + " " + known_text(use.url.text).substr(0, 200), c.range.offset, Confidence::high, endpoint, false});
  if (use.stdout_) return got;
  if (!use.writes) use.output = Value::constant(last_part(use.url.text));
  write_path(use.output, got, c.range, c.name);
  return {};
}

Value Evaluator::run_netcat(ShellCommand& c) {
  std::string host, program;
  bool listens = false;
  for (std::size_t i = 0; i < c.words.size(); ++i) {
    const auto known = known_text(c.words[i].text);
    if (c.name == "socat") {
      const auto exec = std::min(known.find("EXEC:"), known.find("SYSTEM:"));
      if (exec != std::string::npos || known.starts_with("exec:") || known.starts_with("system:")) program = known;
      if (known.find("LISTEN") != std::string::npos || known.find("listen") != std::string::npos) listens = true;
      else if (known.find(':') != std::string::npos && program != known) host = known;
    } else if (known == "-e" || known == "-c" || known == "--exec" || known == "--sh-exec") {
      if (i + 1 < c.words.size()) program = known_text(c.words[i + 1].text), ++i;
      if (program.empty()) program = "(computed)";
    } else if (known.size() > 1 && known[0] == '-' && known[1] != '-') {
      if (known.find('l') != std::string::npos) listens = true;
      if (known.ends_with('e') && i + 1 < c.words.size() && c.name != "telnet") program = known_text(c.words[++i].text);
    } else if (known == "--listen") {
      listens = true;
    } else if (!known.starts_with('-')) {
      host += (host.empty() ? "" : ":") + known;
    }
  }
  if (listens) findings_.fact(Facet::power, "listen", host, c.range, Confidence::high, {{"callee", c.name}});
  findings_.fact(Facet::outside, "network", host, c.range, Confidence::high, {{"callee", c.name}});
  if (!program.empty()) {
    const bool shell = names_shell(program);
    findings_.fact(Facet::command, shell ? "open-shell" : "execute-command", program, c.range, Confidence::high);
    // a program that isn't a shell serves the network; that alone is no command from it
    findings_.whole_flow(shell ? "network to open-shell" : "network to execute-command", c.name, program, c.range, shell ? Confidence::high : Confidence::low, host);
  }
  Value sent = c.in;
  for (const auto& w : c.words) sent.add_all(w);
  findings_.flow(sent, "network", c.name, c.range, Confidence::high, host);
  Value got = Value::unknown(c.name);
  got.add({"network", c.name, c.range.offset, Confidence::high, host, false});
  return got;
}

Value Evaluator::run_transfer(ShellCommand& c) {
  Value sent = c.in;
  std::string where;
  bool remote = c.is({"ssh", "sftp", "ftp", "tftp", "mail", "mailx", "sendmail", "mutt", "dig", "nslookup", "host", "ping", "logger", "sshpass"});
  for (const auto& w : c.words) {
    const auto known = known_text(w.text);
    if (known.starts_with('-')) continue;
    const bool far = known.find("://") != std::string::npos || (known.find(':') != std::string::npos && !known.starts_with('/')) || known.find('@') != std::string::npos;
    if (far && where.empty()) where = known;
    remote |= far;
    sent.add_all(w);
    if (c.is({"scp", "rsync", "aws", "gsutil", "rclone", "s3cmd", "mutt", "mail"}) && !far) {
      const auto* key = c.after({"-i", "-F", "-e"});
      if (!key || key->text != w.text) sent.add_all(read_path(w, c.range));
    }
  }
  const bool dns = c.is({"dig", "nslookup", "host", "ping"});
  const std::string_view way = dns ? "dns" : c.is({"logger"}) ? "log" : "network";
  if (!remote) return {};
  findings_.fact(Facet::outside, way, where, c.range, dns && !sent.is_private() ? Confidence::low : Confidence::high, {{"callee", c.name}});
  findings_.flow(sent, way, c.name, c.range, c.is({"logger"}) ? Confidence::low : Confidence::high, where);
  if (c.is({"ssh"}) && (c.has("-R") || std::ranges::any_of(c.words, [](const Value& v) { return v.text.starts_with("-R") || (v.text.starts_with("-") && v.text.size() < 8 && v.text.find('R') != std::string::npos); })))
    findings_.fact(Facet::power, "listen", "reverse tunnel", c.range, Confidence::high, {{"callee", c.name}});
  Value got = Value::unknown(c.name);
  if (c.is({"ssh"}) || dns) got.add({dns ? "dns" : "network", c.name, c.range.offset, dns ? Confidence::medium : Confidence::low, where, false});
  return got;
}

}  // namespace examine::script
