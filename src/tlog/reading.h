// A log as its readers see it: static files behind a base address (http://, https://, file://).
// Everything read is checked against a checkpoint before it is handed out.
// Threads: one at a time.
#pragma once

#include <functional>
#include <memory>

#include "tlog/proof.h"

namespace tlog {

/// Gets one file of the log ("checkpoint", "tile/0/x001/234", "tile/entries/000.p/5", "statement/<sha256>").
using GetFile = std::function<base::Result<std::string>(const std::string& path)>;
GetFile files_at(const std::string& address);

class Reading {
 public:
  Reading(GetFile get, LogTrust trust);
  ~Reading();
  Reading(Reading&&) noexcept;

  /// The newest checkpoint, its signatures checked.
  base::Result<SeenCheckpoint> checkpoint();
  /// Proofs out of the tree of `in`. Nothing is read twice while `in` stays the same. Error: malformed: the
  /// log's tiles are not those of the checkpoint; io: they are not given.
  base::Result<std::vector<Hash>> inclusion(std::uint64_t index, const Checkpoint& in);
  base::Result<std::vector<Hash>> consistency(std::uint64_t from, const Checkpoint& to);
  base::Result<Hash> leaf(std::uint64_t index, const Checkpoint& in);
  /// The root that the log's first `size` entries had.
  base::Result<Hash> root_at(std::uint64_t size, const Checkpoint& in);
  /// Entries [from, to) of the log at `in`: each one's hash is checked against the tree. `to` - `from` <= 65,536.
  base::Result<std::vector<base::Buffer>> entries(std::uint64_t from, std::uint64_t to, const Checkpoint& in);
  /// A statement (DSSE envelope) that an entry names by the SHA-256 of its payload. Error: io when the log
  /// does not give it, malformed when it is another.
  base::Result<std::string> statement(const base::Digest& payload);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tlog
