// Versions as npm orders them (Semantic Versioning 2.0.0, section 11).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gate {

struct Semver {
  std::string major, minor, patch;        ///< digits without leading zeros: they may be larger than any number
  std::vector<std::string> prerelease;
  static std::optional<Semver> parse(std::string_view text);
  bool is_prerelease() const { return !prerelease.empty(); }
};
std::strong_ordering operator<=>(const Semver& a, const Semver& b);   ///< build metadata does not count

}  // namespace gate
