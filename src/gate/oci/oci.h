// The registry market's two commands.
#pragma once

#include "gate/front.h"
#include "gate/proxy/listener.h"
#include "gate/proxy/upstream.h"

namespace gate {

struct OciOptions {
  UpstreamOptions upstream;
  ListenOptions listen;
  std::string manifests;     ///< folder; "" = none
};
base::Result<int> run_oci_gate(const OciOptions& options, Front& front);

struct AttachOptions {
  std::string hallmark, image;
  bool plain_http = false;
  std::string username, password_file, ca_file;
};
/// Stores a hallmark beside its image: one referrer for each of its bundles (OCI 1.1, with the tag where a
/// registry does not list referrers) and cosign's tag ".att". Error: usage (the hallmark is of another
/// image), io.
base::Result<int> attach_hallmark(const AttachOptions& options);

}  // namespace gate
