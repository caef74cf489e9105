// Flattened device trees: the header, the memory reservations, and the nodes with their properties.
// Devicetree Specification v0.4, chapter 5. Nothing is copied but names; values are ranges.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parse::fdt {

struct Header {
  std::uint32_t total = 0, structure = 0, strings = 0, reserved = 0, version = 0, strings_size = 0, structure_size = 0;
};

struct Property {
  std::string_view name;  ///< a view into the tree's bytes
  base::Range value;
};

struct Node {
  std::string_view name;
  int parent = -1;  ///< index in Tree::nodes
  int depth = 0;
  std::vector<Property> properties;
};

struct Tree {
  Header header;
  base::Range reservations, structure;  ///< as far as they were read
  std::vector<Node> nodes;              ///< in the order of the file; the first is the root
  base::Result<> end;                   ///< why reading stopped early, when it did

  std::string path(std::size_t node) const;
  /// The child of `parent` with this name, -1 when there is none.
  int child(int parent, std::string_view name) const;
  const Property* property(std::size_t node, std::string_view name) const;
};

/// The header when it is one: sizes and offsets agree and the root node begins.
std::optional<Header> header(base::Bytes bytes);
/// True if /images is among the first nodes, which makes the tree a FIT (flattened image tree).
bool is_fit(base::Bytes bytes, const Header& header);
/// An error only when there is no header.
base::Result<Tree> read(base::Bytes bytes);

}  // namespace parse::fdt
