// Witnesses (C2SP tlog-witness v1.0.0): who cosigns a log's checkpoint after checking that it only grew.
// Both sides: a log asks (ask_witnesses), a witness answers (Witness).
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "tlog/checkpoint.h"
#include "tlog/tree.h"

namespace tlog {

/// The body of add-checkpoint: "old <size>", the consistency proof, an empty line, the checkpoint.
struct AddCheckpoint {
  std::uint64_t old_size = 0;
  std::vector<Hash> proof;        ///< at most 63
  std::string checkpoint;         ///< the signed note
  static base::Result<AddCheckpoint> parse(std::string_view body);
  std::string print() const;
};
inline constexpr std::size_t most_add_checkpoint_bytes = 128u << 10;

/// A witness as a log knows it: where it answers (add-checkpoint is appended), and its cosigning key.
struct WitnessPeer {
  std::string url;
  NoteKey key;
  std::string ca_file;            ///< PEM; "" = the system's certificates
};

struct Cosigned {
  std::vector<NoteSignature> signatures;   ///< each checked; one for each witness that cosigned
  std::vector<std::string> refusals;       ///< one sentence for each that did not
};

/// Asks all witnesses at once. `sizes`: the last size each has cosigned, by URL, kept up to date here.
/// `node`: the log's nodes, asked by the calling thread only. Takes at most about three times 10 seconds.
Cosigned ask_witnesses(const std::vector<WitnessPeer>& peers, std::map<std::string, std::uint64_t>& sizes, const Checkpoint& checkpoint, const std::string& note, const GetNode& node);

/// The witness's side: what it has cosigned, in a SQLite file, never taken back.
/// Threads: answer() may be called by many.
class Witness {
 public:
  struct Answer {
    int status = 500;
    std::string body, content_type = "text/plain; charset=utf-8";
  };
  /// `logs`: whose checkpoints are cosigned; a log's name is its origin. Several keys of one origin: rotation.
  static base::Result<std::unique_ptr<Witness>> open(const std::string& file, NoteKey key, std::shared_ptr<const sign::Signer> signer, std::vector<NoteKey> logs);
  ~Witness();
  /// `now`: seconds since 1970. The new checkpoint is on disk, atomically with the check of the old size,
  /// before the cosignature exists.
  Answer answer(std::string_view body, std::int64_t now);
  const NoteKey& key() const;

 private:
  struct State;
  explicit Witness(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tlog
