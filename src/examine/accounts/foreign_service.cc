// Services of other systems in text form: launchd property lists (XML), Windows .inf and .reg files
// with services and Run keys. Binary property lists and MSI tables are not read.
#include <algorithm>
#include <utility>

#include "examine/accounts/part.h"

namespace examine::account_parts {
namespace {

using namespace std::string_view_literals;

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool done = false;
    for (const auto& [name, c] : {std::pair{"&amp;"sv, '&'}, std::pair{"&lt;"sv, '<'}, std::pair{"&gt;"sv, '>'}, std::pair{"&quot;"sv, '"'}, std::pair{"&apos;"sv, '\''}})
      if (text.substr(i).starts_with(name)) out += c, i += name.size() - 1, done = true;
    if (!done) out += text[i];
  }
  return out;
}

// The <string>s after a key, up to the next </array> for ProgramArguments.
std::vector<std::string> strings_after(std::string_view text, std::string_view key, bool many) {
  std::vector<std::string> out;
  auto at = text.find("<key>" + std::string(key) + "</key>");
  if (at == std::string_view::npos) return out;
  at += key.size() + 11;
  const auto stop = many ? std::min(text.find("</array>", at), text.size()) : std::min(text.find("</string>", at), text.size() - 9) + 9;
  while (out.size() < 64) {
    const auto open = text.find("<string>", at);
    if (open == std::string_view::npos || open >= stop) break;
    const auto close = text.find("</string>", open);
    if (close == std::string_view::npos) break;
    out.push_back(unescape(text.substr(open + 8, close - open - 8)));
    at = close;
  }
  return out;
}

base::Result<> read_launchd(const evidence::View& view, evidence::Sink& sink) {
  const auto text = base::text_of(view.bytes);
  if (text.size() < 20) return {};
  auto arguments = strings_after(text, "ProgramArguments", true);
  const auto program = strings_after(text, "Program", false);
  if (arguments.empty() && !program.empty()) arguments = {program[0]};
  if (arguments.empty()) return {};
  std::string runs;
  for (const auto& a : arguments) {
    const bool plain = a.find_first_of(" \t\"'\\") == std::string::npos && !a.empty();
    std::string quoted;
    for (const char c : a) quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    runs += (runs.empty() ? "" : " ") + (plain ? a : "\"" + quoted + "\"");
  }
  const auto label = strings_after(text, "Label", false);
  const bool timer = text.find("<key>StartInterval</key>") != std::string_view::npos || text.find("<key>StartCalendarInterval</key>") != std::string_view::npos;
  const bool socket = text.find("<key>Sockets</key>") != std::string_view::npos;
  const bool agent = view.place.path().find("LaunchAgents/") != std::string::npos;
  return state_service(view, sink, {.name = label.empty() ? std::string(view.place.file_name()) : label[0], .form = "launchd", .starts = timer ? "timer" : socket ? "socket" : agent ? "login" : "boot", .runs = runs, .user = {}, .range = {}});
}

// .reg and .inf may be UTF-16LE with a mark; only the ASCII range matters for keys and paths.
std::string narrow(base::Bytes bytes) {
  if (bytes.size() < 2 || bytes[0] != 0xff || bytes[1] != 0xfe) return std::string(base::text_of(bytes));
  std::string out;
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) out += bytes[i + 1] ? '?' : static_cast<char>(bytes[i]);
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

base::Result<> read_windows(const evidence::View& view, evidence::Sink& sink) {
  const auto text = narrow(view.bytes);
  std::string section;
  for (const auto& line : lines_of(base::bytes_of(text), 20000)) {
    const auto low = lower(line.text);
    if (low[0] == '[') {
      section = low;
      continue;
    }
    if (low[0] == ';') continue;
    const base::Range whole{0, std::min<std::uint64_t>(view.bytes.size(), 200)};
    const bool run_key = section.find("\\currentversion\\run") != std::string::npos;
    if (run_key && line.text[0] == '"') {
      const auto equal = line.text.find("\"=\"");
      if (equal == std::string_view::npos) continue;
      std::string runs;
      for (auto rest = line.text.substr(equal + 3, line.text.size() - equal - 4); !rest.empty(); rest.remove_prefix(1)) {
        if (rest.starts_with("\\\\") || rest.starts_with("\\\"")) rest.remove_prefix(1);
        runs += rest[0];
      }
      CHECK_OK(state_service(view, sink, {.name = std::string(line.text.substr(1, equal - 1)), .form = "windows", .starts = "login", .runs = runs, .user = {}, .range = whole}));
    } else if (low.find("\\currentversion\\run") != std::string::npos && low.starts_with("hk")) {
      const auto fields = split(line.text, ',');  // inf: HKLM,"…\Run","name",,"command"
      if (fields.size() >= 5) CHECK_OK(state_service(view, sink, {.name = std::string(fields[2]), .form = "windows", .starts = "login", .runs = std::string(fields[4]), .user = {}, .range = whole}));
    } else if (low.starts_with("servicebinary")) {
      const auto equal = line.text.find('=');
      if (equal != std::string_view::npos)
        CHECK_OK(state_service(view, sink, {.name = std::string(view.place.file_name()), .form = "windows", .starts = "boot", .runs = std::string(line.text.substr(equal + 1)), .user = {}, .range = whole}));
    }
  }
  return {};
}

}  // namespace

base::Result<> read_foreign_services(const evidence::View& view, evidence::Sink& sink) {
  const auto path = view.place.path();
  const auto name = lower(view.place.file_name());
  if (name.ends_with(".plist") && (path.find("LaunchAgents/") != std::string::npos || path.find("LaunchDaemons/") != std::string::npos)) return read_launchd(view, sink);
  if ((name.ends_with(".reg") || name.ends_with(".inf")) && view.bytes.size() < (4u << 20)) return read_windows(view, sink);
  return {};
}

}  // namespace examine::account_parts
