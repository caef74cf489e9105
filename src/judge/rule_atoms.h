// One feature of a rule: "name: value" to an atom.
#pragma once

#include "judge/rule_features.h"

namespace judge {

std::optional<AtomId> read_atom(const std::string& name, const report::YamlNode& value, FeatureReading& into);

/// Numbers are compared as text in one writing: decimal, with a sign.
std::optional<std::string> canonical_number(std::string_view text);
/// "90 90 c3" to raw bytes.
std::optional<std::string> raw_bytes(std::string_view hex);
/// A regex as rules write it, /source/flags with i and s; an error names what is wrong.
base::Result<std::shared_ptr<const re2::RE2>> compile(std::string_view source, bool caseless);

}  // namespace judge
