// The witness's side of tlog-witness: a small state machine whose memory is a SQLite file.
#include "tlog/witness.h"

#include <mutex>

#include "tlog/database.h"

namespace tlog {

using base::Trouble;

struct Witness::State {
  Database database;
  NoteKey key;
  std::shared_ptr<const sign::Signer> signer;
  std::vector<NoteKey> logs;
  std::mutex mutex;
};

namespace {

struct Known {
  std::uint64_t size = 0;
  Hash root = empty_root();
  std::int64_t time = 0;
};

base::Result<Known> known_of(Database& database, const std::string& origin) {
  auto read = TRY(database.prepare("SELECT size, root, time FROM seen WHERE origin = ?"));
  Known out;
  if (!TRY(read.bind(1, std::string_view(origin)).step())) return out;
  out.size = static_cast<std::uint64_t>(read.number(0));
  out.root = TRY(read.digest(1));
  out.time = read.number(2);
  return out;
}

base::Result<> remember(Database& database, const Checkpoint& checkpoint, const std::string& note, std::int64_t now) {
  auto write = TRY(database.prepare("INSERT INTO seen VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root, time = excluded.time, note = excluded.note"));
  TRY(write.bind(1, std::string_view(checkpoint.origin)).bind(2, static_cast<std::int64_t>(checkpoint.size)).bind(3, checkpoint.root).bind(4, now).bind(5, std::string_view(note)).step());
  return {};
}

/// A checkpoint that a known log signed and that can't follow what it signed before: evidence, kept for ever.
base::Result<> keep_evidence(Database& database, const std::string& origin, const std::string& note, std::int64_t now) {
  auto count = TRY(database.prepare("SELECT count(*) FROM evidence WHERE origin = ?"));
  if (!TRY(count.bind(1, std::string_view(origin)).step()) || count.number(0) >= 100) return {};
  auto write = TRY(database.prepare("INSERT OR IGNORE INTO evidence VALUES (?, ?, ?)"));
  TRY(write.bind(1, std::string_view(origin)).bind(2, std::string_view(note)).bind(3, now).step());
  return {};
}

Witness::Answer refuse(int status, std::string sentence) { return {status, std::move(sentence) + "\n"}; }

}  // namespace

Witness::Witness(std::unique_ptr<State> state) : state_(std::move(state)) {}
Witness::~Witness() = default;
const NoteKey& Witness::key() const { return state_->key; }

base::Result<std::unique_ptr<Witness>> Witness::open(const std::string& file, NoteKey key, std::shared_ptr<const sign::Signer> signer, std::vector<NoteKey> logs) {
  if (key.type != NoteType::cosignature) return base::fail(Trouble::usage, "a witness signs with a cosignature key (Ed25519), not with that of '{}'", base::printable(key.name));
  for (const auto& log : logs)
    if (log.type == NoteType::cosignature) return base::fail(Trouble::usage, "'{}' is a witness's key, not a log's", base::printable(log.name));
  auto database = TRY(Database::open(file, Database::Mode::make));
  CHECK_OK(database.transaction([&]() -> base::Result<> {
    CHECK_OK(database.run("CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, time INTEGER NOT NULL, note TEXT NOT NULL) STRICT"));
    return database.run("CREATE TABLE IF NOT EXISTS evidence (origin TEXT NOT NULL, note TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (origin, note)) STRICT");
  }));
  return std::unique_ptr<Witness>(new Witness(std::unique_ptr<State>(new State{std::move(database), std::move(key), std::move(signer), std::move(logs), {}})));
}

Witness::Answer Witness::answer(std::string_view body, std::int64_t now) {
  auto& s = *state_;
  const auto request = AddCheckpoint::parse(body);
  if (!request) return refuse(400, request.error().what);
  const auto note = Note::parse(request->checkpoint);
  if (!note) return refuse(400, note.error().what);
  const auto checkpoint = Checkpoint::parse(note->text);
  if (!checkpoint) return refuse(400, checkpoint.error().what);
  bool known_origin = false, signed_by_log = false;
  for (const auto& log : s.logs) {
    if (log.name != checkpoint->origin) continue;
    known_origin = true;
    signed_by_log = signed_by_log || check_note(*note, log).has_value();
  }
  if (!known_origin) return refuse(404, "this witness does not know the log");
  if (!signed_by_log) return refuse(403, "the checkpoint is not signed by the log's key");
  if (request->old_size > checkpoint->size) return refuse(400, "the old size is larger than the checkpoint's");

  const std::lock_guard lock(s.mutex);
  Answer out;
  const auto done = s.database.transaction([&]() -> base::Result<> {
    const auto known = TRY(known_of(s.database, checkpoint->origin));
    if (request->old_size != known.size) {
      out = {409, fmt::format("{}\n", known.size), "text/x.tlog.size"};
      return {};
    }
    const bool same = known.size == checkpoint->size && known.size > 0;
    if (same && known.root != checkpoint->root) {
      CHECK_OK(keep_evidence(s.database, checkpoint->origin, request->checkpoint, now));
      out = refuse(409, "a checkpoint of this size with another root has been cosigned: the log forked");
      return {};
    }
    if (!check_consistency(known.size, checkpoint->size, request->proof, known.root, checkpoint->root)) {
      CHECK_OK(keep_evidence(s.database, checkpoint->origin, request->checkpoint, now));
      out = refuse(422, "the consistency proof does not lead from the checkpoint that was cosigned last to this one");
      return {};
    }
    // A cosignature says "this is the largest tree that I have seen by now"; with a clock behind its own last word that would be false.
    if (now < known.time) {
      out = refuse(503, "this witness's clock went back; it cosigns again when the clock has caught up");
      return {};
    }
    CHECK_OK(remember(s.database, *checkpoint, request->checkpoint, now));
    out.status = 200;
    return {};
  });
  if (!done) return refuse(500, "this witness can't keep what it sees, so it does not cosign");
  if (out.status != 200) return out;
  const auto signature = sign_note(note->text, s.key, *s.signer, now);
  if (!signature) return refuse(500, "this witness can't sign");
  out.body = signature->print();
  return out;
}

}  // namespace tlog
