// The writing side of a log in a folder: C2SP tlog-tiles files that any web server can serve.
//
// Durability: append() returns when the entries are on disk and a checkpoint that covers them is
// published: entries and tiles first (temporary file, fsync, rename, fsync of the folder), then the
// signed checkpoint under compare-and-swap in a SQLite file beside the log (FOLDER.record, synchronous
// FULL), then the witnesses, then the checkpoint file. An fsync error ends the process: after it the
// page cache lies. After any death open() goes on from the record: what it says was signed is there.
// Entries whose append() failed may be in the log all the same; giving them again finds them.
// Threads: append() may be called by many threads; what arrives together shares one batch. One process
// writes a log at a time (a lock on the folder); readers need no lock.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tlog/witness.h"

namespace tlog {

struct Added {
  std::uint64_t index = 0;
  std::string checkpoint;        ///< the signed note, with cosignatures
  std::vector<Hash> inclusion;   ///< in the checkpoint's tree
  bool was_there = false;        ///< the same entry was logged before; index is that one
};

struct NewEntry {
  base::Buffer leaf;             ///< at most 65,535 bytes
  std::string statement;         ///< served at statement/<sha256 of the DSSE payload>; "" = none
  base::Digest statement_name;
};

struct WriterOptions {
  std::vector<WitnessPeer> witnesses;
  unsigned quorum = 0;           ///< fewer cosignatures: append() fails, nothing is acknowledged
  std::size_t most_batch = 4096; ///< entries
  int batch_milliseconds = 5;    ///< how long the first entry of a batch waits for company
};

class Writer {
 public:
  /// A new log: an empty folder and its record. Error: usage: there is one already.
  static base::Result<> init(const std::string& folder, const std::string& origin, const sign::PublicKey& key);
  /// Error: usage: another writer, another key, a record or a folder that is missing, damaged or older than the other.
  static base::Result<std::unique_ptr<Writer>> open(const std::string& folder, std::shared_ptr<const sign::Signer> signer, WriterOptions options = {});
  ~Writer();

  base::Result<Added> append(NewEntry entry);
  /// All of them or an error; at most most_at_once.
  base::Result<std::vector<Added>> append_all(std::vector<NewEntry> entries);
  static constexpr std::size_t most_at_once = 65'536;
  /// The published one.
  SeenCheckpoint checkpoint() const;
  const NoteKey& key() const;

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tlog
