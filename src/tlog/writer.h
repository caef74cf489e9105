// The writing side of a log in a folder: C2SP tlog-tiles files that any web server can serve.
//
// Durability: append() returns when the entries are on disk and a checkpoint that covers them is
// published: entries and tiles first (temporary file, fsync, rename, fsync of the folder), then the
// signed checkpoint under compare-and-swap in a SQLite file beside the log (synchronous FULL), then the
// checkpoint file. An fsync error ends the process: after it the page cache lies.
// Threads: append() may be called by many threads; what arrives together shares one batch. One process
// writes a log at a time (a lock on the folder); readers need no lock.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tlog/checkpoint.h"

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

/// Asks one witness to cosign (C2SP tlog-witness); the cosignature lines, or why not.
struct WitnessPeer {
  std::string url;
  NoteKey key;
};

struct WriterOptions {
  std::vector<WitnessPeer> witnesses;
  unsigned quorum = 0;           ///< fewer cosignatures: append() fails, nothing is acknowledged
  std::size_t most_batch = 4096; ///< entries
  int batch_milliseconds = 5;    ///< how long the first entry of a batch waits for company
};

class Writer {
 public:
  static base::Result<> init(const std::string& folder, const std::string& origin, const sign::PublicKey& key);
  static base::Result<std::unique_ptr<Writer>> open(const std::string& folder, std::shared_ptr<const sign::Signer> signer, WriterOptions options = {});
  ~Writer();

  base::Result<Added> append(NewEntry entry);
  base::Result<std::vector<Added>> append_all(std::vector<NewEntry> entries);
  SeenCheckpoint checkpoint() const;
  const NoteKey& key() const;

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tlog
