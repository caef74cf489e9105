// Follows one log: from the last checkpoint that this gate has seen, which is kept on disk, through a
// consistency proof to the newest, and every entry between them. What trusted offices said there is
// fetched, verified and kept.
//
// Durability: the new checkpoint is on disk before an entry of it is read, and what an entry said
// before the entry counts as read. Threads: one at a time.
#pragma once

#include <map>

#include "gate/heard.h"
#include "tlog/reading.h"

namespace gate {

class Follower {
 public:
  /// Reads what is kept in `folder`. Error: io or malformed: the state is damaged; says which file.
  static base::Result<Follower> open(LogSource source, const std::string& folder, const hallmark::Trust& trust, Time now);
  /// Never an error: trouble is in facts(). True when anything that decisions rest on changed.
  bool refresh(const hallmark::Trust& trust, Time now);
  const LogFacts& facts() const { return facts_; }
  Time newest_cosignature() const { return newest_cosignature_; }
  void collect(std::vector<Heard>& heard, std::vector<Revoked>& revoked, std::vector<Waived>& waived) const;

 private:
  Follower(LogSource source, std::string stem) : source_(std::move(source)), stem_(std::move(stem)) {}
  base::Result<> load(const hallmark::Trust& trust, Time now);
  base::Result<> save() const;
  base::Result<> advance(tlog::Reading& log, const hallmark::Trust& trust, Time now);
  base::Result<> accept(tlog::Reading& log, const tlog::SeenCheckpoint& newer);
  base::Result<> read_entries(tlog::Reading& log, const hallmark::Trust& trust, Time now);
  base::Result<bool> take(tlog::Reading& log, const hallmark::LeafFacts& leaf, const hallmark::Trust& trust, Time now);
  base::Result<> take_withheld(tlog::Reading& log, const hallmark::Trust& trust, Time now);
  base::Result<> keep(const std::string& envelope) const;
  bool understand(const hallmark::Envelope& envelope, const hallmark::Trust& trust, Time now);

  LogSource source_;
  std::string stem_;                       ///< of this log's files in the state folder
  LogFacts facts_;
  std::string note_;                       ///< the last checkpoint, as it stood
  tlog::Checkpoint last_;
  std::uint64_t read_ = 0;                 ///< entries before this one are known
  std::map<std::uint64_t, base::Digest> withheld_;  ///< index -> payload digest
  std::string forked_;                     ///< another checkpoint of the same size: proof of a fork
  Time newest_cosignature_ = 0;
  std::vector<Heard> heard_;
  std::vector<Revoked> revoked_;
  std::vector<Waived> waived_;
};

}  // namespace gate
