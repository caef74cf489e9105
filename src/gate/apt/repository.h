// A Debian repository with only what may enter: stanzas whose package is refused are left out, the indexes
// and Release are written anew and signed by the gate's owner. The strong form of the gate: nobody who
// trusts only this key can be offered a refused package.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gate/front.h"

namespace gate {

struct RepositoryOptions {
  std::string in, out;        ///< folders; `out` is empty, new, or was written by this program
  std::string gpg_key;        ///< key id or fingerprint for gpg; or:
  std::string sign_with;      ///< program called as: PROGRAM clear|detached RELEASE SIGNED
  std::string keyring;        ///< "" = the folder is taken as it is; else InRelease must be signed by it (gpgv)
  bool link = false;          ///< hard links into `in` instead of copies
};

struct DroppedPackage {
  std::string package, version, architecture, digest, why, sentence;
};

struct RepositorySummary {
  std::size_t suites = 0, indexes = 0, kept = 0, dropped = 0;   ///< packages counted by index line
};

/// Two runs over the same input and the same decisions write the same bytes, signatures apart. The new
/// indexes take the old ones' place at once (one rename); files that no index names any more are removed.
/// Error: usage (folders, signing), malformed (indexes that contradict Release), io.
base::Result<RepositorySummary> filter_repository(const RepositoryOptions& options, Front& front);

/// Release rewritten: its fields but those that name files, keys or by-hash folders; then the given files.
struct WrittenFile {
  std::string digest;
  std::uint64_t size = 0;
};
std::string rewritten_release(std::string_view old_release_stanza, const std::map<std::string, WrittenFile>& files);

/// A path inside a repository: relative, without "." and "..", empty parts, control bytes; at most 1,000 bytes.
bool is_plain_path(std::string_view path);

}  // namespace gate
