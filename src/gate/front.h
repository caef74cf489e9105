// What a market's front end is given: the decision, the record of it, the counters. One for a process.
// Threads: all of it may be used by any number of threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "gate/knowledge.h"

namespace gate {

/// Structured record of decisions (JSON lines) and Prometheus counters. Digests only: no user, no
/// address, no URL, no name of a file on the asker's side.
class Front {
 public:
  struct Options {
    std::string log_file;        ///< JSON lines, appended; "" = none; "-" = standard error
    bool dry_run = false;        ///< everything is allowed; the record says what would have been
    bool never_wait = false;     ///< a full record loses lines instead of holding up decisions
    std::string metrics;         ///< ADDR:PORT to serve metrics() at; "" = nowhere
    std::function<Time()> clock; ///< seconds since 1970; empty = the system's
  };
  static base::Result<std::unique_ptr<Front>> open(const Policy& policy, const std::string& state, Options options);
  ~Front();

  /// Decides, records, counts. `market`: "apt", "npm", "clamd"...
  Decision ask(const base::Digest& product, std::string_view market);
  /// Like ask() for an unknown product, but hands its bytes (an open descriptor, read by pread) to the
  /// vetting that the policy names, and waits up to `seconds`. Without such a command: ask().
  Decision ask_or_vet(const base::Digest& product, int file, std::string_view market, int seconds);
  /// Products that hold all of these files, as trusted offices say; asked about one by one, by ask().
  std::vector<base::Digest> products_holding(std::span<const base::Digest> files) const;
  /// The decision alone: not recorded, not counted, no dry run.
  Decision preview(const base::Digest& product) const;
  bool dry_run() const;
  /// Records and counts a decision that a market made itself (refuse_changed). What is to be done.
  Decision note(Decision decision, const base::Digest& product, std::string_view market);
  /// Reads folder and logs now, and waits for it.
  void refresh();
  std::string metrics() const;   ///< Prometheus text format 0.0.4
  const Policy& policy() const;
  /// A thread that refreshes the knowledge every policy().refresh_seconds, until stop.
  void start_refreshing();

 private:
  struct State;
  explicit Front(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// That the bytes handed on are not those that were asked about.
Decision refuse_changed(const base::Digest& product);

/// SHA-256 of a descriptor's whole content, by pread from 0, whatever its position. Error: io, limit.
base::Result<base::Digest> digest_of_file(int file, std::uint64_t most_bytes = UINT64_MAX);

}  // namespace gate
