// The product as nested areas: artifacts, with the directories of their names between them, each
// with the bytes of everything below it. What both maps draw and the tree lists.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/report.h"

namespace render {

/// Worst effect of the findings at or below an area.
enum class Mark { none, disclose, conditional, fail };

struct Area {
  std::size_t parent = 0;
  std::vector<std::size_t> children;     ///< in the order of the tree
  artifact::NodeId node = artifact::no_node;  ///< no_node for a directory of names
  std::string label;                     ///< last part of the name, raw bytes
  evidence::Tally own, all;              ///< without handed-on bytes
  Mark own_mark = Mark::none, mark = Mark::none;  ///< of this area; of this area and below
  std::size_t artifacts = 0;             ///< files at or below
  bool complete = true;                  ///< all below were fully read
};

/// [0] is the product. A parent stands before its children, at most 48 levels deep: what lies deeper
/// hangs on the last level.
std::vector<Area> areas(const report::Report& report);

}  // namespace render
