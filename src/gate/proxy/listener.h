// The gate as a server: HTTP/1.1 by cpp-httplib over our own sockets, with TLS where a certificate is
// given. What cpp-httplib leaves open is done here: a reason of our own in the status line (package
// managers show it), a bound on headers, on bodies (decompressed as well), on the time of a request.
// Nothing about who asks is kept or written anywhere.
#pragma once

#include <httplib.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/result.h"

namespace gate {

struct ListenOptions {
  std::string address;             ///< "127.0.0.1:8080", "[::1]:8080", ":8080" (all addresses); port 0 = any
  std::string tls_cert, tls_key;   ///< PEM; both or none
  std::size_t most_body = 16u << 20;
};
void add_listen_options(CLI::App& command, ListenOptions& options);

/// Called by many threads at once. `body`: of POST and PUT, decompressed. Must not throw for long: an
/// exception becomes status 500.
using Respond = std::function<void(const httplib::Request& request, const std::string& body, httplib::Response& answer)>;

/// Serves until SIGINT or SIGTERM; 0 then. Prints "listening on ADDRESS:PORT" on standard output when it
/// is ready. /-/assay/health is answered here. Error: usage (address, certificate), io.
base::Result<int> serve(const ListenOptions& options, const Respond& respond);

/// Headers of an answer that carry a reason into the status line. One printable ASCII line, cut at 400.
void set_reason(httplib::Response& answer, std::string_view reason);

/// What of a request's target is a path; nothing for an absolute target of another host form.
std::string host_of(const httplib::Request& request);   ///< the Host header when it is one, else ""

}  // namespace gate
