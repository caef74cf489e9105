#include "gate/clamd/session.h"

#include <fcntl.h>

namespace gate::clamd {
namespace {

using namespace std::chrono_literals;

constexpr auto command_patience = 30s;   // for the rest of a request, and for the next one of a session
constexpr auto growth_patience = 200ms;  // for the end of an unprefixed request that could go on

// Clients look for "ClamAV" and a number; the second part says who really answers.
constexpr std::string_view version = "ClamAV 1.0.0/Assay gate";
constexpr std::string_view commands = " | COMMANDS: SCAN PING CONTSCAN VERSIONCOMMANDS VERSION END MULTISCAN FILDES STATS IDSESSION INSTREAM ALLMATCHSCAN RAWSCAN";

}  // namespace

Session::Session(Wire wire, Front& front, const Listening& how, const Load& load, std::string temporary)
    : wire_(std::move(wire)), front_(front), how_(how), load_(load), temporary_(std::move(temporary)), scanner_(front, how_) {}

void Session::run() {
  converse();
  wire_.finish();
}

void Session::converse() {
  for (;;) {
    Request request;
    auto parsed = take_request(wire_.buffer(), request, false);
    if (parsed == Parsed::need_more) {
      const bool begun = !wire_.buffer().empty() && !request.prefixed;
      const auto got = wire_.read(begun ? std::chrono::milliseconds(growth_patience) : std::chrono::milliseconds(command_patience));
      if (got == Wire::Got::bytes) continue;
      if (!begun) return;
      parsed = take_request(wire_.buffer(), request, true);  // it was the whole packet
    }
    if (parsed != Parsed::request) {
      (void)reply(request, "Command too long. ERROR");
      return;
    }
    if (in_session_) ++number_;
    if (!answer(request) || !in_session_) return;
  }
}

bool Session::reply(const Request& request, std::string_view text) {
  std::string out = in_session_ && request.verb != Verb::session ? fmt::format("{}: {}", number_, text) : std::string(text);
  // A name on the disk may hold what ends a reply: no client shall see two where one was sent.
  for (auto& c : out)
    if (c == request.ending || (c == '\n' && request.verb != Verb::stats)) c = '?';
  out += request.ending;
  return wire_.write(out);
}

bool Session::answer(const Request& request) {
  if (in_session_ && !request.prefixed) return reply(request, "UNKNOWN COMMAND"), false;
  switch (request.verb) {
    case Verb::ping: return reply(request, "PONG");
    case Verb::version: return reply(request, version);
    case Verb::version_commands: return reply(request, std::string(version) + std::string(commands));
    case Verb::stats: return reply(request, stats());
    case Verb::reload:
    case Verb::shutdown: return reply(request, "COMMAND UNAVAILABLE");
    case Verb::scan:
    case Verb::raw_scan: return scan_path(request, false);
    case Verb::cont_scan:
    case Verb::multi_scan:
    case Verb::all_match_scan: return scan_path(request, true);
    case Verb::instream: return request.prefixed ? instream(request) : (reply(request, "UNKNOWN COMMAND"), false);
    case Verb::fildes: return fildes(request);
    case Verb::session:
      if (!request.prefixed || in_session_) return reply(request, "UNKNOWN COMMAND"), false;
      in_session_ = true;
      return true;
    case Verb::end: return false;
    case Verb::unknown: break;
  }
  (void)reply(request, "UNKNOWN COMMAND");
  return false;
}

bool Session::scan_path(const Request& request, bool all) {
  if (!how_.paths) return reply(request, "Paths are not read at this listener. ERROR");
  bool alive = true;
  scanner_.path(request.argument, all, [&](std::string line) { return alive = reply(request, line); });
  return alive;
}

bool Session::instream(const Request& request) {
  const bool keep = how_.unknown != Unknown::deny && !front_.policy().vet_command.empty();
  const Descriptor copy(keep ? ::open(temporary_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1);
  if (keep && !copy) return reply(request, "No room for the stream. ERROR"), false;
  Chunks chunks(how_.most_bytes);
  base::Sha256 sum;
  for (auto& buffer = wire_.buffer();;) {
    std::size_t done = 0;
    for (;;) {
      std::size_t taken = 0;
      base::Bytes part;
      const auto state = chunks.take(base::bytes_of(std::string_view(buffer).substr(done)), taken, part);
      sum.add(part);
      if (copy && !part.empty() && ::write(copy.get(), part.data(), part.size()) != static_cast<ssize_t>(part.size())) return reply(request, "No room for the stream. ERROR"), false;
      done += taken;
      if (state == Chunks::State::too_large) return reply(request, "INSTREAM size limit exceeded. ERROR"), false;
      if (state == Chunks::State::end) {
        buffer.erase(0, done);
        return reply(request, "stream: " + scanner_.digest(sum.finish(), copy.get()).text);
      }
      if (taken == 0) break;
    }
    buffer.erase(0, done);
    if (wire_.read(command_patience) != Wire::Got::bytes) return reply(request, "INSTREAM: the stream ended before its end. ERROR"), false;
  }
}

bool Session::fildes(const Request& request) {
  // A byte of no meaning carries the descriptor; several requests may come in one piece.
  while (wire_.buffer().empty())
    if (wire_.read(command_patience) != Wire::Got::bytes) return false;
  wire_.buffer().erase(0, 1);
  const auto file = wire_.take_descriptor();
  if (!file) return reply(request, "No file descriptor received. ERROR"), false;
  return reply(request, fmt::format("fd[{}]: {}", file.get(), scanner_.file(file.get()).text));
}

std::string Session::stats() const {
  return fmt::format(
      "POOLS: 1\n\nSTATE: VALID PRIMARY\nTHREADS: live {}  idle 0 max {} idle-timeout 30\nQUEUE: 0 items\n\tSTATS 0.000000 \n\n"
      "MEMSTATS: heap N/A mmap N/A used N/A free N/A releasable N/A pools 1 pools_used N/A pools_total N/A\nEND",
      load_.live.load(), load_.most);
}

}  // namespace gate::clamd
