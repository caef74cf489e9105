// What the comparison itself states, and which facts are deeds: what a file does rather than what it is.
// Inside this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compare/compare.h"

namespace compare {

using Found = std::vector<std::vector<evidence::Item>>;   ///< by node of the new version

inline constexpr std::size_t most_stated = 20;            ///< of one file

/// A property of the new version, `change: gained`.
evidence::Item stated(std::string_view word, std::string value);
/// Puts it at the node, once, while there are fewer than most_stated.
void state(Found& out, artifact::NodeId node, evidence::Item item);

/// Private data, outsides, commands, powers, flows, concealment.
bool is_deed(const evidence::Item& item);
/// "outside network", "flow environment to network"
std::string deed(const evidence::Item& item);
bool is_script(const artifact::Node& node);

void state_built(const Edition& before, const Edition& now, const Comparison& comparison, Found& out);
void state_swapped(const Edition& before, const Edition& now, const Comparison& comparison, Found& out);

}  // namespace compare
