// `assay vet`: one product, or many with --each.
#pragma once

#include "app/options.h"
#include "base/result.h"

namespace app {

/// The exit code. Error: one sentence for standard error, exit code 2.
base::Result<int> command_vet(const VetOptions& options);

}  // namespace app
