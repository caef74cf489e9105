// What every renderer is told beside the report.
#pragma once

#include <cstddef>
#include <string>

namespace render {

struct Options {
  bool colour = false;         ///< text: ANSI colours; the app decides (terminal, NO_COLOR)
  unsigned width = 80;         ///< text: columns
  std::string product = "PRODUCT";  ///< as the user named it, for the commands that are suggested next
};

}  // namespace render
