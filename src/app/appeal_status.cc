// `assay appeal status`: gathers the statements about a verdict from files and a log, and tells its course.
#include <nlohmann/json.hpp>

#include "app/command_appeal.h"
#include "app/exit_codes.h"
#include "app/log_names.h"
#include "app/outputs.h"
#include "hallmark/course.h"
#include "hallmark/logged.h"
#include "report/wording.h"
#include "tlog/reading.h"

namespace app {
namespace {

using base::Trouble;
using hallmark::Seen;

constexpr std::uint64_t chunk = 4096;

struct Keys {
  std::vector<sign::PublicKey> office, appellant;
};

// Under which key a statement from a file was signed: one that is known here, or the one that its log entry
// names; and where it stands in the log, when the proof that it carries holds.
base::Result<Seen> seen_in_file(const std::string& file, const Keys& keys, const std::optional<tlog::LogTrust>& log) {
  const auto loaded = TRY(load_statement(file, "a statement"));
  Seen out{loaded.statement, loaded.id, {}, false, std::nullopt};
  const auto& envelope = loaded.bundle.envelope;
  std::optional<sign::PublicKey> by;
  for (const auto& key : keys.office)
    if (!by && envelope.check(key)) by = key, out.of_office = true;
  for (const auto& key : keys.appellant)
    if (!by && envelope.check(key)) by = key;
  const auto& entry = loaded.bundle.entry;
  if (!by && entry)
    if (const auto leaf = hallmark::read_leaf(base::bytes_of(entry->body)); leaf && envelope.check(leaf->key)) by = leaf->key;
  if (!by) return base::fail(Trouble::usage, "the signature of {} holds under none of the keys given (--office-key, --appellant-key)", base::printable(file));
  out.by = by->id();
  if (!entry || !log || log->log.full_id != entry->log_id) return out;
  if (entry->body != hallmark::dsse_leaf(envelope, *by)) return base::fail(Trouble::usage, "{} carries the log entry of another statement", base::printable(file));
  if (const auto proof = tlog::check_proof(entry->proof, base::bytes_of(entry->body), *log); !proof)
    return base::fail(Trouble::usage, "the log proof in {} does not hold: {}", base::printable(file), proof.error().what);
  out.index = entry->proof.index;
  return out;
}

// One entry of the log as a statement; nothing for kinds that say nothing about verdicts of ours.
base::Result<std::optional<Seen>> seen_in_log(tlog::Reading& log, std::uint64_t index, base::Bytes leaf, const Keys& keys) {
  const auto facts = hallmark::read_leaf(leaf);
  if (!facts) return std::optional<Seen>();
  const auto text = log.statement(facts->payload);
  if (!text) return base::fail(Trouble::io, "entry {} of the log may be about this hallmark, and the log does not give its statement: {}", index, text.error().what);
  const auto envelope = hallmark::logged_statement(*facts, *text);
  if (!envelope) return base::fail(Trouble::malformed, "the statement that the log gives for entry {} is not the one that was logged: {}", index, envelope.error().what);
  auto statement = hallmark::Statement::from_json(envelope->payload);
  if (!statement) return std::optional<Seen>();
  const bool of_office = std::ranges::find(keys.office, facts->key) != keys.office.end();
  return std::optional<Seen>(Seen{std::move(*statement), facts->payload, facts->key.id(), of_office, index});
}

base::Result<> look_in_log(const AppealStatusOptions& options, const tlog::LogTrust& trust, const Keys& keys, std::vector<Seen>& out) {
  tlog::Reading log(tlog::files_at(log_address(options.log)), trust);
  const auto newest = TRY(log.checkpoint());
  const auto& tree = newest.checkpoint;
  if (options.from > tree.size) return base::fail(Trouble::usage, "--from {}: the log has {} entries", options.from, tree.size);
  for (auto at = options.from; at < tree.size; at += chunk) {
    const auto entries = TRY(log.entries(at, std::min(at + chunk, tree.size), tree));
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (auto seen = TRY(seen_in_log(log, at + i, entries[i], keys))) out.push_back(std::move(*seen));
  }
  return {};
}

std::string as_text(const Seen& verdict, const hallmark::Course& course) {
  auto out = fmt::format("hallmark {}\n", verdict.id.hex());
  out += fmt::format("{:>7}  {:<20}  {:<14}  key\n", "entry", "when", "what");
  for (const auto& e : course.events)
    out += fmt::format("{:>7}  {:<20}  {:<14}  {:<8}  {}\n", e.index ? std::to_string(*e.index) : "-", hallmark::print_time(e.when), hallmark::name_of(e.step), e.step == hallmark::Step::expired ? "" : e.by.brief(), report::sentence(e.text));
  for (const auto& o : course.objections) out += fmt::format("note: {}\n", report::sentence(o));
  if (course.pending) out += "An appeal waits for its decision.\n";
  return out + (course.stands ? "The verdict stands.\n" : "The verdict does not stand any more.\n");
}

std::string as_json(const Seen& verdict, const hallmark::Course& course) {
  nlohmann::ordered_json events = nlohmann::ordered_json::array(), notes = nlohmann::ordered_json::array();
  for (const auto& e : course.events) {
    nlohmann::ordered_json event = {{"step", hallmark::name_of(e.step)}, {"when", hallmark::print_time(e.when)}, {"text", report::sentence(e.text)}};
    if (e.index) event["index"] = *e.index;
    if (e.step != hallmark::Step::expired) event["statement"] = e.id.hex(), event["key"] = e.by.hex();
    events.push_back(std::move(event));
  }
  for (const auto& o : course.objections) notes.push_back(report::sentence(o));
  const nlohmann::ordered_json out = {{"hallmark", verdict.id.hex()}, {"stands", course.stands}, {"pending", course.pending}, {"events", std::move(events)}, {"notes", std::move(notes)}};
  return out.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

base::Result<int> command_appeal_status(const AppealStatusOptions& options) {
  const auto now = TRY(time_or_now(options.now));
  if (options.office_keys.empty()) return base::fail(Trouble::usage, "whose statements count is said with --office-key");
  if (!options.log.empty() && options.log_vkey.empty()) return base::fail(Trouble::usage, "the log at {} is believed under its key only; give --log-vkey", base::printable(options.log));
  const Keys keys{TRY(load_keys(options.office_keys)), TRY(load_keys(options.appellant_keys))};
  std::optional<tlog::LogTrust> trust;
  if (!options.log_vkey.empty()) {
    auto key = TRY(note_key(options.log_vkey));
    trust = tlog::LogTrust{key.name, key, {}, 0};
  }
  const auto verdict = TRY(seen_in_file(options.hallmark, keys, trust));
  if (!verdict.of_office) return base::fail(Trouble::usage, "{} is signed by none of the office's keys", base::printable(options.hallmark));
  std::vector<Seen> others;
  for (const auto& file : options.files) others.push_back(TRY(seen_in_file(file, keys, trust)));
  if (!options.log.empty()) CHECK_OK(look_in_log(options, *trust, keys, others));
  const auto course = TRY(hallmark::course_of(verdict, others, now));
  CHECK_OK(write_output("-", options.format == "json" ? as_json(verdict, course) : as_text(verdict, course)));
  return course.stands ? exit_pass : exit_fail;
}

}  // namespace app
