// crontab(5), inetd.conf(5), xinetd.conf(5), inittab(5), and apt's hooks.
#include <algorithm>

#include "examine/accounts/part.h"

namespace examine::account_parts {
namespace {

using namespace std::string_view_literals;

// Text from the n-th word to the end of the line.
std::string_view from_word(std::string_view line, const std::vector<std::string_view>& words, std::size_t n) {
  return n < words.size() ? line.substr(static_cast<std::size_t>(words[n].data() - line.data())) : std::string_view{};
}

bool is_time_field(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789*,-/") == std::string_view::npos;
}

base::Result<> read_crontab(const evidence::View& view, evidence::Sink& sink, bool names_user) {
  for (const auto& line : lines_of(view.bytes, 5000)) {
    if (line.text[0] == '#') continue;
    const auto words = words_of(line.text);
    std::size_t command = 0;
    std::string starts = "timer";
    if (line.text[0] == '@') {
      command = 1;
      if (words[0] == "@reboot") starts = "boot";
    } else {
      if (words.size() < 6 || !is_time_field(words[0]) || !is_time_field(words[1]) || !is_time_field(words[2])) continue;
      command = 5;
    }
    std::string user;
    if (names_user && command < words.size()) user = std::string(words[command++]);
    const auto runs = from_word(line.text, words, command);
    if (runs.empty()) continue;
    CHECK_OK(state_service(view, sink, {.name = std::string(view.place.file_name()), .form = "cron", .starts = starts, .runs = std::string(runs), .user = user, .range = {line.offset, line.text.size()}, .whole_line_is_shell = true}));
  }
  return {};
}

base::Result<> read_inetd(const evidence::View& view, evidence::Sink& sink) {
  for (const auto& line : lines_of(view.bytes, 5000)) {
    const auto words = words_of(line.text);
    if (line.text[0] == '#' || words.size() < 6) continue;
    CHECK_OK(state_service(view, sink, {.name = std::string(words[0]), .form = "inetd", .starts = "socket", .runs = std::string(from_word(line.text, words, 5)), .user = std::string(words[4]), .range = {line.offset, line.text.size()}}));
  }
  return {};
}

base::Result<> read_xinetd(const evidence::View& view, evidence::Sink& sink) {
  std::string server, arguments, user, name(view.place.file_name());
  base::Range range;
  for (const auto& line : lines_of(view.bytes, 5000)) {
    const auto equal = line.text.find('=');
    const auto words = words_of(line.text);
    if (words[0] == "service" && words.size() > 1) name = std::string(words[1]);
    if (equal == std::string_view::npos || words.size() < 3) continue;
    if (words[0] == "server") server = std::string(words[2]), range = {line.offset, line.text.size()};
    if (words[0] == "server_args") arguments = std::string(from_word(line.text, words, 2));
    if (words[0] == "user") user = std::string(words[2]);
  }
  if (server.empty()) return {};
  return state_service(view, sink, {.name = name, .form = "xinetd", .starts = "socket", .runs = server + (arguments.empty() ? "" : " " + arguments), .user = user, .range = range});
}

base::Result<> read_inittab(const evidence::View& view, evidence::Sink& sink) {
  for (const auto& line : lines_of(view.bytes, 2000)) {
    const auto f = split(line.text, ':');
    if (line.text[0] == '#' || f.size() < 4 || f[3].empty()) continue;
    const auto runs = line.text.substr(static_cast<std::size_t>(f[3].data() - line.text.data()));
    CHECK_OK(state_service(view, sink, {.name = f[0].empty() ? std::string(f[2]) : std::string(f[0]), .form = "init", .starts = "boot", .runs = std::string(runs), .user = "root", .range = {line.offset, line.text.size()}}));
  }
  return {};
}

// DPkg::Post-Invoke {"command";}; — run by every use of apt.
base::Result<> read_apt_hooks(const evidence::View& view, evidence::Sink& sink) {
  const auto text = base::text_of(view.bytes);
  std::size_t count = 0;
  for (auto at = text.find("-Invoke"); at != std::string_view::npos && count < 100; at = text.find("-Invoke", at + 7)) {
    const auto line = text.rfind('\n', at);
    const auto head = text.substr(line == std::string_view::npos ? 0 : line + 1, at - (line == std::string_view::npos ? 0 : line + 1));
    if (head.find("//") != std::string_view::npos || head.find('#') != std::string_view::npos) continue;
    const auto quote = text.find_first_of("\";}", at);
    if (quote == std::string_view::npos || text[quote] != '"') continue;
    auto end = quote + 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) continue;
    ++count;
    CHECK_OK(state_service(view, sink, {.name = std::string(view.place.file_name()), .form = "hook", .starts = "package", .runs = std::string(text.substr(quote + 1, end - quote - 1)), .user = "root", .range = {quote, end + 1 - quote}, .whole_line_is_shell = true}));
  }
  return {};
}

}  // namespace

base::Result<> read_schedules(const evidence::View& view, evidence::Sink& sink) {
  const auto path = view.place.path();
  if (is_at(path, "etc/crontab") || !below(path, "etc/cron.d/").empty()) return read_crontab(view, sink, true);
  if (!below(path, "var/spool/cron/").empty() || !below(path, "etc/crontabs/").empty()) return read_crontab(view, sink, false);
  if (is_at(path, "etc/inetd.conf") || !below(path, "etc/inetd.d/").empty()) return read_inetd(view, sink);
  if (!below(path, "etc/xinetd.d/").empty()) return read_xinetd(view, sink);
  if (is_at(path, "etc/inittab")) return read_inittab(view, sink);
  if (!below(path, "etc/apt/apt.conf.d/").empty()) return read_apt_hooks(view, sink);
  return {};
}

}  // namespace examine::account_parts
