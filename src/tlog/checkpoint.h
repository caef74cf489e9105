// Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, size and root of a log, as a signed note; and whom
// a reader trusts to have seen them.
#pragma once

#include <optional>

#include "tlog/merkle.h"
#include "tlog/note.h"

namespace tlog {

/// A decimal number as checkpoints and proofs spell it: no sign, no leading zero, at most 2^63 - 1.
std::optional<std::uint64_t> parse_size(std::string_view digits);
/// 32 bytes in base64.
std::optional<Hash> parse_hash(std::string_view text);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root;
  std::vector<std::string> extensions;
  static base::Result<Checkpoint> parse(std::string_view text);   ///< a note's text
  std::string print() const;
  bool operator==(const Checkpoint&) const = default;
};

/// Whose word a reader takes: the log's key, and `quorum` of these witnesses.
struct LogTrust {
  std::string origin;
  NoteKey log;
  std::vector<NoteKey> witnesses;
  unsigned quorum = 0;
};

struct SeenCheckpoint {
  Checkpoint checkpoint;
  std::string note;               ///< as it stood
  unsigned cosigned = 0;          ///< by how many of the trusted witnesses
  std::int64_t newest_cosignature = 0;   ///< seconds since 1970; 0 = none
};

/// Error: malformed (origin, signature, form) or usage (too few witnesses), one sentence.
base::Result<SeenCheckpoint> check_checkpoint(std::string_view note, const LogTrust& trust);

}  // namespace tlog
