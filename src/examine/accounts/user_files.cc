// passwd(5), shadow(5), sudoers(5), authorized_keys (sshd(8)), and defaults in configuration.
#include <algorithm>
#include <array>

#include "examine/accounts/part.h"
#include "parse/pem/pem.h"
#include "parse/x509/private_key.h"

namespace examine::account_parts {
namespace {

using namespace std::string_view_literals;
using evidence::Confidence;
using evidence::Facet;

bool is_login_shell(std::string_view shell) {
  const auto name = shell.substr(shell.rfind('/') + 1);
  return std::ranges::none_of(std::array{"nologin"sv, "false"sv, "sync"sv, "halt"sv, "shutdown"sv, "true"sv, "git-shell"sv}, [&](auto n) { return n == name; });
}

std::string password_state(std::string_view field) {
  if (field.empty()) return "empty";
  if (field == "x") return "shadow";
  if (field[0] == '*' || field[0] == '!') return "locked";
  return "set";
}

void read_passwd(const evidence::View& view, evidence::Sink& sink) {
  for (const auto& line : lines_of(view.bytes, 5000)) {
    const auto f = split(line.text, ':');
    if (f.size() != 7 || f[0].empty() || line.text[0] == '#') continue;
    const base::Range range{line.offset, line.text.size()};
    const auto password = password_state(f[1]);
    const std::map<std::string, std::string> attributes = {{"uid", std::string(f[2])}, {"gid", std::string(f[3])}, {"home", std::string(f[5])}, {"shell", std::string(f[6])}, {"password", password}};
    state(sink, Facet::account, "user", std::string(f[0]), range, attributes);
    const bool may_log_in = is_login_shell(f[6]);
    const bool zero = !f[2].empty() && f[2].find_first_not_of('0') == std::string_view::npos;
    auto why = attributes;
    if (zero && f[0] != "root" && (may_log_in || password == "set")) {
      why["why"] = "a second account with the rights of root";
      state(sink, Facet::trust, "backdoor-account", std::string(f[0]), range, why);
    } else if (password == "empty" && may_log_in) {
      why["why"] = "an empty password and a login shell";
      state(sink, Facet::trust, "backdoor-account", std::string(f[0]), range, why);
    }
  }
}

void read_shadow(const evidence::View& view, evidence::Sink& sink) {
  for (const auto& line : lines_of(view.bytes, 5000)) {
    const auto f = split(line.text, ':');
    if (f.size() != 9 || f[0].empty() || line.text[0] == '#') continue;
    const base::Range range{line.offset, line.text.size()};
    const auto password = password_state(f[1]);
    evidence::Item item;
    item.facet = Facet::account;
    item.word = "user";
    item.value = std::string(f[0]);
    item.attributes = {{"password", password}};
    item.range = range;
    item.excerpt = std::string(f[0]) + ":…";  // never the hash
    sink.state(item);
    if (password != "empty") continue;
    item.facet = Facet::trust;
    item.word = "backdoor-account";
    item.attributes["why"] = "an empty password";
    sink.state(std::move(item));
  }
}

// "user HOST = (RUNAS) NOPASSWD: COMMANDS". Aliases and defaults are left out.
void read_sudoers(const evidence::View& view, evidence::Sink& sink) {
  for (const auto& line : lines_of(view.bytes, 5000)) {
    if (line.text[0] == '#' || line.text[0] == '@' || line.text.starts_with("Defaults")) continue;
    const auto equal = line.text.find('=');
    const auto words = words_of(line.text);
    if (equal == std::string_view::npos || words.size() < 2 || words[0].ends_with("_Alias")) continue;
    const auto rights = line.text.substr(equal + 1);
    const bool free = rights.find("NOPASSWD") != std::string_view::npos;
    const auto commands = words_of(rights.substr(rights.rfind(rights.find(':') != std::string_view::npos ? ':' : ')') + 1));
    const bool everything = std::ranges::any_of(commands, [](auto w) { return w == "ALL" || w == "ALL,"; });
    const bool group = words[0].starts_with('%') || words[0].starts_with('+');
    const base::Range range{line.offset, line.text.size()};
    state(sink, Facet::account, "sudo", std::string(words[0]), range,
          {{"password", free ? "not asked" : "asked"}, {"commands", everything ? "ALL" : std::string(rights.substr(0, 200))}, {"group", group ? "yes" : "no"}});
    if (free && words[0] != "root") state(sink, Facet::power, "escalate", std::string(words[0]), range, {{"commands", everything ? "ALL" : "listed"}, {"password", "not asked"}});
  }
}

bool is_authorized_keys(const std::string& path) {
  const auto name = std::string_view(path).substr(path.rfind('/') + 1);
  return (name == "authorized_keys" || name == "authorized_keys2") && (path.find(".ssh/") != std::string::npos || path.find("etc/ssh/") != std::string::npos || path.find("etc/dropbear/") != std::string::npos);
}

void read_authorized_keys(const evidence::View& view, evidence::Sink& sink) {
  const auto path = view.place.path();
  const bool home = path.starts_with("root/") || path.starts_with("home/") || path.find("/root/") != std::string::npos || path.find("/home/") != std::string::npos || path.find("etc/") != std::string::npos ||
                    path.starts_with("var/lib/") || path.starts_with(".ssh/");
  for (const auto& line : lines_of(view.bytes, 5000)) {
    if (line.text[0] == '#') continue;
    const auto words = words_of(line.text);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (!words[i + 1].starts_with("AAAA")) continue;
      const auto blob = parse::pem::decode_base64(words[i + 1]);
      const auto key = blob ? parse::x509::read_ssh_public_key(*blob) : base::fail(base::Trouble::malformed, "no base64");
      if (!key) continue;
      const base::Range range{line.offset, line.text.size()};
      const std::map<std::string, std::string> attributes = {{"type", key->type}, {"path", path}, {"options", i ? std::string(words[0]).substr(0, 200) : ""}};
      const auto value = "SHA256:" + key->fingerprint.hex();
      state(sink, Facet::account, "authorized-key", value, range, attributes);
      if (home) state(sink, Facet::trust, "backdoor-account", value, range, {{"why", "a shipped key that may log in"}, {"path", path}});
      break;
    }
  }
}

// A line of live configuration that sets a password to one that everybody knows.
void read_default_logins(const evidence::View& view, evidence::Sink& sink) {
  static constexpr std::array keys = {"password"sv, "passwd"sv, "passphrase"sv, "pass"sv, "psk"sv, "admin_password"sv, "adminpass"sv, "default_password"sv, "root_password"sv};
  static constexpr std::array values = {"admin"sv, "password"sv, "1234"sv, "12345"sv, "123456"sv, "12345678"sv, "root"sv, "toor"sv, "default"sv, "changeme"sv, "guest"sv};
  for (const auto& line : lines_of(view.bytes, 5000)) {
    if (line.text.size() > 200 || "#;/<%*"sv.find(line.text[0]) != std::string_view::npos) continue;
    const auto at = line.text.find_first_of("=:");
    if (at == std::string_view::npos) continue;
    const auto bare = [](std::string_view s) {
      const auto first = s.find_first_not_of(" \t\"',;");
      return first == std::string_view::npos ? std::string_view{} : s.substr(first, s.find_last_not_of(" \t\"',;") - first + 1);
    };
    std::string key(bare(line.text.substr(0, at)));
    for (auto& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const auto value = bare(line.text.substr(at + 1));
    if (std::ranges::find(keys, key) == keys.end() || std::ranges::find(values, value) == values.end()) continue;
    evidence::Item item;
    item.facet = Facet::account;
    item.word = "default-login";
    item.value = std::string(value);
    item.secret = true;
    item.attributes = {{"setting", key}};
    item.range = {line.offset, line.text.size()};
    item.confidence = Confidence::medium;
    sink.state(std::move(item));
  }
}

}  // namespace

base::Result<> read_user_files(const evidence::View& view, evidence::Sink& sink) {
  const auto path = view.place.path();
  if (is_at(path, "etc/passwd") || is_at(path, "etc/passwd-")) read_passwd(view, sink);
  else if (is_at(path, "etc/shadow") || is_at(path, "etc/shadow-")) read_shadow(view, sink);
  else if (is_at(path, "etc/sudoers") || !below(path, "etc/sudoers.d/").empty()) read_sudoers(view, sink);
  else if (is_authorized_keys(path)) read_authorized_keys(view, sink);
  else if (!below(path, "etc/").empty() && view.bytes.size() < (1u << 20)) read_default_logins(view, sink);
  else return {};
  return sink.spend(view.bytes.size());
}

}  // namespace examine::account_parts
