// systemd units, D-Bus activation, XDG autostart, udev rules, init scripts, profile and hook
// folders, the dynamic linker's preload list.
#include <algorithm>
#include <array>
#include <utility>

#include "examine/accounts/part.h"

namespace examine::account_parts {
namespace {

using namespace std::string_view_literals;
using evidence::Facet;

struct Setting {
  std::string section, key, value;
  base::Range range;
};

// The ini dialect of units and desktop files; a line that ends with a backslash goes on.
std::vector<Setting> settings_of(base::Bytes bytes) {
  std::vector<Setting> out;
  std::string section;
  bool goes_on = false;
  for (const auto& line : lines_of(bytes, 5000)) {
    if (goes_on && !out.empty()) {
      goes_on = line.text.ends_with('\\');
      out.back().value += " " + std::string(line.text.substr(0, line.text.size() - (goes_on ? 1 : 0)));
      out.back().range.size = line.offset + line.text.size() - out.back().range.offset;
      continue;
    }
    if (line.text[0] == '#' || line.text[0] == ';') continue;
    if (line.text[0] == '[') {
      section = std::string(line.text.substr(1, line.text.find(']') - 1));
      continue;
    }
    const auto equal = line.text.find('=');
    if (equal == std::string_view::npos) continue;
    auto key = line.text.substr(0, equal), value = line.text.substr(equal + 1);
    while (key.ends_with(' ')) key.remove_suffix(1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    goes_on = value.ends_with('\\');
    if (goes_on) value.remove_suffix(1);
    out.push_back({section, std::string(key), std::string(value), {line.offset, line.text.size()}});
  }
  return out;
}

std::string first_value(const std::vector<Setting>& settings, std::string_view key) {
  const auto found = std::ranges::find(settings, key, &Setting::key);
  return found == settings.end() ? std::string{} : found->value;
}

base::Result<> read_unit(const evidence::View& view, evidence::Sink& sink, std::string_view name, bool of_user) {
  const auto settings = settings_of(view.bytes);
  const bool wanted = std::ranges::any_of(settings, [](const auto& s) { return s.section == "Install" && (s.key == "WantedBy" || s.key == "RequiredBy" || s.key == "UpheldBy"); });
  const auto user = first_value(settings, "User");
  if (name.ends_with(".timer") || name.ends_with(".socket") || name.ends_with(".path")) {
    std::string when;
    for (const auto& s : settings)
      if (s.section == "Timer" || s.section == "Socket" || s.section == "Path")
        if (s.key.starts_with("On") || s.key.starts_with("Listen") || s.key.starts_with("Path")) when += (when.empty() ? "" : "; ") + s.key + "=" + s.value;
    const std::string starts = name.ends_with(".timer") ? "timer" : name.ends_with(".socket") ? "socket" : "path";
    const base::Range range{0, std::min<std::uint64_t>(view.bytes.size(), 200)};
    state(sink, Facet::account, "service", std::string(name), range, {{"form", "systemd"}, {"starts", starts}, {"when", when.substr(0, 300)}, {"unit", first_value(settings, "Unit")}});
    if (wanted) state(sink, Facet::power, "persist", std::string(name), range, {{"form", "systemd"}, {"starts", starts}});
    return {};
  }
  if (!name.ends_with(".service")) return {};
  for (const auto& s : settings) {
    if (s.section != "Service" || !std::ranges::any_of(std::array{"ExecStart"sv, "ExecStartPre"sv, "ExecStartPost"sv, "ExecStop"sv, "ExecStopPost"sv, "ExecReload"sv, "ExecCondition"sv}, [&](auto k) { return s.key == k; })) continue;
    auto command = std::string_view(s.value);
    while (!command.empty() && "-@:+!|"sv.find(command[0]) != std::string_view::npos) command.remove_prefix(1);
    if (command.empty()) continue;
    const std::string starts = s.key == "ExecStop" || s.key == "ExecStopPost" || s.key == "ExecReload" ? "demand" : wanted ? (of_user ? "login" : "boot") : "demand";
    CHECK_OK(state_service(view, sink, {.name = std::string(name), .form = "systemd", .starts = starts, .runs = std::string(command), .user = user, .range = s.range}));
  }
  return {};
}

base::Result<> read_exec_file(const evidence::View& view, evidence::Sink& sink, std::string_view name, std::string form, std::string starts) {
  const auto settings = settings_of(view.bytes);
  for (const auto& s : settings) {
    if (s.key != "Exec" || s.value.empty()) continue;
    const auto shown = form == "dbus" ? first_value(settings, "Name") : std::string(name);
    CHECK_OK(state_service(view, sink, {.name = shown, .form = form, .starts = starts, .runs = s.value, .user = first_value(settings, "User"), .range = s.range}));
  }
  return {};
}

// RUN+="…", RUN{program}="…", PROGRAM="…", IMPORT{program}="…".
base::Result<> read_udev(const evidence::View& view, evidence::Sink& sink, std::string_view name) {
  for (const auto& line : lines_of(view.bytes)) {
    if (line.text[0] == '#') continue;
    for (const auto key : {"RUN+="sv, "RUN="sv, "RUN:="sv, "RUN{program}+="sv, "RUN{program}="sv, "PROGRAM="sv, "PROGRAM=="sv, "IMPORT{program}="sv}) {
      const auto at = line.text.find(key);
      if (at == std::string_view::npos || at + key.size() >= line.text.size() || line.text[at + key.size()] != '"') continue;
      const auto begin = at + key.size() + 1;
      const auto end = line.text.find('"', begin);
      if (end == std::string_view::npos) continue;
      CHECK_OK(state_service(view, sink, {.name = std::string(name), .form = "udev", .starts = "device", .runs = std::string(line.text.substr(begin, end - begin)), .user = "root", .range = {line.offset + at, end + 1 - at}}));
    }
  }
  return {};
}

// Folders whose files run by themselves, as a whole.
struct Folder { std::string_view path, form, starts; };
constexpr std::array folders = {
    Folder{"etc/init.d/", "init", "boot"}, Folder{"etc/rcS.d/", "init", "boot"}, Folder{"etc/rc.d/", "init", "boot"}, Folder{"usr/local/etc/rc.d/", "init", "boot"},
    Folder{"etc/cron.hourly/", "cron", "timer"}, Folder{"etc/cron.daily/", "cron", "timer"}, Folder{"etc/cron.weekly/", "cron", "timer"}, Folder{"etc/cron.monthly/", "cron", "timer"},
    Folder{"etc/profile.d/", "profile", "login"}, Folder{"etc/update-motd.d/", "profile", "login"}, Folder{"etc/X11/Xsession.d/", "profile", "login"}, Folder{"etc/bash_completion.d/", "completion", "demand"},
    Folder{"etc/NetworkManager/dispatcher.d/", "hook", "network"}, Folder{"etc/network/if-up.d/", "hook", "network"}, Folder{"etc/network/if-pre-up.d/", "hook", "network"},
    Folder{"etc/dhcp/dhclient-exit-hooks.d/", "hook", "network"}, Folder{"etc/dhcp/dhclient-enter-hooks.d/", "hook", "network"}, Folder{"etc/ppp/ip-up.d/", "hook", "network"},
    Folder{"lib/systemd/system-sleep/", "hook", "boot"}, Folder{"lib/systemd/system-generators/", "systemd", "boot"}, Folder{"etc/kernel/postinst.d/", "hook", "package"}};
constexpr std::array single_files = {
    Folder{"etc/rc.local", "init", "boot"}, Folder{"etc/profile", "profile", "login"}, Folder{"etc/bash.bashrc", "profile", "login"}, Folder{"etc/zsh/zshenv", "profile", "login"},
    Folder{"root/.bashrc", "profile", "login"}, Folder{"root/.profile", "profile", "login"}, Folder{"etc/X11/xinit/xinitrc", "profile", "login"}, Folder{"etc/environment", "profile", "login"}};

void read_preload(const evidence::View& view, evidence::Sink& sink) {
  for (const auto& line : lines_of(view.bytes, 1000)) {
    if (line.text[0] == '#') continue;
    const base::Range range{line.offset, line.text.size()};
    state(sink, Facet::reference, "loads", std::string(line.text), range, {{"by", "ld.so.preload"}});
    state(sink, Facet::power, "inject-process", std::string(line.text), range, {{"into", "every program that starts"}});
    state(sink, Facet::power, "persist", std::string(line.text), range, {{"form", "ld.so.preload"}, {"starts", "boot"}});
  }
}

}  // namespace

base::Result<> read_services(const evidence::View& view, evidence::Sink& sink) {
  const auto path = view.place.path();
  const auto name = view.place.file_name();
  if (is_at(path, "etc/ld.so.preload")) read_preload(view, sink);
  for (const auto& [folder, of_user] : {std::pair{"systemd/system/"sv, false}, std::pair{"systemd/user/"sv, true}})
    if (path.find(folder) != std::string::npos) return read_unit(view, sink, name, of_user);
  if (path.find("dbus-1/services/") != std::string::npos || path.find("dbus-1/system-services/") != std::string::npos) return read_exec_file(view, sink, name, "dbus", "bus");
  if (name.ends_with(".desktop") && (path.find("xdg/autostart/") != std::string::npos || path.find(".config/autostart/") != std::string::npos || path.find("gnome/autostart/") != std::string::npos))
    return read_exec_file(view, sink, name, "autostart", "login");
  if (path.find("udev/rules.d/") != std::string::npos) return read_udev(view, sink, name);
  for (const auto& f : folders)
    if (const auto rest = below(path, f.path); !rest.empty() && !rest.starts_with(".placeholder") && rest != "README" && rest != "skeleton")
      return state_service(view, sink, {.name = std::string(rest), .form = std::string(f.form), .starts = std::string(f.starts), .runs = {}, .user = {}, .range = {}});
  for (const auto& f : single_files)
    if (is_at(path, f.path)) return state_service(view, sink, {.name = std::string(name), .form = std::string(f.form), .starts = std::string(f.starts), .runs = {}, .user = {}, .range = {}});
  return {};
}

}  // namespace examine::account_parts
