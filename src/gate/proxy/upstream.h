// The gate as a client of the market behind it: one GET at a time into a Spool, redirects followed only
// to origins that the owner named.
// Threads: any number; each request has a connection of its own.
#pragma once

#include <CLI/CLI.hpp>

#include "gate/proxy/origins.h"
#include "gate/proxy/spool.h"

namespace gate {

struct UpstreamOptions {
  std::string upstream;
  std::vector<std::string> also;     ///< further origins that the market sends its clients to
  std::string ca_file;               ///< PEM; "" = the system's
  std::uint64_t most_bytes = 4ull << 30;   ///< of one file
  int seconds = 600;                 ///< for one answer, whole
  std::uint64_t keep = 1ull << 30;   ///< bytes of files just fetched, see Keeper
};
void add_upstream_options(CLI::App& command, UpstreamOptions& options, const std::string& example);

struct Fetched {
  int status = 0;
  std::string address;                                   ///< after redirects
  std::vector<std::pair<std::string, std::string>> headers;   ///< names in lower case
  Spool body;
  std::string_view header(std::string_view name) const;  ///< "" = none
};

class Upstream {
 public:
  /// Error: usage.
  static base::Result<Upstream> make(UpstreamOptions options);
  const Origins& origins() const { return origins_; }
  std::uint64_t keep() const { return options_.keep; }
  std::uint64_t most_bytes() const { return options_.most_bytes; }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  /// `authorization` goes to the upstream's own origin only. Error: io (no answer), limit (too large, too
  /// slow), usage (a redirect to an origin that wasn't named). Sentences name hosts, never paths.
  base::Result<Fetched> get(const std::string& address, const Headers& headers, const std::string& authorization, std::uint64_t most_bytes) const;
  /// A bounded request with a body that is passed as it is (npm's audit). Same errors.
  base::Result<Fetched> post(const std::string& address, const Headers& headers, const std::string& body, const std::string& content_type, const std::string& authorization, std::uint64_t most_bytes) const;

 private:
  Upstream(UpstreamOptions options, Origins origins) : options_(std::move(options)), origins_(std::move(origins)) {}
  UpstreamOptions options_;
  Origins origins_;
};

}  // namespace gate
