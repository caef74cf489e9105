// `assay map`: what of a product was read, drawn in the terminal.
#pragma once

#include <string>
#include <vector>

#include "app/options.h"
#include "base/result.h"

namespace app {

struct MapOptions {
  OfficeOptions office;
  std::vector<std::string> products;
  std::string bytes;         ///< place of one artifact whose layout is wanted instead; "" = none
  std::size_t rows = 40;
  std::string colour = "auto";
  bool quiet = false;
};

/// Vets the product (with the evidence of earlier runs) and draws it; the exit code is 0 whatever
/// the verdict is. Error: usage when no artifact stands at `bytes`.
base::Result<int> command_map(const MapOptions& options);

}  // namespace app
