// Names of images and requests of the registry protocol (OCI distribution-spec 1.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace gate {

struct OciRoute {
  enum class Kind { base, manifest, blob, tags, referrers, refused, unknown };
  Kind kind = Kind::unknown;
  std::string name;         ///< repository
  std::string reference;    ///< tag or digest
};
OciRoute oci_route_of(std::string_view method, std::string_view target);

bool is_repository_name(std::string_view text);
bool is_tag(std::string_view text);

/// host[:port]/name[:tag][@digest]; Docker's short names are not completed.
struct ImageName {
  std::string host, repository, tag;
  std::optional<base::Digest> digest;
  static base::Result<ImageName> parse(std::string_view text);   ///< error: usage
};

/// Only what a container runtime takes: the digest at the end of "[host/]name[:tag]@sha256:...".
std::optional<base::Digest> pinned_digest(std::string_view image);

}  // namespace gate
