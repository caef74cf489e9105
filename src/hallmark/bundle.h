// A hallmark as it travels: a text file (.hallmark), one Sigstore bundle v0.3 a line (sigstore
// protobuf-specs, JSON form). The first line carries the verdict; a pass has its VSA as the second.
// Each bundle: one DSSE envelope with one signature, a public key hint, and, when logged, the log
// entry (Rekor v2 dsse 0.0.2 body), its inclusion proof and the checkpoint.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hallmark/envelope.h"
#include "hallmark/statement.h"
#include "tlog/proof.h"

namespace hallmark {

struct LogEntry {
  std::string body;               ///< the leaf, canonical JSON
  tlog::Proof proof;
  std::uint64_t size = 0;         ///< of the tree that the proof is for
  tlog::Hash root;
  base::Digest log_id;            ///< NoteKey::full_id
};

struct Bundle {
  Envelope envelope;
  std::optional<LogEntry> entry;
  static base::Result<Bundle> from_json(std::string_view line);
  std::string to_json() const;
};

struct HallmarkFile {
  std::vector<Bundle> bundles;    ///< at least one
  static base::Result<HallmarkFile> parse(std::string_view text);  ///< bare DSSE envelopes are taken as well
  std::string print() const;
};

/// The leaf that a log keeps for an envelope: Rekor v2 "dsse" 0.0.2. Canonical JSON (RFC 8785).
std::string dsse_leaf(const Envelope& envelope, const sign::PublicKey& key);

/// What such a leaf says. Error: malformed.
struct LeafFacts {
  base::Digest payload;
  base::Buffer signature;
  sign::PublicKey key;
};
base::Result<LeafFacts> read_leaf(base::Bytes leaf);

}  // namespace hallmark
