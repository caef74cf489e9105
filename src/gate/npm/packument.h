// npm's package metadata ("packument": one JSON for all versions of a package), and what the gate makes
// of it: refused versions are moved to "policyRestrictions", npm's own place for them: a range then picks
// another version, and who asks for exactly that one is told why (E403).
// Pure functions.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace gate {

inline constexpr std::size_t most_packument = 128u << 20;
inline constexpr std::size_t most_versions = 20'000;

struct VersionFile {
  std::string version;
  std::string tarball;     ///< address; "" = none
  std::string integrity;   ///< "sha512-<base64>", else "sha1-<hex>", else ""
};

/// Versions with their files, most wanted first: what tags name (latest before others), then by version,
/// newest first. Error: malformed (no packument), limit.
base::Result<std::vector<VersionFile>> files_of(const nlohmann::json& packument);

/// Why a version may not be had; nothing: it may, or nothing is known of it yet.
using Refusals = std::map<std::string, std::string>;

/// Where clients of the gate fetch this address; nothing: not at all.
using GatePath = std::function<std::optional<std::string>(const std::string& address)>;

struct Filtered {
  std::size_t refused = 0;
  std::string notice;      ///< one line, when `latest` is another version than upstream's
};
/// Changes the packument in place. `base`: address of the gate without a slash at the end.
Filtered filter_packument(nlohmann::json& packument, Refusals refusals, const GatePath& path, const std::string& base);

}  // namespace gate
