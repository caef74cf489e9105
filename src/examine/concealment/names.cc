// File names that mislead: turned round by a bidirectional control, letters of two scripts, white
// space at the end, dots and blanks only; and programs under a dot name in a system folder.
#include <algorithm>
#include <array>

#include "examine/accounts/part.h"
#include "examine/concealment/part.h"

namespace examine::concealment_parts {
namespace {

using namespace std::string_view_literals;
using evidence::Confidence;

bool is_program(const evidence::View& view) {
  return view.kind == "elf" || view.kind == "pe" || view.kind == "macho" || (view.kind.starts_with("script/") && (base::starts_with(view.bytes, "#!") || (view.entry.mode & 0111)));
}

// Folders in which nothing with a dot name belongs.
bool in_system_folder(const std::string& path) {
  for (const auto folder : {"usr/bin/"sv, "usr/sbin/"sv, "bin/"sv, "sbin/"sv, "usr/local/bin/"sv, "usr/local/sbin/"sv, "tmp/"sv, "var/tmp/"sv, "dev/"sv, "dev/shm/"sv, "etc/init.d/"sv, "lib/systemd/system/"sv,
                            "usr/lib/systemd/system/"sv, "etc/systemd/system/"sv, "boot/"sv, "lib/security/"sv, "run/"sv, "var/run/"sv})
    if (path.starts_with(folder)) return true;
  return false;
}

bool only_dots_and_blanks(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return false;
  return name.find_first_not_of(". \t"sv) == std::string_view::npos;
}

// A Latin word with Cyrillic or Greek letters that look Latin.
bool mixes_scripts(std::string_view name) {
  static constexpr std::array alike = {"\xd0\xb0"sv, "\xd0\xb5"sv, "\xd0\xbe"sv, "\xd1\x80"sv, "\xd1\x81"sv, "\xd1\x85"sv, "\xd1\x83"sv, "\xd1\x96"sv, "\xd0\x90"sv, "\xd0\x95"sv, "\xd0\x9e"sv, "\xd0\xa0"sv, "\xd0\xa1"sv, "\xce\xbf"sv, "\xce\xb1"sv};
  const auto latin = std::ranges::count_if(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  std::size_t lookalike = 0, others = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!(name[i] & 0x80) || (name[i] & 0xc0) == 0x80) continue;
    const bool match = std::ranges::any_of(alike, [&](auto a) { return name.substr(i, 2) == a; });
    (match ? lookalike : others)++;
  }
  return latin >= 2 && lookalike && !others;
}

// In a name that is plain ASCII otherwise: joiners are usual between the letters of other scripts.
bool has_blank_without_width(std::string_view name) {
  std::string rest(name);
  bool found = false;
  for (const auto blank : {"\xe2\x80\x8b"sv, "\xe2\x80\x8c"sv, "\xe2\x80\x8d"sv, "\xe3\x85\xa4"sv, "\xe2\x81\xa0"sv})
    for (auto at = rest.find(blank); at != std::string::npos; at = rest.find(blank)) rest.erase(at, blank.size()), found = true;
  return found && std::ranges::none_of(rest, [](char c) { return c & 0x80; });
}

}  // namespace

base::Result<> find_strange_names(const evidence::View& view, evidence::Sink& sink) {
  if (view.place.links.empty() || view.place.links.back().origin != artifact::Origin::member) return {};
  const auto path = view.place.path();
  const auto say = [&](std::string_view word, std::string why, Confidence sure = Confidence::medium) {
    state(sink, word, base::printable(path), {}, sure, {{"why", std::move(why)}});
  };
  for (const auto part : account_parts::split(path, '/')) {
    if (only_dots_and_blanks(part)) say("hidden-file", "a name of dots and blanks only");
    else if (part.size() > 1 && (part.back() == ' ' || part.back() == '\t' || part.front() == ' ')) say("hidden-file", "a name that starts or ends with a blank", Confidence::low);
    for (const auto control : {"\xe2\x80\xae"sv, "\xe2\x80\xad"sv, "\xe2\x81\xa6"sv, "\xe2\x81\xa7"sv})
      if (part.find(control) != std::string_view::npos) {
        say("masquerade", "a name that is shown in another order");
        break;
      }
    if (mixes_scripts(part)) say("masquerade", "letters that look like others");
    if (has_blank_without_width(part)) say("masquerade", "a character without width in a name", Confidence::low);
  }
  const auto name = view.place.file_name();
  if (name.size() > 1 && name[0] == '.' && !only_dots_and_blanks(name) && view.has_content()) {
    if (in_system_folder(path)) say("hidden-file", "a dot name in a system folder", is_program(view) ? Confidence::medium : Confidence::low);
    else if (is_program(view) && !view.kind.starts_with("script/")) say("hidden-file", "a program under a dot name");
  }
  return {};
}

}  // namespace examine::concealment_parts
