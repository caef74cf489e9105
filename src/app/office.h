// Opens what a run needs, in the one order that is safe: rules and readers, then the zygote (before
// any thread or product exists), then the store.
#pragma once

#include "app/options.h"
#include "app/pipeline.h"

namespace app {

/// Where rules/ and policies/ stand: $ASSAY_HOME, else the source folder it was built from.
std::string home_folder();

Engine engine();

/// Rules and policy only, without readers, workers or store: enough to judge evidence that is there.
base::Result<std::unique_ptr<Office>> open_bench(const OfficeOptions& options);
base::Result<std::unique_ptr<Office>> open_office(const OfficeOptions& options);

/// The process that forks workers, behind every layer of confinement that the kernel has; the missing ones are
/// named in `weaker`. Before any thread or product exists; `readers` must outlive it. Error: usage: a layer is
/// missing and that was not allowed.
base::Result<std::unique_ptr<confine::Zygote>> start_workers(const vet::Readers& readers, bool allow_weaker, std::vector<std::string>& weaker);

/// The store alone, for commands that vet nothing.
base::Result<store::Store> open_store(const std::string& folder);

/// Today in UTC, or `given` when it is a date. Error: usage.
base::Result<std::string> vetting_date(const std::string& given);

}  // namespace app
