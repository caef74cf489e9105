// May this image enter? An image's digest is that of its manifest, a small JSON that only names config
// and layers. So neither a hallmark of the manifest alone nor the manifest's presence somewhere in a
// passed product says anything about the layers: an image may enter when one product that may enter holds
// the manifest, its config and all of its layers. That is what vetting an image's OCI layout gives.
#pragma once

#include <functional>

#include "gate/front.h"
#include "gate/oci/manifest.h"

namespace gate {

/// One platform's image. The manifest's bytes must have been hashed to `digest` by the caller.
Decision decide_image(Front& front, const base::Digest& digest, const ImageManifest& manifest, std::string_view market);

/// A manifest by its digest, its bytes checked, from wherever the caller has it; nothing: not to be had.
using FindManifest = std::function<std::optional<std::string>(const base::Digest& digest)>;

/// An image or an index. Every platform of an index must be allowed: who asks can't tell which one a
/// machine will take. A manifest that isn't to be had is not allowed.
Decision decide_any(Front& front, const base::Digest& digest, const FindManifest& find, std::string_view market);

/// A folder of manifests, each named by the hex of its SHA-256. Needs no trust: what is read is hashed.
class ManifestFolder {
 public:
  explicit ManifestFolder(std::string folder) : folder_(std::move(folder)) {}
  std::optional<std::string> find(const base::Digest& digest) const;
  /// Keeps it; failures are passed over (whoever looks later finds nothing, and refuses). "" = no folder.
  void keep(const base::Digest& digest, std::string_view manifest) const;

 private:
  std::string folder_;
};

}  // namespace gate
