// What apt tells a program before it installs packages: DPkg::Pre-Install-Pkgs, protocol version 3
// (apt.conf(5), "DPkg::Tools::Options").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gate/front.h"

namespace gate {

struct PlannedPackage {
  std::string name, version;
  std::string file;          ///< of the .deb
};

/// The packages that would be unpacked; configured and removed ones bring no new bytes. Error: malformed
/// (another version of the protocol, a line that can't be read), limit.
base::Result<std::vector<PlannedPackage>> read_hook(std::string_view text);

/// Reads the protocol from the descriptor, asks about every .deb, prints one sentence for each refused one
/// on standard error. 0 = all may be installed, 1 = at least one may not. Errors: see read_hook, io.
base::Result<int> run_hook(int descriptor, Front& front);

}  // namespace gate
