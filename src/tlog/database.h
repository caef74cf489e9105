// SQLite with errors as values, for what must never go back: one connection, one thread at a time.
// Write-ahead log, synchronous FULL: a committed transaction is on disk. An I/O error in a commit ends
// the process, like an fsync that fails.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "tlog/files.h"

namespace tlog {

class Query {
 public:
  explicit Query(sqlite3_stmt* raw) : raw_(raw, &sqlite3_finalize) {}
  Query& bind(int at, std::int64_t v) { return sqlite3_bind_int64(raw_.get(), at, v), *this; }
  Query& bind(int at, std::string_view v) { return sqlite3_bind_text64(raw_.get(), at, v.data(), v.size(), SQLITE_TRANSIENT, SQLITE_UTF8), *this; }
  Query& bind(int at, const base::Digest& v) { return sqlite3_bind_blob64(raw_.get(), at, v.bytes.data(), v.bytes.size(), SQLITE_TRANSIENT), *this; }
  /// True while there is a row.
  base::Result<bool> step() {
    const int code = sqlite3_step(raw_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    auto* database = sqlite3_db_handle(raw_.get());
    const std::string message = sqlite3_errmsg(database);
    if ((code & 0xFF) == SQLITE_IOERR) end_after_lost_write(fmt::format("the log's record: {}", message));
    return base::fail(base::Trouble::io, "the log's record: {}", message);
  }
  void reset() { sqlite3_reset(raw_.get()); }
  std::int64_t number(int column) const { return sqlite3_column_int64(raw_.get(), column); }
  std::string text(int column) const {
    const auto* at = static_cast<const char*>(sqlite3_column_blob(raw_.get(), column));
    return at ? std::string(at, static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), column))) : "";
  }
  base::Result<base::Digest> digest(int column) const {
    const auto bytes = text(column);
    base::Digest out;
    if (bytes.size() != out.bytes.size()) return base::fail(base::Trouble::malformed, "the log's record holds a hash of {} bytes", bytes.size());
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
    return out;
  }

 private:
  std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> raw_;
};

class Database {
 public:
  enum class Mode { make, use };
  static base::Result<Database> open(const std::string& file, Mode mode) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == Mode::make ? SQLITE_OPEN_CREATE : 0), nullptr);
    Database out(raw);
    if (code != SQLITE_OK) return base::fail(base::Trouble::io, "{} can't be opened: {}", base::printable(file), raw ? sqlite3_errmsg(raw) : "no memory");
    sqlite3_busy_timeout(raw, 10'000);
    CHECK_OK(out.run("PRAGMA journal_mode=WAL"));
    CHECK_OK(out.run("PRAGMA synchronous=FULL"));
    return out;
  }
  base::Result<> run(const char* sql) {
    auto query = TRY(prepare(sql));
    while (TRY(query.step())) {
    }
    return {};
  }
  base::Result<Query> prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(raw_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK) return base::fail(base::Trouble::io, "the log's record: {}", sqlite3_errmsg(raw_.get()));
    return Query(raw);
  }
  std::int64_t changes() const { return sqlite3_changes64(raw_.get()); }

  /// Runs `work` between BEGIN IMMEDIATE and COMMIT; rolls back on an error.
  template <class Work>
  base::Result<> transaction(Work work) {
    CHECK_OK(run("BEGIN IMMEDIATE"));
    base::Result<> done = work();
    if (done) done = run("COMMIT");
    if (!done) (void)run("ROLLBACK");
    return done;
  }

 private:
  explicit Database(sqlite3* raw) : raw_(raw, &sqlite3_close) {}
  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> raw_;
};

}  // namespace tlog
