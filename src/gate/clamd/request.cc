#include "gate/clamd/request.h"

#include <array>

namespace gate::clamd {
namespace {

struct Name {
  std::string_view text;
  Verb verb;
  bool takes_argument;
};
constexpr std::array<Name, 15> names = {{{"PING", Verb::ping, false},
                                         {"VERSION", Verb::version, false},
                                         {"VERSIONCOMMANDS", Verb::version_commands, false},
                                         {"STATS", Verb::stats, false},
                                         {"RELOAD", Verb::reload, false},
                                         {"SHUTDOWN", Verb::shutdown, false},
                                         {"SCAN", Verb::scan, true},
                                         {"CONTSCAN", Verb::cont_scan, true},
                                         {"MULTISCAN", Verb::multi_scan, true},
                                         {"ALLMATCHSCAN", Verb::all_match_scan, true},
                                         {"RAWSCAN", Verb::raw_scan, true},
                                         {"INSTREAM", Verb::instream, false},
                                         {"FILDES", Verb::fildes, false},
                                         {"IDSESSION", Verb::session, false},
                                         {"END", Verb::end, false}}};

void understand(std::string_view line, Request& out) {
  out.verb = Verb::unknown;
  const auto space = line.find(' ');
  const auto word = line.substr(0, space);
  for (const auto& name : names) {
    if (word != name.text || (space != line.npos) != name.takes_argument) continue;
    if (name.takes_argument) out.argument = line.substr(space + 1);
    out.verb = name.takes_argument && out.argument.empty() ? Verb::unknown : name.verb;
  }
  // A path with a NUL in it would be read by the system as another one.
  if (out.argument.find('\0') != out.argument.npos) out.verb = Verb::unknown;
}

bool may_grow(std::string_view line) {
  for (const auto& name : names) {
    if (line.size() < name.text.size() && name.text.starts_with(line)) return true;
    if (name.takes_argument && line.starts_with(name.text) && line.size() <= name.text.size() + 1) return true;
  }
  return false;
}

bool is_whole(std::string_view line) {
  for (const auto& name : names)
    if (line == name.text && !name.takes_argument) return line != "VERSION";  // VERSIONCOMMANDS may follow
  return false;
}

}  // namespace

Parsed take_request(std::string& bytes, Request& out, bool no_more) {
  out = {};
  if (bytes.empty()) return Parsed::need_more;
  const char first = bytes.front();
  out.prefixed = first == 'z' || first == 'n';
  if (out.prefixed) {
    out.ending = first == 'z' ? '\0' : '\n';
    const auto end = bytes.find(out.ending);
    if (end == bytes.npos) return bytes.size() > most_request_bytes ? Parsed::too_long : Parsed::need_more;
    if (end > most_request_bytes) return Parsed::too_long;
    understand(std::string_view(bytes).substr(1, end - 1), out);
    bytes.erase(0, end + 1);
    return Parsed::request;
  }
  const auto end = bytes.find_first_of(std::string_view("\n\0", 2));
  if (std::min(end, bytes.size()) > most_request_bytes) return Parsed::too_long;
  auto line = std::string_view(bytes).substr(0, end);
  if (end == bytes.npos && !no_more && !is_whole(line) && may_grow(line)) return Parsed::need_more;
  if (line.ends_with('\r')) line.remove_suffix(1);
  understand(line, out);
  bytes.erase(0, end == bytes.npos ? end : end + 1);
  return Parsed::request;
}

Chunks::State Chunks::take(base::Bytes bytes, std::size_t& taken, base::Bytes& part) {
  taken = 0;
  part = {};
  if (left_ == 0) {
    if (bytes.size() < 4) return State::more;
    left_ = static_cast<std::uint64_t>(bytes[0]) << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
    taken = 4;
    if (left_ == 0) return State::end;
    if (left_ > most_ - total_) return State::too_large;
    total_ += left_;
    return State::more;
  }
  part = base::slice(bytes, 0, left_);
  taken = part.size();
  left_ -= part.size();
  return State::more;
}

}  // namespace gate::clamd
