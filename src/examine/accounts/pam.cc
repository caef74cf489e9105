// PAM configuration (pam.conf(5)): modules that let everybody in, and modules that are given the
// password. The modules' own code is not read here.
#include <algorithm>
#include <array>

#include "examine/accounts/part.h"

namespace examine::account_parts {
namespace {

using namespace std::string_view_literals;
using evidence::Confidence;
using evidence::Facet;

// Services through which a person logs in or gains rights.
bool is_login_service(std::string_view name) {
  return std::ranges::any_of(std::array{"common-auth"sv, "system-auth"sv, "password-auth"sv, "sshd"sv, "login"sv, "su"sv, "su-l"sv, "sudo"sv, "sudo-i"sv, "other"sv, "remote"sv, "gdm-password"sv, "lightdm"sv, "sddm"sv, "kde"sv, "xdm"sv, "polkit-1"sv},
                             [&](auto n) { return n == name; });
}

}  // namespace

base::Result<> read_pam(const evidence::View& view, evidence::Sink& sink) {
  const auto path = view.place.path();
  auto service = std::string(below(path, "pam.d/"));
  const bool single = is_at(path, "etc/pam.conf");
  if (service.empty() && !single) return {};
  CHECK_OK(sink.spend(view.bytes.size()));
  for (const auto& line : lines_of(view.bytes, 5000)) {
    if (line.text[0] == '#' || line.text[0] == '@') continue;
    auto words = words_of(line.text);
    if (single && !words.empty()) service = std::string(words[0]), words.erase(words.begin());
    if (words.size() < 3) continue;
    std::string type(words[0][0] == '-' ? words[0].substr(1) : words[0]);
    std::size_t module = 2;
    if (words[1][0] == '[')
      for (module = 1; module < words.size() && !words[module].ends_with(']');) ++module;
    else module = 1;
    if (++module >= words.size()) continue;
    const auto name = words[module].substr(words[module].rfind('/') + 1);
    if (words[1] == "include" || words[1] == "substack") continue;
    const base::Range range{line.offset, line.text.size()};
    const std::string control(words[1]);
    const bool shows_password = std::ranges::find(words, "expose_authtok"sv) != words.end();
    state(sink, Facet::account, "pam", fmt::format("{} {} {}", type, control, name), range, {{"service", service}});
    if (type == "auth" && name == "pam_permit.so" && (control == "sufficient" || control.find("success=done") != std::string::npos))
      state(sink, Facet::trust, "backdoor-account", service, range, {{"why", "the service lets everybody in without a password"}}, is_login_service(service) ? Confidence::high : Confidence::medium);
    if (name != "pam_exec.so") continue;
    const auto command = std::ranges::find_if(words.begin() + static_cast<std::ptrdiff_t>(module) + 1, words.end(), [](auto w) { return w.starts_with('/'); });
    if (command != words.end()) {
      Service runs{.name = service, .form = "pam", .starts = "login", .runs = std::string(line.text.substr(static_cast<std::size_t>(command->data() - line.text.data()))), .user = {}, .range = range};
      CHECK_OK(state_service(view, sink, runs));
    }
    if (shows_password) state(sink, Facet::private_, "credentials", "the password given at login", range, {{"service", service}, {"to", command == words.end() ? "" : std::string(*command)}});
  }
  return {};
}

}  // namespace examine::account_parts
