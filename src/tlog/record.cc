#include "tlog/record.h"

#include <sys/stat.h>

namespace tlog {

using base::Trouble;

std::string Record::file_of(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder + ".record";
}

base::Result<> Record::make(const std::string& folder, const std::string& origin, const std::string& vkey) {
  const auto file = file_of(folder);
  struct ::stat look {};
  if (::stat(file.c_str(), &look) == 0) return base::fail(Trouble::usage, "{} is there already: it says what another log has signed. A log is never begun anew in its place", base::printable(file));
  auto database = TRY(Database::open(file, Database::Mode::make));
  return database.transaction([&]() -> base::Result<> {
    CHECK_OK(database.run("CREATE TABLE log (id INTEGER PRIMARY KEY CHECK (id = 1), origin TEXT NOT NULL, vkey TEXT NOT NULL, size INTEGER NOT NULL, before INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) STRICT"));
    CHECK_OK(database.run("CREATE TABLE entry (leaf BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID"));
    auto add = TRY(database.prepare("INSERT INTO log VALUES (1, ?, ?, 0, 0, ?, '')"));
    TRY(add.bind(1, std::string_view(origin)).bind(2, std::string_view(vkey)).bind(3, empty_root()).step());
    return {};
  });
}

base::Result<Record> Record::open(const std::string& folder) {
  const auto file = file_of(folder);
  struct ::stat look {};
  if (::stat(file.c_str(), &look) != 0)
    return base::fail(Trouble::usage, "{} is missing: it says what this log has signed, and without it nothing may be signed. Put it back; for a new log, use `assay log init` on a new folder", base::printable(file));
  Record out(TRY(Database::open(file, Database::Mode::use)));
  auto read = TRY(out.database_.prepare("SELECT origin, vkey FROM log"));
  if (!TRY(read.step())) return base::fail(Trouble::usage, "{} is no log's record", base::printable(file));
  out.origin_ = read.text(0);
  out.vkey_ = read.text(1);
  out.find_ = TRY(out.database_.prepare("SELECT at FROM entry WHERE leaf = ?"));
  out.add_ = TRY(out.database_.prepare("INSERT INTO entry VALUES (?, ?)"));
  return out;
}

base::Result<Signed> Record::last() {
  auto read = TRY(database_.prepare("SELECT size, before, root, note FROM log"));
  if (!TRY(read.step())) return base::fail(Trouble::io, "the log's record is empty");
  Signed out;
  const auto root = TRY(read.digest(2));
  out.checkpoint = {origin_, static_cast<std::uint64_t>(read.number(0)), root, {}};
  out.before = static_cast<std::uint64_t>(read.number(1));
  out.note = read.text(3);
  return out;
}

base::Result<> Record::follow(const Signed& last, const Signed& next, const std::vector<Hash>& leaves) {
  if (next.checkpoint.size != last.checkpoint.size + leaves.size()) return base::fail(Trouble::bug, "{} entries don't lead from {} to {}", leaves.size(), last.checkpoint.size, next.checkpoint.size);
  return database_.transaction([&]() -> base::Result<> {
    auto swap = TRY(database_.prepare("UPDATE log SET size = ?, before = ?, root = ?, note = ? WHERE size = ? AND root = ?"));
    TRY(swap.bind(1, static_cast<std::int64_t>(next.checkpoint.size)).bind(2, static_cast<std::int64_t>(last.checkpoint.size)).bind(3, next.checkpoint.root).bind(4, std::string_view(next.note))
            .bind(5, static_cast<std::int64_t>(last.checkpoint.size)).bind(6, last.checkpoint.root).step());
    if (database_.changes() != 1) return base::fail(Trouble::bug, "another writer has signed a checkpoint of '{}' meanwhile; nothing was signed here", base::printable(origin_));
    auto at = static_cast<std::int64_t>(last.checkpoint.size);
    for (const auto& leaf : leaves) {
      add_->reset();
      TRY(add_->bind(1, leaf).bind(2, at++).step());
    }
    add_->reset();
    return {};
  });
}

base::Result<std::optional<std::uint64_t>> Record::index_of(const Hash& leaf) {
  find_->reset();
  std::optional<std::uint64_t> out;
  if (TRY(find_->bind(1, leaf).step())) out = static_cast<std::uint64_t>(find_->number(0));
  find_->reset();
  return out;
}

}  // namespace tlog
