// What a gate knows: verified hallmarks by product digest, revocations, the state of the logs. Kept in
// memory, filled from a folder of hallmarks and from the logs that the policy names.
//
// Threads: decide() by any number of threads, without a lock that waits (an immutable snapshot);
// refresh() by one. Each hallmark's signature and proof are verified once, when it comes in.
// Durability: the last checkpoint seen of each log is on disk before anything learnt from it counts,
// so that a rolled-back log is told even after a restart.
#pragma once

#include <memory>

#include "gate/facts.h"

namespace gate {

class Knowledge {
 public:
  /// `state`: a folder of this gate's own (last checkpoints, break-glass records).
  static base::Result<std::unique_ptr<Knowledge>> open(const Policy& policy, const std::string& state, Time now);
  ~Knowledge();

  /// The decision, warm: no I/O, no verification. `now`: seconds since 1970. A clock that went back
  /// behind the newest time seen (issued, cosigned) makes the answer stale_log.
  Decision decide(const base::Digest& product, Time now) const;

  /// Products that hold all of these files, as trusted offices say (an image's manifest and layers).
  std::vector<base::Digest> products_holding(std::span<const base::Digest> files) const;

  /// Reads the folder and the logs again. Errors are kept and change the decisions (unreachable,
  /// rolled_back_log ...), never thrown away.
  void refresh(Time now);

  /// Looks at the openings by hand alone: cheap enough for every second.
  void refresh_openings();

  /// For metrics; the surroundings as of the last refresh.
  struct Counts {
    std::size_t hallmarks = 0, unreadable = 0, pending = 0;
    Surroundings around;
  };
  Counts counts() const;

  /// That vetting of this product has been asked for: `unknown` becomes `pending`, until refresh() brings a hallmark.
  void mark_pending(const base::Digest& product, Time now);
  /// That it has ended without one.
  void clear_pending(const base::Digest& product);

 private:
  struct State;
  explicit Knowledge(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gate
