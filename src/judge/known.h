// Signed sets of known artifacts: files that an office has examined by other means, named by digest.
// A policy names the set and the key that must have signed it; their bytes are then labelled known.
// Only coverage changes by it: no finding is lowered.
//
// Form: text; the first line is "assay known set 1", every other "<sha256 in hex>  <note>", or empty.
// FILE.sig holds the base64 of an Ed25519 signature of the whole file (docs/bytes.md shows how).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace judge {

struct KnownSet {
  std::string name;
  base::Digest digest;               ///< of the file
  std::set<base::Digest> artifacts;
};

inline constexpr std::uint64_t most_known_bytes = 256ull << 20;

/// Error: usage, one sentence that names what is wrong.
base::Result<KnownSet> read_known_set(const std::string& name, std::string_view text, std::string_view signature_base64, std::string_view key_pem);
base::Result<KnownSet> load_known_set(const std::string& name, const std::string& file, const std::string& key_file);

}  // namespace judge
