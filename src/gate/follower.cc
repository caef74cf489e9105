#include "gate/follower.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "gate/shelf.h"
#include "hallmark/logged.h"

namespace gate {
namespace {

using base::Trouble;

constexpr std::uint64_t step = 4096;              // entries at a time: 256 MiB at the very most
constexpr std::size_t most_state_bytes = 1u << 30;

}  // namespace

base::Result<Follower> Follower::open(LogSource source, const std::string& folder, const hallmark::Trust& trust, Time now) {
  const auto name = base::sha256(source.trust.log.vkey()).hex().substr(0, 16);
  Follower out(std::move(source), fmt::format("{}/log-{}", folder, name));
  out.facts_.origin = out.source_.trust.origin;
  out.facts_.most_age = out.source_.most_age;
  CHECK_OK(out.load(trust, now));
  return out;
}

base::Result<> Follower::load(const hallmark::Trust& trust, Time now) {
  const auto file = stem_ + ".json";
  if (::access(file.c_str(), F_OK) != 0) return {};
  const auto text = TRY(read_file(file, 64u << 20));
  const auto damaged = base::fail(Trouble::malformed, "{} is damaged; keep it as evidence, and remove it to begin anew with the log's present state", base::printable(file));
  try {
    const auto json = nlohmann::json::parse(text);
    note_ = json.at("checkpoint").get<std::string>();
    const auto seen = tlog::check_checkpoint(note_, source_.trust);
    if (!seen && source_.trust.quorum == 0) return damaged;
    if (seen) last_ = seen->checkpoint;
    else last_ = TRY(tlog::Checkpoint::parse(note_.substr(0, note_.find("\n\n") + 1)));  // the policy asks for more witnesses than it did
    if (seen) newest_cosignature_ = seen->newest_cosignature;
    facts_.fresh = json.at("fresh").get<Time>();
    forked_ = json.at("forked").get<std::string>();
    read_ = json.at("read").get<std::uint64_t>();
    for (const auto& w : json.at("withheld")) {
      const auto payload = base::Digest::from_hex(w.at("payload").get<std::string>());
      if (!payload) return damaged;
      withheld_[w.at("index").get<std::uint64_t>()] = *payload;
    }
  } catch (const nlohmann::json::exception&) {
    return damaged;
  }
  if (read_ > last_.size) return damaged;
  facts_.size = last_.size;
  facts_.withheld = withheld_.size();
  facts_.rolled_back = !forked_.empty();
  if (facts_.rolled_back) facts_.trouble = "two checkpoints of one size were signed";
  const auto statements = stem_ + ".statements";
  if (::access(statements.c_str(), F_OK) != 0) return {};
  const auto lines = TRY(read_file(statements, most_state_bytes));
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = lines.find('\n', at);
    if (end == lines.npos) break;  // torn by a crash: its entry does not count as read yet
    if (const auto envelope = hallmark::Envelope::from_json(std::string_view(lines).substr(at, end - at))) understand(*envelope, trust, now);
    at = end + 1;
  }
  return {};
}

base::Result<> Follower::save() const {
  auto withheld = nlohmann::json::array();
  for (const auto& [index, payload] : withheld_) withheld.push_back({{"index", index}, {"payload", payload.hex()}});
  const nlohmann::json json = {{"checkpoint", note_}, {"fresh", facts_.fresh}, {"read", read_}, {"withheld", withheld}, {"forked", forked_}};
  return write_durably(stem_ + ".json", json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

bool Follower::refresh(const hallmark::Trust& given, Time now) {
  const auto before = std::tuple(facts_.fresh, facts_.rolled_back, facts_.withheld, facts_.size, facts_.trouble, heard_.size() + revoked_.size() + waived_.size());
  // Who holds a key that was put away can still write an old date: what came into the log after the last
  // reading, and that was after the key's time, is not its office's.
  auto trust = given;
  for (auto& office : trust.offices) std::erase_if(office.keys, [&](const auto& k) { return k.not_after < facts_.fresh; });
  tlog::Reading log(tlog::files_at(source_.address), source_.trust);
  base::Result<> done;
  try {
    done = advance(log, trust, now);
  } catch (const std::exception& e) {  // of a library, on what a hostile log gave
    done = base::fail(Trouble::malformed, "{}", base::printable(e.what()));
  }
  facts_.trouble = done ? std::string() : done.error().what;
  facts_.withheld = withheld_.size();
  return before != std::tuple(facts_.fresh, facts_.rolled_back, facts_.withheld, facts_.size, facts_.trouble, heard_.size() + revoked_.size() + waived_.size());
}

base::Result<> Follower::advance(tlog::Reading& log, const hallmark::Trust& trust, Time now) {
  const auto newer = TRY(log.checkpoint());
  CHECK_OK(accept(log, newer));
  CHECK_OK(read_entries(log, trust, now));
  facts_.fresh = source_.trust.quorum > 0 ? std::min(now, newer.newest_cosignature) : now;
  newest_cosignature_ = std::max(newest_cosignature_, newer.newest_cosignature);
  return save();
}

/// The newer checkpoint, if its tree begins with the one that was seen.
base::Result<> Follower::accept(tlog::Reading& log, const tlog::SeenCheckpoint& newer) {
  const auto& to = newer.checkpoint;
  if (!forked_.empty()) return base::fail(Trouble::malformed, "two checkpoints of one size were signed; the second is kept in the gate's state");
  facts_.rolled_back = false;
  if (!note_.empty()) {
    const auto rolled_back = [&](std::string why) {
      facts_.rolled_back = true;
      return base::fail(Trouble::malformed, "{}", why);
    };
    if (to.size < last_.size) return rolled_back(fmt::format("it shows {} entries after {}", to.size, last_.size));
    if (to.size == last_.size && to.root != last_.root) {
      forked_ = newer.note;
      facts_.rolled_back = true;
      CHECK_OK(save());
      return rolled_back(fmt::format("it signed two trees of {} entries", to.size));
    }
    if (to.size > last_.size && last_.size > 0) {
      const auto proof = log.consistency(last_.size, to);
      if (!proof && (proof.error().trouble == Trouble::io || proof.error().trouble == Trouble::limit)) return std::unexpected(proof.error());
      const auto holds = proof ? tlog::check_consistency(last_.size, to.size, *proof, last_.root, to.root) : base::Result<>(std::unexpected(proof.error()));
      if (!holds) return rolled_back(fmt::format("its {} entries do not begin with the {} that were seen", to.size, last_.size));
    }
  }
  note_ = newer.note;
  last_ = to;
  facts_.size = to.size;
  return save();
}

/// Asks again for what the log kept back.
base::Result<> Follower::take_withheld(tlog::Reading& log, const hallmark::Trust& trust, Time now) {
  for (auto it = withheld_.begin(); it != withheld_.end();) {
    const auto entries = TRY(log.entries(it->first, it->first + 1, last_));
    const auto leaf = hallmark::read_leaf(entries.front());
    const bool there = leaf && TRY(take(log, *leaf, trust, now));
    it = there ? withheld_.erase(it) : std::next(it);
  }
  return {};
}

base::Result<> Follower::read_entries(tlog::Reading& log, const hallmark::Trust& trust, Time now) {
  CHECK_OK(take_withheld(log, trust, now));
  while (read_ < last_.size) {
    const auto to = std::min(last_.size, read_ + step);
    const auto entries = TRY(log.entries(read_, to, last_));
    for (const auto& entry : entries) {
      const auto index = read_++;
      const auto facts = hallmark::read_leaf(entry);
      if (!facts) continue;  // not a statement of the kind that offices make
      const bool ours = std::ranges::any_of(trust.offices, [&](const auto& office) { return std::ranges::any_of(office.keys, [&](const auto& k) { return k.key == facts->key; }); });
      if (!ours) continue;
      const auto there = take(log, *facts, trust, now);
      if (!there) {
        --read_;
        return std::unexpected(there.error());
      }
      if (!*there) withheld_[index] = facts->payload;
    }
    CHECK_OK(save());
  }
  return {};
}

/// Fetches one statement. False: the log does not give it. Error: the disk.
base::Result<bool> Follower::take(tlog::Reading& log, const hallmark::LeafFacts& leaf, const hallmark::Trust& trust, Time now) {
  const auto text = log.statement(leaf.payload);
  if (!text) return false;
  const auto envelope = hallmark::logged_statement(leaf, *text);
  if (!envelope) return false;
  if (understand(*envelope, trust, now)) CHECK_OK(keep(envelope->to_json()));
  return true;
}

base::Result<> Follower::keep(const std::string& envelope) const {
  const auto path = stem_ + ".statements";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return base::fail(Trouble::io, "{}: {}", base::printable(path), std::strerror(errno));
  const auto line = "\n" + envelope + "\n";  // the first newline ends what a crash may have torn
  const bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fdatasync(file) == 0;
  const int error = errno;
  ::close(file);
  if (!written) return base::fail(Trouble::io, "{}: {}", base::printable(path), std::strerror(error));
  return {};
}

/// Sorts a statement of a trusted office; what is signed by nobody trusted says nothing.
bool Follower::understand(const hallmark::Envelope& envelope, const hallmark::Trust& trust, Time now) {
  auto logged = trust;  // that it stands in this log, under a checkpoint with its witnesses, is already proved
  logged.need_log = false;
  if (auto heard = hear({.bundles = {{envelope, std::nullopt}}}, logged, now)) {
    if (!heard->word->signed_by_office()) return false;
    heard_.push_back(std::move(*heard));
    return true;
  }
  std::string office;
  const auto statement = hallmark::verify_statement(envelope, trust, now, &office);
  if (!statement) return false;
  if (const auto* revocation = std::get_if<hallmark::Revocation>(&statement->predicate)) {
    revoked_.push_back({office, revocation->hallmark, revocation->reason});
  } else if (const auto* waiver = std::get_if<hallmark::WaiverStatement>(&statement->predicate)) {
    if (statement->subjects.empty() || waiver->approver == waiver->requester || waiver->approver.empty()) return false;
    waived_.push_back({statement->subjects.front().digest, {waiver->finding, office, waiver->approver, waiver->issued, waiver->expires}});
  } else {
    return false;
  }
  return true;
}

void Follower::collect(std::vector<Heard>& heard, std::vector<Revoked>& revoked, std::vector<Waived>& waived) const {
  heard.insert(heard.end(), heard_.begin(), heard_.end());
  revoked.insert(revoked.end(), revoked_.begin(), revoked_.end());
  waived.insert(waived.end(), waived_.begin(), waived_.end());
}

}  // namespace gate
