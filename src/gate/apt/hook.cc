#include "gate/apt/hook.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/bytes.h"

namespace gate {
namespace {

using base::Trouble;
constexpr std::size_t most_text = 64u << 20;
constexpr std::size_t most_packages = 200'000;

base::Result<std::string> all_of(int descriptor) {
  std::string out, piece(65536, '\0');
  for (;;) {
    const auto n = read(descriptor, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(Trouble::io, "what apt says can't be read from descriptor {}: {}", descriptor, std::strerror(errno));
    if (n == 0) return out;
    if (out.size() + static_cast<std::size_t>(n) > most_text) return base::fail(Trouble::limit, "apt says more than {} bytes", most_text);
    out.append(piece, 0, static_cast<std::size_t>(n));
  }
}

std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

std::string_view word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto out = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return out;
}

}  // namespace

base::Result<std::vector<PlannedPackage>> read_hook(std::string_view text) {
  if (next_line(text) != "VERSION 3")
    return base::fail(Trouble::malformed, "apt does not speak version 3 of its protocol: set DPkg::Tools::Options::/usr/bin/assay-gate::Version \"3\"");
  for (;;) {   // the configuration, up to an empty line
    if (text.empty()) return base::fail(Trouble::truncated, "apt's words end within its configuration");
    if (next_line(text).empty()) break;
  }
  std::vector<PlannedPackage> out;
  while (!text.empty()) {
    if (text.find('\n') == text.npos) return base::fail(Trouble::truncated, "apt's words end within a line");
    auto line = next_line(text);
    if (line.empty()) continue;
    // name, old version, its architecture and multi-arch, direction, new version, architecture, multi-arch, file
    std::string_view parts[8];
    for (auto& p : parts) p = word(line);
    if (line.empty() || (parts[4] != "<" && parts[4] != ">" && parts[4] != "=")) return base::fail(Trouble::malformed, "apt names a package in a way that is not known");
    if (line == "**CONFIGURE**" || line == "**REMOVE**") continue;
    if (!line.starts_with('/')) return base::fail(Trouble::malformed, "apt names no file for {}", base::printable(parts[0]));
    if (out.size() >= most_packages) return base::fail(Trouble::limit, "apt names more than {} packages", most_packages);
    out.push_back({std::string(parts[0]), std::string(parts[5]), std::string(line)});
  }
  return out;
}

base::Result<int> run_hook(int descriptor, Front& front) {
  const auto text = TRY(all_of(descriptor));
  const auto packages = TRY(read_hook(text));
  std::size_t refused = 0;
  for (const auto& p : packages) {
    const auto label = base::printable(p.name + " " + p.version);
    const int file = open(p.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    const auto digest = file < 0 ? base::Result<base::Digest>(base::fail(Trouble::io, "{}", std::strerror(errno))) : digest_of_file(file);
    if (file >= 0) close(file);
    if (!digest) {
      ++refused;
      fmt::print(stderr, "assay-gate: {} may not be installed: its file can't be read ({})\n", label, digest.error().what);
      continue;
    }
    const auto decision = front.ask(*digest, "apt");
    if (decision.answer == Answer::allow) continue;
    ++refused;
    fmt::print(stderr, "assay-gate: {} may not be installed: {}{}{}\n", label, base::printable(decision.sentence), decision.link.empty() ? "" : " ", base::printable(decision.link));
  }
  if (refused) fmt::print(stderr, "assay-gate: {} of {} packages refused; nothing was installed\n", refused, packages.size());
  return refused ? 1 : 0;
}

}  // namespace gate
