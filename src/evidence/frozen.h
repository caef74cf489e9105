// Frozen evidence: everything that a judge was given about a product, in one file that is judged again
// without the product. Taken before the policy has labelled anything, so that another policy can.
//
//   "assay evidence 1\n"
//   SHA-256 of the body, in hex, "\n"
//   size of the body in bytes, decimal, "\n"
//   the body, deflated (RFC 1950)
//
// Body, in the encoding of evidence/wire.h: engine digest (32 bytes), engine version, digest of the
// user's YARA rules (32 bytes), policy name, vetting date, limits (count, then name and u64, sorted by
// name), confinement that was missing (count, texts), names
// handed in (count, texts), declaration (u8: is there; text; source), the number
// of nodes, and for each node in depth-first order: parent (u32; 0xFFFFFFFF for the first), entry, kind,
// content digest (32 bytes), size, complete, replayable, items (count, items), tiles (count, claims).
// One body for one content: what does not encode again to the same bytes is refused.
//
// The digest tells an accident; who wants to be safe from a forger keeps the digest elsewhere and compares.
// Threads: pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "artifact/tree.h"
#include "base/digest.h"
#include "base/result.h"
#include "evidence/dossier.h"

namespace evidence {

inline constexpr std::size_t most_frozen_file = 256u << 20;   ///< bytes, deflated
inline constexpr std::size_t most_frozen_body = 768u << 20;   ///< bytes

struct Frozen {
  base::Digest engine, user_rules;
  std::string engine_version;
  std::string policy_name;   ///< of the first judgement: what is used when no other is named
  std::string at;            ///< its date, YYYY-MM-DD
  std::map<std::string, std::uint64_t> limits;
  std::vector<std::string> weaker;   ///< confinement layers that were missing
  std::vector<std::string> files;    ///< names handed in
  bool has_declaration = false;
  std::string declaration, declaration_source;   ///< the text of the file, and what sentences call it
  artifact::Tree tree;
  std::vector<Dossier> dossiers;   ///< index = node id
};

/// Error: limit: more evidence than a file may hold.
base::Result<base::Buffer> freeze(const Frozen& frozen);

struct Thawed {
  Frozen frozen;
  base::Digest digest;   ///< of the body
};
/// The bytes are hostile. Error: malformed, truncated or limit, one sentence. What comes back is a sound
/// tree: parents before children, labels that tile every artifact, items inside their artifact.
base::Result<Thawed> thaw(base::Bytes file, std::size_t most_body = most_frozen_body);

}  // namespace evidence
