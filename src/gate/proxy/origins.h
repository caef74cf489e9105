// Addresses on both sides of a gate: which upstream address a client's path stands for, and which path
// a client is given for an upstream address. Only the upstream itself, and origins that the gate's owner
// named (--also), are ever asked; whatever an index or a redirect points at otherwise is refused.
// Pure functions. Paths and addresses are kept in their escaped form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/fetch.h"

namespace gate {

/// A reference as an index or a Location header writes it, made absolute (RFC 3986, section 5.2), without
/// fragment. Error: malformed: not http or https, too long, control characters.
base::Result<std::string> resolve(std::string_view base, std::string_view reference);

/// A path with its dot segments removed; nothing when it is no absolute path, climbs above the root (also
/// by %2e or %2f%2e%2e), or has bytes that no path has.
std::optional<std::string> clean_path(std::string_view path);

/// %XX decoded once; nothing for a broken escape.
std::optional<std::string> unescaped(std::string_view text);

class Origins {
 public:
  /// Error: usage.
  static base::Result<Origins> make(const std::string& upstream, const std::vector<std::string>& also);

  /// Where clients fetch the upstream's address: below the gate's root for what lies below the upstream,
  /// /-/from/<n>/... for other paths of known origins. Nothing: not an origin that the gate asks.
  std::optional<std::string> path_of(std::string_view address) const;
  /// The inverse. Nothing: no such path.
  std::optional<std::string> address_of(std::string_view path) const;
  /// May this address be asked? (its origin is the upstream's or a named one)
  bool knows(std::string_view address) const;
  bool is_upstream(std::string_view address) const;   ///< of the upstream's own origin
  const std::string& upstream() const { return base_; }   ///< without a slash at the end

 private:
  std::string base_;
  std::vector<std::string> origins_;   ///< scheme://host:port; the upstream's first
};

}  // namespace gate
