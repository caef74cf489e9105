// Waivers as a vetting takes them: YAML that somebody vouches for by handing it in.
#pragma once

#include <string>
#include <vector>

#include "judge/judge.h"

namespace app {

base::Result<std::vector<judge::Waiver>> load_waivers(const std::vector<std::string>& files, const std::vector<std::string>& keys, const judge::Policy& policy);

}  // namespace app
