// C2SP tlog-proof: one entry's index, its inclusion proof and the checkpoint, in one file that needs
// no log to be checked.
//
//   c2sp.org/tlog-proof@v1
//   extra <base64>        (optional)
//   index <n>
//   <base64 hash>...
//   (empty line)
//   <checkpoint>
#pragma once

#include "tlog/checkpoint.h"

namespace tlog {

struct Proof {
  std::uint64_t index = 0;
  std::vector<Hash> hashes;
  std::string checkpoint;         ///< the signed note
  base::Buffer extra;
  static base::Result<Proof> parse(std::string_view text);
  std::string print() const;
};

/// That `leaf` (the entry's bytes) is in the log. Error: see check_checkpoint, check_inclusion.
base::Result<SeenCheckpoint> check_proof(const Proof& proof, base::Bytes leaf, const LogTrust& trust);

}  // namespace tlog
