// The parts of the accounts examiner, and what they share: lines of a file, and how a command that
// starts by itself is stated and handed on.
#pragma once

#include <string>
#include <vector>

#include "evidence/reader.h"

namespace examine::account_parts {

struct Line {
  std::uint64_t offset = 0;
  std::string_view text;  ///< without its end, white space at both ends removed
};

/// Lines with something in them, at most `most`; lines that end with a backslash are not joined.
std::vector<Line> lines_of(base::Bytes bytes, std::size_t most = 20000);
/// Fields between white space.
std::vector<std::string_view> words_of(std::string_view line);
std::vector<std::string_view> split(std::string_view line, char at);

/// The path is `wanted`, or `wanted` below some root ("squashfs-root/etc/passwd"). Not below the
/// folders that hold documents, examples and templates (usr/share): those are not read by a login.
bool is_at(const std::string& path, std::string_view wanted);
/// What follows the folder in the path, in the same sense; "" when the path is not below it.
std::string_view below(const std::string& path, std::string_view folder);

struct Service {
  std::string name;      ///< of the unit, the file, the entry
  std::string form;      ///< systemd, init, cron, inetd, udev, dbus, autostart, profile, launchd, windows, hook
  std::string starts;    ///< boot, timer, login, socket, device, bus, network, package, demand
  std::string runs;      ///< the command as written; "" where the file itself is what runs
  std::string user;      ///< as whom, where it says
  base::Range range;
  bool whole_line_is_shell = false;  ///< cron, profile: the command is shell text by definition
};

/// States account:service, reference:runs, power:persist, and hands on command text as a step.
base::Result<> state_service(const evidence::View& view, evidence::Sink& sink, const Service& service);

void state(evidence::Sink& sink, evidence::Facet facet, std::string_view word, std::string value, base::Range range, std::map<std::string, std::string> attributes = {},
           evidence::Confidence confidence = evidence::Confidence::high);

base::Result<> read_user_files(const evidence::View& view, evidence::Sink& sink);
base::Result<> read_pam(const evidence::View& view, evidence::Sink& sink);
base::Result<> read_services(const evidence::View& view, evidence::Sink& sink);
base::Result<> read_schedules(const evidence::View& view, evidence::Sink& sink);
base::Result<> read_foreign_services(const evidence::View& view, evidence::Sink& sink);

}  // namespace examine::account_parts
