// What outlives a run: frozen products (a folder of blobs named by SHA-256), evidence kept for the
// next vetting, and reports. SQLite (WAL, synchronous FULL) and files under one folder.
//
// Durability: when add_report() returns, the report and every blob frozen before it are on disk
// (files, then folders, then the database).
// Kept evidence is durable at flush(); losing it costs time, never truth.
// Threads: one thread at a time. Several processes may share a folder.
// Errors: io, naming the folder and what to do.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "artifact/entry.h"
#include "base/digest.h"
#include "base/result.h"

namespace store {

struct ReportRow {
  std::int64_t id = 0;
  std::string product, version, digest, verdict, policy, at;
};

/// A frozen file, open for reading.
struct Frozen {
  int file = -1;  ///< owned by the caller
  base::Digest digest;
  std::uint64_t size = 0;
};

/// One thing that a product was handed in as: what a later look at the same product needs.
struct Piece {
  artifact::Entry entry;
  base::Digest digest;   ///< of the frozen content; of nothing for links and folders
  std::uint64_t size = 0;
};

struct Swept {
  std::uint64_t blobs = 0, bytes = 0, results = 0;
};

class Store {
 public:
  /// Opens or makes the store at `folder`.
  static base::Result<Store> open(const std::string& folder);
  /// $ASSAY_STORE, else $XDG_DATA_HOME/assay, else $HOME/.local/share/assay.
  static std::string default_folder();
  Store(Store&&) noexcept;
  ~Store();

  const std::string& folder() const;
  /// For unlinked temporary files on the same disk.
  std::string temporary_folder() const;

  /// Copies all of `file` (an open descriptor; a pipe will do) into the store and hashes it on the way.
  /// Durable once a report is added.
  base::Result<Frozen> freeze(int file, std::uint64_t most_bytes);

  std::optional<base::Buffer> evidence(const base::Digest& key);
  void keep_evidence(const base::Digest& key, base::Bytes result);
  void flush();

  base::Result<std::int64_t> add_report(const ReportRow& row, std::string_view json, const std::vector<Piece>& pieces);
  base::Result<std::string> report(std::int64_t id);
  /// What the product of a report was made of, in the order given to add_report.
  base::Result<std::vector<Piece>> pieces(std::int64_t id);
  /// Opens frozen content for reading. Error usage: it was swept.
  base::Result<Frozen> open_frozen(const base::Digest& digest);
  base::Result<std::vector<ReportRow>> reports();
  /// The newest report of a product digest (hex), if any.
  std::optional<std::int64_t> newest_of(const std::string& digest);

  /// Drops evidence not used by the last `keep_runs` reports, and blobs that no report names.
  base::Result<Swept> sweep(std::int64_t keep_runs);

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace store
