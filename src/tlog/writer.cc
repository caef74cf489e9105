// One thread writes, in batches; callers of append() wait for theirs.
//
// Fences, in this order, and none may move: (1) entries and tiles are on disk; (2) the record says that
// the new checkpoint is signed, so that no other of its size ever will be; (3) witnesses see it; (4) the
// checkpoint file is replaced; (5) callers hear of it. A death before (2) leaves files that no checkpoint
// covers, which the next batch overwrites; a death after it leaves a checkpoint that open() publishes.
#include "tlog/writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "tlog/grown.h"
#include "tlog/record.h"
#include "tlog/statement.h"

namespace tlog {
namespace {

using base::Trouble;
using Clock = std::chrono::steady_clock;

constexpr auto retry_after = std::chrono::seconds(5);
constexpr std::size_t most_checkpoint_bytes = 1u << 20;

struct Waiting {
  std::vector<NewEntry> entries;
  std::promise<base::Result<std::vector<Added>>> answer;
  Clock::time_point since = Clock::now();
};

/// One batch: which entries are new, and where every entry stands.
struct Batch {
  std::vector<base::Buffer> leaves;
  std::vector<Hash> hashes;
  std::vector<std::pair<std::uint64_t, bool>> places;   ///< of each entry in order: index, and whether it was there
};

NoteType type_of(const sign::PublicKey& key) { return key.algorithm() == sign::Algorithm::ecdsa_p256 ? NoteType::ecdsa : NoteType::ed25519; }

std::string statement_path(const base::Digest& name) { return "statement/" + name.hex(); }

}  // namespace

struct Writer::State {
  State(Files f, Record r, NoteKey k, std::shared_ptr<const sign::Signer> s, WriterOptions o) : files(std::move(f)), record(std::move(r)), key(std::move(k)), signer(std::move(s)), options(std::move(o)) {}

  // The writing thread's own, and open()'s before there is one.
  Files files;
  Record record;
  const NoteKey key;
  const std::shared_ptr<const sign::Signer> signer;
  const WriterOptions options;
  Grown grown;
  Signed last;
  std::map<std::string, std::uint64_t> witness_sizes;

  // Everybody's, under the mutex.
  mutable std::mutex mutex;
  std::condition_variable arrived;
  std::deque<Waiting> queue;
  std::size_t queued = 0;
  bool stopping = false;
  SeenCheckpoint published;
  std::thread thread;

  LogTrust trust() const {
    LogTrust out{record.origin(), key, {}, options.quorum};
    for (const auto& w : options.witnesses) out.witnesses.push_back(w.key);
    return out;
  }
  base::Result<> recover();
  base::Result<SeenCheckpoint> read_published();
  base::Result<> sign(const Batch& batch, Grown&& next);
  base::Result<> publish();
  base::Result<Batch> sort(const std::vector<Waiting>& waiting);
  bool has_statement(const base::Digest& name) const;
  base::Result<> integrate(const std::vector<Waiting>& waiting, const Batch& batch);
  base::Result<std::vector<Added>> answer_of(const Waiting& one, const Batch& batch, std::size_t first);
  void work(std::vector<Waiting> waiting);
  void run();
};

/// Brings memory to what the record says, and refuses a folder that contradicts it.
base::Result<> Writer::State::recover() {
  last = TRY(record.last());
  if (!last.note.empty()) {
    const auto note = TRY(Note::parse(last.note));
    CHECK_OK(check_note(note, key));
    if (TRY(Checkpoint::parse(note.text)) != last.checkpoint) return base::fail(Trouble::usage, "{} contradicts itself", base::printable(Record::file_of(files.folder())));
  }
  auto there = TRY(read_published());
  grown = TRY(Grown::load(files, last.checkpoint.size, last.before, last.checkpoint.root));
  if (!there.note.empty() && there.checkpoint.root != TRY(tree_root(there.checkpoint.size, grown.node(files))))
    return base::fail(Trouble::usage, "{}/checkpoint is not of this log's entries: a fork. Keep both as evidence", base::printable(files.folder()));
  published = std::move(there);
  if (last.note.empty()) CHECK_OK(sign({}, Grown(grown)));
  if (published.note.empty() || published.checkpoint.size < last.checkpoint.size) {
    const auto done = publish();
    // Too few witnesses now is no reason not to start: append() goes on asking.
    if (!done && published.note.empty() && last.checkpoint.size == 0) return done;
  }
  return {};
}

/// The checkpoint file, or an empty note when there is none.
base::Result<SeenCheckpoint> Writer::State::read_published() {
  const auto note = files.read("checkpoint", most_checkpoint_bytes);
  if (!note && note.error().what.find("404") == std::string::npos) return std::unexpected(note.error());
  if (!note) return SeenCheckpoint{};
  auto own = trust();
  own.quorum = 0;
  auto seen = check_checkpoint(*note, own);
  const auto name = base::printable(files.folder()) + "/checkpoint";
  if (!seen) return base::fail(Trouble::usage, "{}: {}; nothing is written over it. Find out who changed it", name, seen.error().what);
  if (seen->checkpoint.size > last.checkpoint.size)
    return base::fail(Trouble::usage, "{} has {} entries, and {} knows of {} only: the record was rolled back. Going on would sign a fork; put the newer record back", name, seen->checkpoint.size,
                      base::printable(Record::file_of(files.folder())), last.checkpoint.size);
  return std::move(*seen);
}

/// Fence (2).
base::Result<> Writer::State::sign(const Batch& batch, Grown&& next) {
  Signed signed_next;
  signed_next.checkpoint = {record.origin(), next.size(), next.root(), {}};
  signed_next.before = last.checkpoint.size;
  Note note{signed_next.checkpoint.print(), {}};
  note.signatures.push_back(TRY(sign_note(note.text, key, *signer, 0)));
  signed_next.note = note.print();
  CHECK_OK(record.follow(last, signed_next, batch.hashes));
  last = std::move(signed_next);
  grown = std::move(next);
  return {};
}

/// Fences (3) and (4).
base::Result<> Writer::State::publish() {
  auto note = TRY(Note::parse(last.note));
  if (!options.witnesses.empty() && last.checkpoint.size > 0) {
    const auto cosigned = ask_witnesses(options.witnesses, witness_sizes, last.checkpoint, last.note, grown.node(files));
    note.signatures.insert(note.signatures.end(), cosigned.signatures.begin(), cosigned.signatures.end());
    if (const auto seen = check_checkpoint(note.print(), trust()); !seen)
      return base::fail(Trouble::io, "the log's new checkpoint is not published: {}{}", seen.error().what, cosigned.refusals.empty() ? "" : fmt::format(" ({})", fmt::join(cosigned.refusals, "; ")));
  }
  auto own = trust();
  own.quorum = 0;
  auto seen = TRY(check_checkpoint(note.print(), own));
  files.put("checkpoint", seen.note);
  CHECK_OK(files.commit());
  grown.drop_replaced(published.checkpoint.size, files);
  const std::lock_guard lock(mutex);
  published = std::move(seen);
  return {};
}

base::Result<Batch> Writer::State::sort(const std::vector<Waiting>& waiting) {
  Batch out;
  std::unordered_map<Hash, std::uint64_t> here;
  for (const auto& one : waiting)
    for (const auto& entry : one.entries) {
      const auto hash = leaf_hash(entry.leaf);
      auto old = TRY(record.index_of(hash));
      if (const auto found = here.find(hash); !old && found != here.end()) old = found->second;
      if (old) {
        out.places.emplace_back(*old, true);
        continue;
      }
      const auto index = last.checkpoint.size + out.leaves.size();
      here[hash] = index;
      out.places.emplace_back(index, false);
      out.leaves.push_back(entry.leaf);
      out.hashes.push_back(hash);
    }
  return out;
}

/// One that is there stays: another envelope of the same payload was logged with it.
bool Writer::State::has_statement(const base::Digest& name) const {
  if (!files.has(statement_path(name))) return false;
  const auto text = files.read(statement_path(name), most_statement_bytes);
  const auto is = text ? payload_of(*text) : std::unexpected(text.error());
  return is && *is == name;
}

/// Fence (1), then signing.
base::Result<> Writer::State::integrate(const std::vector<Waiting>& waiting, const Batch& batch) {
  files.forget();
  std::set<base::Digest> put;
  for (const auto& one : waiting)
    for (const auto& entry : one.entries)
      if (!entry.statement.empty() && put.insert(entry.statement_name).second && !has_statement(entry.statement_name)) files.put(statement_path(entry.statement_name), entry.statement);
  auto next = grown;
  if (!batch.leaves.empty()) next.grow(batch.leaves, files);
  CHECK_OK(files.commit());
  if (!batch.leaves.empty()) CHECK_OK(sign(batch, std::move(next)));
  return {};
}

base::Result<std::vector<Added>> Writer::State::answer_of(const Waiting& one, const Batch& batch, std::size_t first) {
  std::vector<Added> out;
  const auto node = grown.node(files);
  for (std::size_t i = 0; i < one.entries.size(); ++i) {
    const auto [index, was_there] = batch.places[first + i];
    Added added{index, published.note, TRY(inclusion_proof(index, published.checkpoint.size, node)), was_there};
    CHECK_OK(check_inclusion(index, published.checkpoint.size, leaf_hash(one.entries[i].leaf), added.inclusion, published.checkpoint.root));
    out.push_back(std::move(added));
  }
  return out;
}

void Writer::State::work(std::vector<Waiting> waiting) {
  const auto batch = sort(waiting);
  base::Result<> done;
  if (!batch) done = std::unexpected(batch.error());
  if (done) done = integrate(waiting, *batch);
  if (done && published.checkpoint.size != last.checkpoint.size) done = publish();
  std::size_t first = 0;
  for (auto& one : waiting) {
    if (!done) one.answer.set_value(std::unexpected(done.error()));
    else one.answer.set_value(answer_of(one, *batch, first));
    first += one.entries.size();
  }
}

void Writer::State::run() {
  std::unique_lock lock(mutex);
  while (true) {
    const bool behind = published.checkpoint.size != last.checkpoint.size;
    const auto something = [&] { return stopping || !queue.empty(); };
    if (behind && !arrived.wait_for(lock, retry_after, something)) {
      lock.unlock();
      (void)publish();
      lock.lock();
      continue;
    }
    arrived.wait(lock, something);
    if (queue.empty()) return;
    arrived.wait_until(lock, queue.front().since + std::chrono::milliseconds(options.batch_milliseconds), [&] { return stopping || queued >= options.most_batch; });
    std::vector<Waiting> taken;
    for (std::size_t entries = 0; !queue.empty() && (taken.empty() || entries + queue.front().entries.size() <= options.most_batch);) {
      entries += queue.front().entries.size();
      queued -= queue.front().entries.size();
      taken.push_back(std::move(queue.front()));
      queue.pop_front();
    }
    lock.unlock();
    work(std::move(taken));
    lock.lock();
  }
}

base::Result<> Writer::init(const std::string& folder, const std::string& origin, const sign::PublicKey& key) {
  const auto log = TRY(NoteKey::make(origin, type_of(key), key));
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return base::fail(Trouble::usage, "{} can't be made: {}", base::printable(folder), std::generic_category().message(errno));
  const auto files = TRY(Files::open(folder));
  for (const auto& name : files.list("."))
    if (name != ".new") return base::fail(Trouble::usage, "{} is not empty; a new log begins in a folder of its own", base::printable(folder));
  return Record::make(folder, origin, log.vkey());
}

base::Result<std::unique_ptr<Writer>> Writer::open(const std::string& folder, std::shared_ptr<const sign::Signer> signer, WriterOptions options) {
  auto record = TRY(Record::open(folder));
  auto files = TRY(Files::open(folder));
  auto key = TRY(NoteKey::parse(record.vkey()));
  if (!(key.key == signer->public_key())) return base::fail(Trouble::usage, "the key given is not the key of the log '{}'", base::printable(record.origin()));
  if (options.quorum > options.witnesses.size()) return base::fail(Trouble::usage, "{} witnesses can't make a quorum of {}", options.witnesses.size(), options.quorum);
  auto state = std::make_unique<State>(std::move(files), std::move(record), std::move(key), std::move(signer), std::move(options));
  CHECK_OK(state->recover());
  state->thread = std::thread([s = state.get()] { s->run(); });
  return std::unique_ptr<Writer>(new Writer(std::move(state)));
}

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->arrived.notify_all();
  state_->thread.join();
}

base::Result<std::vector<Added>> Writer::append_all(std::vector<NewEntry> entries) {
  if (entries.empty() || entries.size() > most_at_once) return base::fail(Trouble::usage, "1 to {} entries are appended at once, not {}", most_at_once, entries.size());
  for (const auto& entry : entries) {
    if (entry.leaf.size() > most_entry_bytes) return base::fail(Trouble::limit, "an entry of the log has at most {} bytes, not {}", most_entry_bytes, entry.leaf.size());
    if (!entry.statement.empty() && TRY(payload_of(entry.statement)) != entry.statement_name) return base::fail(Trouble::usage, "the statement is not the one that {} names", entry.statement_name.hex());
  }
  Waiting mine{std::move(entries), {}};
  auto answer = mine.answer.get_future();
  {
    const std::lock_guard lock(state_->mutex);
    state_->queued += mine.entries.size();
    state_->queue.push_back(std::move(mine));
  }
  state_->arrived.notify_all();
  return answer.get();
}

base::Result<Added> Writer::append(NewEntry entry) {
  std::vector<NewEntry> one;
  one.push_back(std::move(entry));
  auto added = TRY(append_all(std::move(one)));
  return std::move(added.front());
}

SeenCheckpoint Writer::checkpoint() const {
  const std::lock_guard lock(state_->mutex);
  return state_->published;
}

const NoteKey& Writer::key() const { return state_->key; }

}  // namespace tlog
