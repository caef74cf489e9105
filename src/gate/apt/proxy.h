// An HTTP proxy in front of a Debian repository. Its signed indexes pass unchanged (to change them would
// break the signature that apt checks), so refused packages stay listed; the package itself is refused
// by its digest when it is fetched.
#pragma once

#include "gate/front.h"
#include "gate/proxy/listener.h"
#include "gate/proxy/upstream.h"

namespace gate {

/// Is this path an index (Release, Packages, Contents, by-hash ...) by its name?
bool is_index_path(std::string_view path);
/// Do these first bytes belong to what dpkg would install, whatever it is called?
bool is_debian_package(std::string_view first_bytes);

base::Result<int> run_apt_proxy(const UpstreamOptions& upstream, const ListenOptions& listen, int wait_seconds, Front& front);

}  // namespace gate
