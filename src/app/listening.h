// A small HTTP server that ends on an interrupt. Bounded requests, no more: what faces the open internet
// belongs behind a web server.
#pragma once

#include <httplib.h>

#include <string>

#include "base/result.h"

namespace app {

/// Sets limits of time and size. `most_bytes`: of a request's body.
void bound(httplib::Server& server, std::size_t most_bytes, unsigned threads);
/// Binds ADDRESS:PORT (port 0: any), prints one line "`what` http://ADDRESS:PORT" on standard output, and
/// serves until SIGINT or SIGTERM. Error: usage: it can't listen there.
base::Result<> listen_until_interrupted(httplib::Server& server, const std::string& address, std::string_view what);

}  // namespace app
