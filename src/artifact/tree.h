// The product as a tree of artifacts, after unpacking. Built by the pipeline one generation at a
// time, const afterwards. Node ids are positions in depth-first order once settle() has run, so
// they are the same on every run.
#pragma once

#include <string>
#include <vector>

#include "artifact/entry.h"
#include "artifact/place.h"
#include "base/digest.h"

namespace artifact {

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = UINT32_MAX;

struct Node {
  NodeId parent = no_node;
  std::vector<NodeId> children;
  Entry entry;
  std::string kind;     ///< from identify; "" for links, directories, devices
  base::Digest digest;  ///< of the content; of nothing for links, directories, devices
  std::uint64_t size = 0;
};

struct Tree {
  std::vector<Node> nodes;  ///< [0] is the product itself: nature directory, no content

  Place place(NodeId id) const;
  std::string place_text(NodeId id) const { return place(id).to_string(); }
  /// Renumbers in depth-first order (children in the order their reader gave them); returns the
  /// new id of each old id.
  std::vector<NodeId> settle();
  /// The outermost artifact of a package kind at or above id; node 0 if there is none.
  NodeId package_of(NodeId id) const;
};

/// Kinds whose members form one installable unit: deb, rpm, npm, wheel, ...
bool is_package_kind(std::string_view kind);

}  // namespace artifact
