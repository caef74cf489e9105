// A registry as one who pushes sees it (OCI distribution-spec 1.1): blobs, manifests, tokens.
// Threads: one at a time.
#pragma once

#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "gate/oci/oci.h"
#include "http/fetch.h"

namespace gate {

class Registry {
 public:
  /// Error: usage (the password file).
  static base::Result<Registry> open(const std::string& host, const std::string& repository, const AttachOptions& options);

  struct Manifest {
    std::string bytes, type;
  };
  /// Nothing: there is none. Error: io.
  base::Result<std::optional<Manifest>> manifest(const std::string& reference);
  base::Result<> push_blob(std::string_view bytes);
  /// True when the registry took note of the manifest's subject (OCI-Subject).
  base::Result<bool> push_manifest(const std::string& reference, const std::string& bytes, const std::string& type);

 private:
  base::Result<http::Response> ask(http::Request request);
  base::Result<std::string> token_for(const std::string& challenge);
  std::string base_, repository_, basic_, bearer_, ca_file_;
};

}  // namespace gate
