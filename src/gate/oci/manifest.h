// Manifests of container images (OCI image-spec 1.1, image manifest and image index; Docker image manifest
// 2, schema 2, and its list), as far as a gate needs them: what else belongs to the image, by digest.
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace gate {

inline constexpr std::size_t most_manifest = 4u << 20;   // as registries bound it (OCI distribution-spec, "Pushing manifests")
inline constexpr std::size_t most_blobs = 1000;
inline constexpr std::size_t most_platforms = 100;
inline constexpr std::size_t most_statement_blob = 16u << 20;

struct ImageManifest {
  enum class Kind {
    image,        ///< config and layers
    index,        ///< manifests of several platforms
    statements,   ///< signatures and attestations: JSON that says something about an image and runs nowhere
  };
  Kind kind = Kind::image;
  std::string media_type;
  std::vector<base::Digest> blobs;       ///< of an image: config first, then layers
  std::vector<base::Digest> platforms;   ///< of an index: manifests that can run (attestations left out)
  std::vector<base::Digest> others;      ///< of an index: the rest
};

/// Error: malformed (not JSON, not a manifest, both list and image: two readers would see different
/// things), unsupported (schema 1, digests other than SHA-256, layers that clients fetch elsewhere), limit.
base::Result<ImageManifest> read_manifest(std::string_view text, std::string_view content_type = {});

/// "sha256:<64 hex>". Nothing for others.
std::optional<base::Digest> digest_from(std::string_view text);

extern const std::string_view manifest_types;   ///< an Accept header with all that are read

}  // namespace gate
