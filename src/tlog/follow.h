// Following a log: what a monitor remembers, and how it tells growth from a broken word.
//
// State is a folder: the last checkpoint that held, on disk before anything learnt from it is told; and,
// after a breach, both checkpoints as evidence (evidence/<when>-older, -newer).
// Threads: one at a time; one process for a state folder.
#pragma once

#include "tlog/files.h"
#include "tlog/reading.h"

namespace tlog {

/// What a log did that no honest log does.
enum class Breach { none, rolled_back, forked, withheld, not_cosigned };
std::string_view name_of(Breach);

struct Look {
  Breach breach = Breach::none;
  std::string why;            ///< one sentence, of a breach
  SeenCheckpoint seen;        ///< the log's newest
  std::uint64_t since = 0;    ///< size at the look before
};

class Follow {
 public:
  static base::Result<Follow> open(const std::string& state, GetFile get, LogTrust trust);

  /// Reads the newest checkpoint and compares it with the last. Error: io or malformed: the log can't be
  /// read; that alone proves nothing. `now`: seconds since 1970, for the evidence's name.
  base::Result<Look> look(std::int64_t now);
  /// That everything up to this checkpoint has been told: the next look begins there.
  base::Result<> keep(const SeenCheckpoint& seen);
  /// Keeps evidence of a breach that the caller found among the entries.
  base::Result<> accuse(const SeenCheckpoint& seen, std::int64_t now, const std::string& why);
  Reading& reading() { return reading_; }
  /// Small notes of the caller's own, in the state folder; "" = none yet.
  base::Result<std::string> note(const std::string& name) const;
  base::Result<> note(const std::string& name, std::string text);

 private:
  Follow(Files files, GetFile get, LogTrust trust) : files_(std::move(files)), get_(get), trust_(trust), reading_(std::move(get), std::move(trust)) {}
  base::Result<Look> broken(Look look, Breach breach, std::string why, std::int64_t now);

  Files files_;
  GetFile get_;
  LogTrust trust_;
  Reading reading_;
  std::optional<SeenCheckpoint> last_;
};

}  // namespace tlog
