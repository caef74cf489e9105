// The byte ledger of one artifact: each byte carries exactly one label.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace evidence {

/// In order of precedence where claims overlap: the first listed wins.
enum class Label {
  handed_on,  ///< content of a child
  examined,   ///< decoded by an examiner that understands it
  structure,  ///< structure of a parsed format
  padding,    ///< proved constant, or padding by the format's rule
  known,      ///< in a signed set that the policy names
  opaque,     ///< could not be read; `why` says the reason
  scanned,    ///< only searched for patterns
};
inline constexpr std::size_t label_count = 7;
std::string_view name_of(Label label);

struct Claim {
  base::Range range;
  Label label = Label::scanned;
  std::string why;  ///< reason, for opaque: encrypted, unsupported, damaged, limit, crashed; else who decoded it
  bool operator==(const Claim&) const = default;
};

/// Bytes by label.
struct Tally {
  std::array<std::uint64_t, label_count> bytes{};
  std::uint64_t of(Label label) const { return bytes[static_cast<std::size_t>(label)]; }
  std::uint64_t total() const;
  void add(const Tally& other);
  bool operator==(const Tally&) const = default;
};

/// Turns overlapping claims into a tiling of [0, size): sorted, without gaps or overlaps, adjacent
/// equals joined. What nobody claimed gets `rest`. A claim outside the artifact is an error (bug).
base::Result<std::vector<Claim>> tile(std::vector<Claim> claims, std::uint64_t size, const Claim& rest);
/// An error (bug) unless the tiles cover [0, size) in order, each byte once. Checked in every build.
base::Result<> check_tiling(const std::vector<Claim>& tiles, std::uint64_t size);
Tally tally(const std::vector<Claim>& tiles);

}  // namespace evidence
