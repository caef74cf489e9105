// One piece of evidence: a typed fact with its range and a bounded excerpt. A fact, never an opinion.
#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "evidence/vocabulary.h"

namespace evidence {

inline constexpr std::size_t most_excerpt = 240;  ///< bytes
inline constexpr std::size_t most_value = 1024;   ///< bytes

struct Item {
  Facet facet = Facet::property;
  std::string word;   ///< a word of the facet (closed) or a subtype (open); may be "" where the facet has none
  std::string value;  ///< normalised: the URL, the import, the path; may be "" for closed facets
  std::map<std::string, std::string> attributes;  ///< e.g. label=reserved, from=network, runs=postinst
  base::Range range;  ///< in the artifact's bytes; size 0 = the artifact as a whole
  std::string excerpt;  ///< raw bytes of the artifact at the range, cut
  std::string unit;   ///< function (or other part) the fact belongs to; "" = the file
  Confidence confidence = Confidence::high;
  bool secret = false;  ///< value and excerpt are keys, tokens, passwords or personal data: every output redacts them
  std::string examiner;  ///< name on the card of who stated it; set by the runner
  std::uint32_t count = 1;  ///< equal items kept once

  bool operator==(const Item&) const = default;
};

/// True for attributes that a comparison with another version added: change, new-to, moved-from, was-confidence, was-in, gone-from.
bool tells_of_change(std::string_view attribute);

/// The identity of an item at an artifact: what a finding and a waiver refer to. `count` is left out, and what
/// a comparison added, so that a waiver holds with and without a baseline.
base::Digest digest_of(const Item& item, const base::Digest& artifact);

/// "fingerprint 1f2e3d4c": how a secret is shown.
std::string fingerprint(std::string_view secret);

}  // namespace evidence
