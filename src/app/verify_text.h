// What `assay verify` says: line by line what holds, then one sentence; or the same as JSON.
#pragma once

#include <string>
#include <vector>

#include "hallmark/verify.h"

namespace app {

/// A hallmark, checked, and what lies beside the check itself.
struct Checked {
  std::string file;
  hallmark::Verified verified;
  std::string subject;           ///< the name under which the hallmark lists what was delivered; "" = it does not
  bool whole = false;            ///< it is the product itself, not a file in it
  std::string put_out;           ///< revoked, superseded: why it no longer counts
  bool counts() const { return verified.holds() && put_out.empty() && !subject.empty(); }
};

struct Verification {
  std::vector<std::string> files;      ///< as named
  base::Digest digest;
  std::uint64_t size = 0;
  std::vector<Checked> hallmarks;
  hallmark::Quorum quorum;
  unsigned wanted = 1;
  bool trusts_log = true;              ///< some log is trusted
  int exit_code = 2;
  std::string sentence;
};

std::string text_of(const Verification& verification);
std::string json_of(const Verification& verification);

}  // namespace app
