// Commands in Makefiles: recipes, $(shell …) and VAR != …, handed on as one shell text, so that the
// scripts examiner reads them. Variables of make become variables of the shell as far as their
// names allow; functions of make other than shell become unknown variables.
// https://www.gnu.org/software/make/manual/make.html
// It doesn't evaluate conditionals, includes, pattern rules or functions: every recipe counts.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "examine/steps/steps.h"

namespace examine::hooks {
namespace {

constexpr std::size_t most_make = 2u << 20;
constexpr unsigned most_depth = 8;

bool name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Where the bracket that opens at `at` closes; npos when it doesn't.
std::size_t closing(std::string_view text, std::size_t at) {
  const char open = text[at], close = open == '(' ? ')' : '}';
  unsigned depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == open) ++depth;
    if (text[at] == close && --depth == 0) return at;
  }
  return std::string_view::npos;
}

/// Make's text as the shell would get it.
std::string as_shell(std::string_view text, unsigned depth = 0) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    if (next == '$') {
      out += '$';
      continue;
    }
    if (next != '(' && next != '{') {
      out += name_char(next) ? fmt::format("${{{}}}", next) : std::string("${MAKE_FILE}");
      continue;
    }
    const auto end = closing(text, i);
    if (end == std::string_view::npos) return out;
    const auto inner = text.substr(i + 1, end - i - 1);
    if (inner.starts_with("shell ") && depth < most_depth) out += "$(" + as_shell(inner.substr(6), depth + 1) + ")";
    else if (!inner.empty() && std::ranges::all_of(inner, name_char) && !std::isdigit(static_cast<unsigned char>(inner[0]))) out += "${" + std::string(inner) + "}";
    else out += "${MAKE_FILE}";
    i = end;
  }
  return out;
}

/// The commands of every $(shell …) of a line that is no recipe.
void shell_calls(std::string_view line, std::string& out) {
  for (const std::string_view start : {"$(shell ", "${shell "})
    for (auto at = line.find(start); at != std::string_view::npos; at = line.find(start, at)) {
      const auto end = closing(line, at + 1);
      if (end == std::string_view::npos) return;
      out += as_shell(line.substr(at + start.size(), end - at - start.size())) + "\n";
      at = end;
    }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// NAME = text, as an assignment of the shell in front of everything.
void definition(std::string_view line, std::string& out, std::string& run) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return;
  auto name = line.substr(0, equals);
  const auto value = trimmed(line.substr(equals + 1));
  if (name.ends_with('!')) {
    run += as_shell(value) + "\n";
    return;
  }
  while (!name.empty() && (name.back() == ':' || name.back() == '?' || name.back() == '+' || name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  if (name.starts_with("export ")) name = trimmed(name.substr(7));
  if (name.empty() || name.size() > 64 || !std::ranges::all_of(name, name_char) || value.size() > 4000 || value.find('$') != std::string_view::npos) return;
  if (value.find('\'') == std::string_view::npos) out += fmt::format("{}='{}'\n", name, value);
}

}  // namespace

std::string makefile_commands(std::string_view text) {
  std::string set, run;
  bool in_rule = false;
  for (std::size_t at = 0; at < text.size();) {
    std::string line;  // with its continuations
    bool more = true;
    while (more && at < text.size()) {
      const auto end = std::min(text.find('\n', at), text.size());
      auto part = text.substr(at, end - at);
      at = end + 1;
      more = part.ends_with('\\');
      if (more) part.remove_suffix(1);
      line += part;
      if (more) line += ' ';
    }
    if (line.starts_with('\t') && in_rule) {
      auto command = trimmed(line);
      while (!command.empty() && (command.front() == '@' || command.front() == '-' || command.front() == '+')) command = trimmed(command.substr(1));
      if (!command.empty() && !command.starts_with('#')) run += as_shell(command) + "\n";
      continue;
    }
    const auto plain = trimmed(line);
    if (plain.empty() || plain.starts_with('#')) continue;
    const auto colon = plain.find(':');
    in_rule = colon != std::string_view::npos && plain.substr(colon, 2) != ":=" && plain.find('=') > colon;
    shell_calls(plain, run);
    if (!in_rule) definition(plain, set, run);
  }
  return run.empty() ? run : set + run;
}

base::Result<> make_commands(const evidence::View& view, evidence::Sink& sink) {
  if (view.bytes.size() > most_make) return {};
  CHECK_OK(sink.spend(view.bytes.size() * 4));
  const auto commands = makefile_commands(base::text_of(view.bytes));
  if (commands.empty()) return {};
  artifact::Entry entry;
  entry.name = "make:commands";
  entry.origin = artifact::Origin::step;
  entry.kind = "script/shell";
  return sink.child(entry, base::bytes_of(commands));
}

}  // namespace examine::hooks
