// HTTP as a client: one bounded request. https is verified against the system's certificates or a
// given one. Also reads file:///folder/x, so that a log of static files needs no server to be read.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace http {

struct Url {
  std::string scheme, host, path;  ///< path begins with '/' and carries the query
  int port = 0;
  static base::Result<Url> parse(std::string_view text);  ///< http, https, file; error: usage
  std::string origin() const;                             ///< scheme://host:port
};

struct Request {
  std::string method = "GET";
  std::string url;
  std::string body, content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::size_t most_bytes = 64u << 20;  ///< of the answer; more is an error: limit
  int timeout_seconds = 30;
  bool follow = false;                 ///< redirects, at most 5, never from https to http
  std::string ca_file;                 ///< PEM; "" = the system's
  /// Where the body goes, piece by piece, instead of into Response::body; an error ends the exchange. Each
  /// hop's body when redirects are followed. Not of files.
  std::function<base::Result<>(std::string_view)> take;
};

struct Response {
  int status = 0;
  std::multimap<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

/// Error: io: no answer (refused, timeout, TLS), with a sentence that names the host, never the query.
base::Result<Response> fetch(const Request& request);
/// GET whose answer must be 200. file:// works too. Error: io; "not found" answers have the word 404 in them.
base::Result<std::string> get(const std::string& url, std::size_t most_bytes = 64u << 20);

}  // namespace http
