// Where two reports first differ.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace app {

struct Difference {
  std::string pointer;            ///< RFC 6901, as /findings/3/effect
  std::string about;              ///< what stands there, for a person: an artifact's place, a rule; may be ""
  std::string first, second;      ///< the values, escaped and cut; "(nothing)" where there is none
};

/// Both texts are what report::to_json writes. What a vetting was given comes first (engine, rules, policy,
/// product, used), then the rest in the report's order, so that the first difference is nearest to a cause.
/// The sentences about the confinement of a machine's workers are left out of the comparison; with
/// `other_means`, so are the engine, rules and policy themselves: what matters then is what they change.
std::optional<Difference> first_difference(const std::string& first, const std::string& second, bool other_means);

}  // namespace app
