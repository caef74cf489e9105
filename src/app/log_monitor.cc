// Follows a log and tells what it says about makers. A breach ends it: exit code 1, a sentence, and both
// checkpoints kept.
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <set>
#include <thread>

#include "app/command_log.h"
#include "app/exit_codes.h"
#include "app/interrupt.h"
#include "app/log_access.h"
#include "hallmark/logged.h"
#include "tlog/follow.h"

namespace app {

using base::Trouble;

namespace {

constexpr std::uint64_t step = 1024;
constexpr const char* watched_name = "watched";
constexpr std::size_t most_watched = 200'000;

/// Payload digests of the verdicts that were reported: what is said about them later is reported too.
using Watched = std::set<base::Digest>;

struct Line {
  std::string text;
  std::optional<base::Digest> about;   ///< the verdict that it is about
  std::string maker;
};

std::string brief(const base::Digest& digest) { return "sha256:" + digest.hex(); }

Line line_of(const hallmark::Statement& s) {
  using namespace hallmark;
  const auto* verdict = std::get_if<VerdictStatement>(&s.predicate);
  if (verdict) {
    const auto product = s.subjects.empty() ? std::string("?") : brief(s.subjects[0].digest);
    return {fmt::format("{}  {} {} by {}  {}  office {}  expires {}", report::name_of(verdict->verdict), verdict->product.name, verdict->product.version, verdict->product.maker.empty() ? "an unnamed maker" : verdict->product.maker, product,
                        verdict->office, print_time(verdict->expires)),
            std::nullopt, verdict->product.maker};
  }
  if (const auto* r = std::get_if<Revocation>(&s.predicate)) return {fmt::format("revoked  verdict {}: {}", brief(r->hallmark), r->reason), r->hallmark, ""};
  if (const auto* r = std::get_if<Reasons>(&s.predicate)) return {fmt::format("{}  of verdict {}", r->sealed ? "reasons sealed" : "reasons given", brief(r->hallmark)), r->hallmark, ""};
  if (const auto* a = std::get_if<Appeal>(&s.predicate)) return {fmt::format("appeal  against verdict {} by {}", brief(a->hallmark), a->appellant), a->hallmark, ""};
  if (const auto* d = std::get_if<AppealDecision>(&s.predicate)) return {fmt::format("appeal {}  verdict {}: {}", d->overturned ? "granted, verdict overturned" : "refused, verdict upheld", brief(d->hallmark), d->reason), d->hallmark, ""};
  if (const auto* w = std::get_if<WaiverStatement>(&s.predicate)) return {fmt::format("waiver  of finding {}: {}", w->finding, w->reason), std::nullopt, ""};
  const auto* b = std::get_if<BreakGlass>(&s.predicate);
  return {fmt::format("gate opened by hand  {}: {}", b ? b->gate : "?", b ? b->reason : "?"), std::nullopt, ""};
}

bool wanted(const Line& line, const std::vector<std::string>& makers, const Watched& watched) {
  if (makers.empty()) return true;
  if (line.about) return watched.contains(*line.about);
  return std::find(makers.begin(), makers.end(), line.maker) != makers.end();
}

base::Result<Watched> read_watched(const tlog::Follow& follow) {
  const auto text = TRY(follow.note(watched_name));
  Watched out;
  for (std::size_t at = 0; at + 64 <= text.size(); at += 65)
    if (const auto digest = base::Digest::from_hex(text.substr(at, 64))) out.insert(*digest);
  return out;
}

base::Result<> keep_watched(tlog::Follow& follow, const Watched& watched) {
  std::string text;
  for (const auto& digest : watched) text += digest.hex() + "\n";
  return follow.note(watched_name, std::move(text));
}

/// Reads one entry's statement and tells it; a sentence when the log breaks its word over it.
base::Result<std::string> tell(tlog::Follow& follow, std::uint64_t index, base::Bytes leaf, const LogMonitorOptions& o, Watched& watched) {
  const auto facts = hallmark::read_leaf(leaf);
  if (!facts) {
    fmt::print("{}  an entry of another kind: {}\n", index, base::printable(facts.error().what));
    return std::string();
  }
  const auto text = follow.reading().statement(facts->payload);
  if (!text && text.error().trouble == Trouble::io && text.error().what.find("404") == std::string::npos) return std::unexpected(text.error());
  if (!text) return fmt::format("the log withholds the statement of its entry {}: {}", index, text.error().what);
  const auto envelope = hallmark::logged_statement(*facts, *text);
  if (!envelope) return fmt::format("the log's entry {} and the statement that it serves for it disagree: {}", index, envelope.error().what);
  const auto statement = hallmark::Statement::from_json(envelope->payload);
  if (!statement) return std::string();   // a summary for other tools (VSA), or a kind of a later version
  const auto line = line_of(*statement);
  if (!wanted(line, o.makers, watched)) return std::string();
  if (!line.about && !line.maker.empty() && watched.size() < most_watched) watched.insert(facts->payload);
  fmt::print("{}  {}\n", index, base::printable(line.text));
  return std::string();
}

/// One look: exit_pass, or exit_fail after a breach.
base::Result<int> look_once(tlog::Follow& follow, const LogMonitorOptions& o, std::int64_t now) {
  auto look = TRY(follow.look(now));
  const auto origin = base::printable(look.seen.checkpoint.origin);
  const auto breach = [&](const std::string& why) {
    fmt::print(stderr, "assay: {}. Both checkpoints are kept in {}/evidence\n", why, base::printable(o.state));
    return exit_fail;
  };
  if (look.breach != tlog::Breach::none) return breach(look.why);
  auto watched = TRY(read_watched(follow));
  const auto size = look.seen.checkpoint.size;
  for (auto at = look.since; at < size; at += step) {
    const auto entries = follow.reading().entries(at, std::min(size, at + step), look.seen.checkpoint);
    if (!entries && entries.error().trouble != Trouble::malformed && entries.error().what.find("404") == std::string::npos) return std::unexpected(entries.error());
    std::string why = entries ? "" : fmt::format("the log '{}' withholds or changes entries that it signed: {}", origin, entries.error().what);
    for (std::size_t i = 0; entries && why.empty() && i < entries->size(); ++i) why = TRY(tell(follow, at + i, (*entries)[i], o, watched));
    if (!why.empty()) {
      CHECK_OK(follow.accuse(look.seen, now, why));
      return breach(why);
    }
  }
  if (size > look.since) CHECK_OK(keep_watched(follow, watched));
  CHECK_OK(follow.keep(look.seen));
  fmt::print("{}: {} entries, {} new; nothing was taken back\n", origin, size, size - look.since);
  std::fflush(stdout);
  return exit_pass;
}

}  // namespace

base::Result<int> command_log_monitor(const LogMonitorOptions& o) {
  auto trust = TRY(trust_of(o.trust));
  if (::mkdir(o.state.c_str(), 0755) != 0 && errno != EEXIST) return base::fail(Trouble::usage, "{} can't be made", base::printable(o.state));
  auto follow = TRY(tlog::Follow::open(o.state, tlog::files_at(log_address(o.log)), std::move(trust)));
  if (!o.once) catch_interrupts();
  while (true) {
    const auto result = look_once(follow, o, static_cast<std::int64_t>(std::time(nullptr)));
    if (o.once || (result && *result != exit_pass)) return result;
    if (!result) fmt::print(stderr, "assay: {}; trying again\n", result.error().to_string());
    for (unsigned tenths = 0; tenths < o.every * 10 && !interrupted(); ++tenths) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (interrupted()) return exit_pass;
  }
}

}  // namespace app
