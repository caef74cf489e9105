// AdmissionReview of the Kubernetes API (admission.k8s.io/v1) as a validating webhook meets it.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gate {

inline constexpr std::size_t most_review = 8u << 20;    // etcd takes no object near this size
inline constexpr std::size_t most_containers = 2000;

struct ReviewImage {
  std::string container;    ///< "container web", "init container setup": for people
  std::string image;
};

struct Review {
  std::string uid;
  std::string operation;    ///< CREATE, UPDATE, DELETE, CONNECT
  std::string kind;         ///< of the object: Pod, Deployment...
  bool dry_run = false;
  bool no_pods = false;     ///< the kind runs no containers that this gate knows of
  std::vector<ReviewImage> images;
};

/// Error: malformed (not an AdmissionReview v1, no uid, an object that contradicts itself), limit.
/// `uid`: filled as soon as it is known, so that even a refusal can name it.
base::Result<Review> read_review(std::string_view text, std::string& uid);

/// The answer. `message`: shown by kubectl when it is refused.
std::string write_review(const std::string& uid, bool allowed, const std::string& message, const std::vector<std::string>& warnings = {});

}  // namespace gate
