// Waivers as a vetting takes them: signed statements (hallmark::WaiverStatement), and YAML that nobody
// signed, which counts only under a policy that says so (docs/verdicts.md).
#pragma once

#include <string>
#include <vector>

#include "judge/judge.h"

namespace app {

/// `signed_only`: one that nobody signed is an error, whatever the policy says. `keys`: PEM files that may sign beside those of the policy. Error: usage: a file can't be read, is no waiver,
/// or is signed by none of the keys; a waiver that is read may still have no effect, which the report tells.
base::Result<std::vector<judge::Waiver>> load_waivers(const std::vector<std::string>& files, const std::vector<std::string>& keys, const judge::Policy& policy, bool signed_only = false);

}  // namespace app
