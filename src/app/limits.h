// The limits of a vetting by name, as reports and frozen evidence carry them.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "vet/job.h"

namespace app {

std::map<std::string, std::uint64_t> as_map(const vet::Limits& limits);

/// The shipped limits, with those that are named in their place: what a replay runs under. Error: usage: an
/// unknown name, or a limit above the shipped one (the file that names it may come from anybody).
base::Result<vet::Limits> limits_from(const std::map<std::string, std::uint64_t>& named);

}  // namespace app
