// Bytes to verdict, verdict to clamd's words.
#pragma once

#include "gate/front.h"

namespace gate::clamd {

/// What a listener does about products without a hallmark.
enum class Unknown {
  deny,   ///< Hallmark.Unknown FOUND
  wait,   ///< has it vetted and waits; Hallmark.Pending FOUND when it takes longer
  vet,    ///< has it vetted, answers Hallmark.Pending FOUND at once
};

struct Listening {
  Unknown unknown = Unknown::deny;
  int wait_seconds = 30;
  std::uint64_t most_bytes = 4ull << 30;   ///< of one product
  bool paths = true;                       ///< SCAN and its like are answered
};

struct Reply {
  bool found = false, error = false;
  std::string text;          ///< "OK", "Hallmark.Failed FOUND", "... ERROR"
};

class Scanner {
 public:
  Scanner(Front& front, const Listening& how) : front_(front), how_(how) {}
  /// Of a regular file, read by pread from 0, wherever its position stands.
  Reply file(int descriptor) const;
  /// Of bytes whose digest is known; `bytes`: a descriptor with them for the vetting, or -1.
  Reply digest(const base::Digest& product, int bytes) const;
  /// Of a path: a line for each file that is not let in or can't be read, "PATH: OK" when there is none.
  /// Folders are walked without following links. `all`: go on after the first. Calls `line` without ending;
  /// stops when it returns false.
  void path(const std::string& path, bool all, const std::function<bool(std::string)>& line) const;

 private:
  struct Walk;
  bool walk(Walk& walk, int folder, const std::string& name, const std::string& path, int depth) const;
  Front& front_;
  const Listening& how_;
};

/// "Hallmark.TooFewOffices": what clients show as the virus' name.
std::string virus_name(const Decision& decision);

}  // namespace gate::clamd
