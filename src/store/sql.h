// SQLite with errors as values. One connection, one thread.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace store {

class Statement {
 public:
  explicit Statement(sqlite3_stmt* raw) : raw_(raw, &sqlite3_finalize) {}
  Statement& bind(int at, std::int64_t v) { return sqlite3_bind_int64(raw_.get(), at, v), *this; }
  Statement& bind(int at, std::string_view v) {
    return sqlite3_bind_text64(raw_.get(), at, v.data(), v.size(), SQLITE_TRANSIENT, SQLITE_UTF8), *this;
  }
  Statement& bind(int at, base::Bytes v) { return sqlite3_bind_blob64(raw_.get(), at, v.data(), v.size(), SQLITE_TRANSIENT), *this; }
  /// True while there is a row.
  base::Result<bool> step() {
    const int code = sqlite3_step(raw_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return base::fail(base::Trouble::io, "the store's database: {}", sqlite3_errmsg(sqlite3_db_handle(raw_.get())));
  }
  void reset() { sqlite3_reset(raw_.get()); }
  std::int64_t number(int column) const { return sqlite3_column_int64(raw_.get(), column); }
  std::string text(int column) const { return std::string(base::text_of(blob(column))); }
  base::Bytes blob(int column) const {
    const auto* at = static_cast<const std::uint8_t*>(sqlite3_column_blob(raw_.get(), column));
    return {at, at ? static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), column)) : 0};
  }

 private:
  std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> raw_;
};

class Database {
 public:
  static base::Result<Database> open(const std::string& file) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database out(raw);
    if (code != SQLITE_OK) return base::fail(base::Trouble::io, "{} can't be opened: {}", file, raw ? sqlite3_errmsg(raw) : "no memory");
    sqlite3_busy_timeout(raw, 30'000);
    return out;
  }
  base::Result<> run(const char* sql) {
    char* message = nullptr;
    if (sqlite3_exec(raw_.get(), sql, nullptr, nullptr, &message) == SQLITE_OK) return {};
    std::string text = message ? message : "unknown";
    sqlite3_free(message);
    return base::fail(base::Trouble::io, "the store's database: {}", text);
  }
  base::Result<Statement> prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(raw_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
      return base::fail(base::Trouble::io, "the store's database: {}", sqlite3_errmsg(raw_.get()));
    return Statement(raw);
  }
  std::int64_t last_id() const { return sqlite3_last_insert_rowid(raw_.get()); }
  std::int64_t changes() const { return sqlite3_changes64(raw_.get()); }

 private:
  explicit Database(sqlite3* raw) : raw_(raw, &sqlite3_close) {}
  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> raw_;
};

}  // namespace store
