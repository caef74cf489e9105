// `assay vet --each LIST`: many products, one report each, resumable.
#pragma once

#include <atomic>

#include "app/options.h"
#include "app/pipeline.h"

namespace app {

/// LIST names one product a line ("#" begins a comment line; "-" = standard input). Reports go to
/// options.reports as <name>.<digest8>.json. A product whose report is there, made with the same
/// bytes, engine, rules, policy and date, is not vetted again. Prints the summary table. The exit
/// code is the worst verdict's; 2 when a product could not be taken in.
base::Result<int> vet_each(const Office& office, const VetOptions& options, Request request, const std::atomic<bool>& stop);

}  // namespace app
