// YAML as people write rules, policies, declarations and waivers: one document, read into a plain
// tree with line numbers. Stricter than YAML 1.2 (https://yaml.org/spec/1.2.2/): aliases, duplicate
// keys, keys that are not scalars, deep or large documents are errors that name the line. Types
// are not resolved: every scalar stays text, and says whether it was quoted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace report {

struct YamlPair;

struct YamlNode {
  enum class Type { null, scalar, list, map };
  Type type = Type::null;
  std::string text;     ///< of a scalar
  bool quoted = false;  ///< the scalar stood in quotes or in a block
  int line = 0;         ///< from 1
  std::vector<YamlNode> items;                         ///< of a list
  std::vector<YamlPair> pairs;                         ///< of a map, in written order

  bool is_scalar() const { return type == Type::scalar; }
  bool is_list() const { return type == Type::list; }
  bool is_map() const { return type == Type::map; }
  bool is_null() const { return type == Type::null; }
  /// The value of a key; nullptr where there is none.
  const YamlNode* find(std::string_view key) const;
  /// The text of a scalar value, "" where there is none.
  std::string text_of(std::string_view key) const;
  /// The texts of a list of scalars, or the one scalar.
  std::vector<std::string> texts_of(std::string_view key) const;
};

/// A key and its value. Not a std::pair, which clang looks into before a node is complete.
struct YamlPair {
  YamlNode first;
  YamlNode second;
};

inline constexpr std::size_t most_yaml_bytes = 4u << 20;
inline constexpr std::size_t most_yaml_nodes = 400'000;
inline constexpr std::size_t most_yaml_depth = 60;

/// An error reads "line N: ..."; its `where` is the source's name and line.
base::Result<YamlNode> read_yaml(std::string_view text, std::string_view source_name);

}  // namespace report
