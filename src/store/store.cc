#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>

#include "evidence/wire.h"
#include "store/sql.h"

namespace store {
namespace {

using base::Trouble;
namespace fs = std::filesystem;

constexpr const char* layout = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;
  CREATE TABLE IF NOT EXISTS evidence (key BLOB PRIMARY KEY, result BLOB NOT NULL, run INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS report (id INTEGER PRIMARY KEY AUTOINCREMENT, product TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL,
    verdict TEXT NOT NULL, policy TEXT NOT NULL, at TEXT NOT NULL, json BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS frozen (report INTEGER NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, entry BLOB NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS report_digest ON report (digest);
)";

std::unexpected<base::Error> refused(const std::string& folder, const std::string& why) {
  return base::fail(Trouble::io, "the store at {} can't be used: {}; name another folder with --store or ASSAY_STORE", folder, why);
}

base::Result<> sync_folder(const std::string& folder) {
  const int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool ok = at >= 0 && fsync(at) == 0;
  const int error = errno;
  if (at >= 0) close(at);
  if (!ok) return refused(folder, std::strerror(error));
  return {};
}

base::Result<> sync_file(const std::string& file) {
  const int at = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool ok = at >= 0 && fsync(at) == 0;
  const int error = errno;
  if (at >= 0) close(at);
  if (!ok) return base::fail(Trouble::io, "{} can't be made durable: {}", file, std::strerror(error));
  return {};
}

// Copies a descriptor to another until its end, hashing; no more than `most`.
base::Result<Frozen> copy(int from, int to, std::uint64_t most) {
  base::Buffer chunk(1 << 20);
  base::Sha256 sha;
  Frozen out;
  for (;;) {
    const auto n = ::read(from, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(Trouble::usage, "it can't be read: {}", std::strerror(errno));
    if (n == 0) break;
    const auto bytes = base::slice(chunk, 0, static_cast<std::uint64_t>(n));
    out.size += bytes.size();
    if (out.size > most) return base::fail(Trouble::limit, "it is larger than the limit of {} bytes", most);
    sha.add(bytes);
    for (auto rest = bytes; !rest.empty();) {
      const auto written = ::write(to, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return base::fail(Trouble::io, "it can't be copied into the store: {}", std::strerror(written == 0 ? ENOSPC : errno));
      rest = rest.subspan(static_cast<std::size_t>(written));
    }
  }
  out.digest = sha.finish();
  return out;
}

}  // namespace

struct Store::State {
  std::string folder;
  Database database;
  Statement find, touch, keep;
  std::int64_t run = 0;
  bool in_transaction = false;
  std::vector<std::string> unsynced;  ///< frozen blobs, hex, not yet known to be on disk

  // Each file and its folder; for many, the whole file system at once costs less.
  base::Result<> sync_blobs() {
    if (unsynced.size() > 16) {
      const int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      const bool ok = at >= 0 && syncfs(at) == 0;
      if (at >= 0) close(at);
      if (!ok) return refused(folder, std::strerror(errno));
    } else {
      for (const auto& hex : unsynced) {
        CHECK_OK(sync_file(blob(hex)));
        CHECK_OK(sync_folder(blob_folder(hex)));
      }
    }
    unsynced.clear();
    return {};
  }

  std::string blob_folder(const std::string& hex) const { return folder + "/blobs/" + hex.substr(0, 2); }
  std::string blob(const std::string& hex) const { return blob_folder(hex) + "/" + hex; }
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store::~Store() {
  if (state_) flush();
}

std::string Store::default_folder() {
  if (const char* own = std::getenv("ASSAY_STORE"); own && *own) return own;
  if (const char* home = std::getenv("XDG_DATA_HOME"); home && *home) return std::string(home) + "/assay";
  const char* home = std::getenv("HOME");
  return std::string(home && *home ? home : "/var/tmp") + "/.local/share/assay";
}

base::Result<Store> Store::open(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder + "/blobs", error);
  if (!error) fs::create_directories(folder + "/tmp", error);
  if (error) return refused(folder, error.message());
  if (access(folder.c_str(), W_OK) != 0 || access((folder + "/tmp").c_str(), W_OK) != 0) return refused(folder, std::strerror(errno));
  auto database = Database::open(folder + "/assay.db");
  if (!database) return refused(folder, database.error().what);
  if (auto made = database->run(layout); !made) return refused(folder, made.error().what);
  auto find = TRY(database->prepare("SELECT result FROM evidence WHERE key = ?1"));
  auto touch = TRY(database->prepare("UPDATE evidence SET run = ?2 WHERE key = ?1 AND run <> ?2"));
  auto keep = TRY(database->prepare("INSERT OR REPLACE INTO evidence (key, result, run) VALUES (?1, ?2, ?3)"));
  if (auto began = database->run("INSERT INTO run DEFAULT VALUES"); !began) return refused(folder, began.error().what);
  const auto run = database->last_id();
  return Store(std::make_unique<State>(State{folder, std::move(*database), std::move(find), std::move(touch), std::move(keep), run, false, {}}));
}

const std::string& Store::folder() const { return state_->folder; }
std::string Store::temporary_folder() const { return state_->folder + "/tmp"; }

base::Result<Frozen> Store::freeze(int file, std::uint64_t most_bytes) {
  std::string temporary = temporary_folder() + "/freeze-XXXXXX";
  const int to = mkostemp(temporary.data(), O_CLOEXEC);
  if (to < 0) return refused(state_->folder, std::strerror(errno));
  auto frozen = copy(file, to, most_bytes);
  close(to);
  if (!frozen) {
    unlink(temporary.c_str());
    return frozen;
  }
  const auto hex = frozen->digest.hex();
  std::error_code error;
  fs::create_directories(state_->blob_folder(hex), error);
  if (error || rename(temporary.c_str(), state_->blob(hex).c_str()) != 0) {
    unlink(temporary.c_str());
    return refused(state_->folder, std::strerror(errno));
  }
  state_->unsynced.push_back(hex);
  frozen->file = ::open(state_->blob(hex).c_str(), O_RDONLY | O_CLOEXEC);
  if (frozen->file < 0) return refused(state_->folder, std::strerror(errno));
  return frozen;
}

std::optional<base::Buffer> Store::evidence(const base::Digest& key) {
  auto& find = state_->find;
  find.reset();
  const auto row = find.bind(1, base::Bytes(key.bytes)).step();
  if (!row || !*row) return std::nullopt;
  const auto bytes = find.blob(0);
  base::Buffer out(bytes.begin(), bytes.end());
  find.reset();
  return out;
}

void Store::keep_evidence(const base::Digest& key, base::Bytes result) {
  if (!state_->in_transaction) state_->in_transaction = state_->database.run("BEGIN").has_value();
  auto& keep = state_->keep;
  keep.reset();
  (void)keep.bind(1, base::Bytes(key.bytes)).bind(2, result).bind(3, state_->run).step();
}

void Store::flush() {
  if (!state_->in_transaction) return;
  (void)state_->database.run("COMMIT");
  state_->in_transaction = false;
}

base::Result<std::int64_t> Store::add_report(const ReportRow& row, std::string_view json, const std::vector<Piece>& pieces) {
  flush();
  CHECK_OK(state_->sync_blobs());
  CHECK_OK(state_->database.run("BEGIN IMMEDIATE"));
  const auto write = [&]() -> base::Result<std::int64_t> {
    auto add = TRY(state_->database.prepare("INSERT INTO report (product, version, digest, verdict, policy, at, json) VALUES (?1,?2,?3,?4,?5,?6,?7)"));
    add.bind(1, row.product).bind(2, row.version).bind(3, row.digest).bind(4, row.verdict).bind(5, row.policy).bind(6, row.at).bind(7, base::bytes_of(json));
    (void)TRY(add.step());
    const auto id = state_->database.last_id();
    auto name = TRY(state_->database.prepare("INSERT INTO frozen (report, digest, size, entry) VALUES (?1,?2,?3,?4)"));
    for (const auto& piece : pieces) {
      evidence::wire::Writer entry;
      entry.entry(piece.entry);
      name.reset();
      name.bind(1, id).bind(2, piece.digest.hex()).bind(3, static_cast<std::int64_t>(piece.size)).bind(4, entry.bytes());
      (void)TRY(name.step());
    }
    CHECK_OK(state_->database.run("COMMIT"));
    return id;
  };
  auto written = write();
  if (!written) (void)state_->database.run("ROLLBACK");
  return written;
}

base::Result<std::string> Store::report(std::int64_t id) {
  auto find = TRY(state_->database.prepare("SELECT json FROM report WHERE id = ?1"));
  if (!TRY(find.bind(1, id).step())) return base::fail(Trouble::usage, "there is no report {}; 'assay list' names them", id);
  return find.text(0);
}

base::Result<std::vector<Piece>> Store::pieces(std::int64_t id) {
  auto find = TRY(state_->database.prepare("SELECT digest, size, entry FROM frozen WHERE report = ?1 ORDER BY rowid"));
  find.bind(1, id);
  std::vector<Piece> out;
  while (TRY(find.step())) {
    base::Cursor entry(find.blob(2));
    out.push_back({TRY(evidence::wire::entry(entry)), base::Digest::from_hex(find.text(0)).value_or(base::Digest{}), static_cast<std::uint64_t>(find.number(1))});
  }
  return out;
}

base::Result<Frozen> Store::open_frozen(const base::Digest& digest) {
  struct stat status{};
  const int file = ::open(state_->blob(digest.hex()).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || fstat(file, &status) != 0) return base::fail(Trouble::usage, "the product {} is no longer in the store; vet it again", digest.hex());
  return Frozen{file, digest, static_cast<std::uint64_t>(status.st_size)};
}

base::Result<std::vector<ReportRow>> Store::reports() {
  auto find = TRY(state_->database.prepare("SELECT id, product, version, digest, verdict, policy, at FROM report ORDER BY id"));
  std::vector<ReportRow> out;
  while (TRY(find.step()))
    out.push_back({find.number(0), find.text(1), find.text(2), find.text(3), find.text(4), find.text(5), find.text(6)});
  return out;
}

std::optional<std::int64_t> Store::newest_of(const std::string& digest) {
  auto find = state_->database.prepare("SELECT max(id) FROM report WHERE digest = ?1 OR digest LIKE ?1 || '%'");
  if (!find) return std::nullopt;
  const auto row = find->bind(1, digest).step();
  if (!row || !*row || find->number(0) == 0) return std::nullopt;
  return find->number(0);
}

base::Result<Swept> Store::sweep(std::int64_t keep_runs) {
  flush();
  Swept out;
  auto drop = TRY(state_->database.prepare("DELETE FROM evidence WHERE run <= ?1"));
  (void)TRY(drop.bind(1, state_->run - keep_runs).step());
  out.results = static_cast<std::uint64_t>(state_->database.changes());
  std::set<std::string> named;
  auto find = TRY(state_->database.prepare("SELECT DISTINCT digest FROM frozen"));
  while (TRY(find.step())) named.insert(find.text(0));
  std::error_code error;
  for (const auto* part : {"/blobs", "/tmp"})
    for (fs::recursive_directory_iterator at(state_->folder + part, error), end; !error && at != end; at.increment(error)) {
      if (!at->is_regular_file(error) || named.contains(at->path().filename().string())) continue;
      out.bytes += at->file_size(error);
      out.blobs += fs::remove(at->path(), error) ? 1 : 0;
    }
  if (error) return refused(state_->folder, error.message());
  CHECK_OK(state_->database.run("PRAGMA wal_checkpoint(TRUNCATE)"));
  CHECK_OK(state_->database.run("VACUUM"));
  return out;
}

}  // namespace store
