// The concrete tree of a text, copied out of tree-sitter into one flat list.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "code/syntax/syntax.h"

namespace code::syntax {

struct RawNode {
  std::string_view type;   ///< static text of the grammar
  std::string_view field;  ///< static text of the grammar; may be ""
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  Ref first = none_node;   ///< first child
  Ref next = none_node;    ///< next sibling
  bool named = false;
  bool error = false;      ///< an ERROR node, or missing
};

struct RawTree {
  std::string_view text;
  std::vector<RawNode> nodes;  ///< [0] is the root
  std::uint64_t steps = 0;

  const RawNode& at(Ref ref) const { return nodes[ref]; }
  std::string_view source(Ref ref) const { return text.substr(nodes[ref].start, nodes[ref].end - nodes[ref].start); }
  Ref field(Ref ref, std::string_view name) const;        ///< first child with this field; none_node
  Ref child(Ref ref, std::string_view type) const;        ///< first child of this type; none_node
  Ref named_child(Ref ref, std::size_t n) const;          ///< n-th named child that isn't a comment
  std::vector<Ref> named(Ref ref) const;                  ///< named children without comments
};

base::Result<RawTree> parse_raw(std::string_view text, Language language);

}  // namespace code::syntax
