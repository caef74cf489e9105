#include "gate/oci/manifest.h"

#include <algorithm>
#include <optional>

#include "gate/proxy/bounded_json.h"

namespace gate {
namespace {

using base::Trouble;
using nlohmann::json;

constexpr std::string_view oci_image = "application/vnd.oci.image.manifest.v1+json", oci_index = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view docker_image = "application/vnd.docker.distribution.manifest.v2+json", docker_list = "application/vnd.docker.distribution.manifest.list.v2+json";

bool is_statement_type(std::string_view type) {
  return type == "application/vnd.dsse.envelope.v1+json" || type == "application/vnd.dev.cosign.simplesigning.v1+json" || type.starts_with("application/vnd.dev.sigstore.bundle") || type == "application/vnd.in-toto+json";
}

base::Result<base::Digest> digest_of(const json& descriptor) {
  const auto digest = digest_from(text_in(descriptor, "digest"));
  if (!digest) return base::fail(Trouble::unsupported, "the manifest names a digest other than SHA-256");
  const auto& urls = part_in(descriptor, "urls");
  if (!urls.is_null() && !(urls.is_array() && urls.empty())) return base::fail(Trouble::unsupported, "the image has layers that clients fetch elsewhere, past this gate");
  if (!part_in(descriptor, "data").is_null()) return base::fail(Trouble::unsupported, "the manifest carries content within itself");
  return *digest;
}

base::Result<ImageManifest> read_index(const json& top, ImageManifest out) {
  out.kind = ImageManifest::Kind::index;
  const auto& list = top["manifests"];
  if (!list.is_array() || list.size() > most_platforms) return base::fail(Trouble::malformed, "the image index is no list of at most {}", most_platforms);
  for (const auto& one : list) {
    const auto digest = TRY(digest_of(one));
    const auto& platform = part_in(one, "platform");
    const auto& notes = part_in(one, "annotations");
    const bool statement = text_in(notes, "vnd.docker.reference.type") == "attestation-manifest" || !text_in(one, "artifactType").empty() || (text_in(platform, "os") == "unknown" && text_in(platform, "architecture") == "unknown");
    (statement ? out.others : out.platforms).push_back(digest);
  }
  return out;
}

base::Result<ImageManifest> read_image(const json& top, ImageManifest out) {
  const auto& config = part_in(top, "config");
  const auto& layers = part_in(top, "layers");
  if (!config.is_object() || !layers.is_array()) return base::fail(Trouble::malformed, "it is neither an image nor an index of images");
  if (layers.size() >= most_blobs) return base::fail(Trouble::limit, "the image has more than {} layers", most_blobs);
  out.blobs.push_back(TRY(digest_of(config)));
  bool statements = !layers.empty();
  for (const auto& layer : layers) {
    out.blobs.push_back(TRY(digest_of(layer)));
    statements = statements && is_statement_type(text_in(layer, "mediaType"));
  }
  if (statements) out.kind = ImageManifest::Kind::statements;
  return out;
}

}  // namespace

const std::string_view manifest_types =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

std::optional<base::Digest> digest_from(std::string_view text) {
  if (!text.starts_with("sha256:") || text.size() != 71) return std::nullopt;
  const auto out = base::Digest::from_hex(text.substr(7));
  return out && out->hex() == text.substr(7) ? out : std::nullopt;
}

base::Result<ImageManifest> read_manifest(std::string_view text, std::string_view content_type) {
  const auto top = TRY(read_json(text, most_manifest));
  if (!top.is_object()) return base::fail(Trouble::malformed, "it is no manifest");
  const auto& schema = part_in(top, "schemaVersion");
  if (!schema.is_number_integer() || schema != 2) return base::fail(Trouble::unsupported, "it is no manifest of schema 2");
  // Two readers of one digest must see one thing (image-spec, "mediaType"; CVE-2021-41190).
  const bool lists = top.contains("manifests"), layered = top.contains("layers") || top.contains("config") || top.contains("fsLayers");
  if (lists == layered) return base::fail(Trouble::malformed, "the manifest is {}", lists ? "an image and an index at once" : "neither an image nor an index");
  ImageManifest out;
  const auto said = text_in(top, "mediaType");
  content_type = content_type.substr(0, content_type.find(';'));
  out.media_type = !said.empty() ? said : !content_type.empty() ? std::string(content_type) : std::string(lists ? oci_index : oci_image);
  if (!said.empty() && !content_type.empty() && said != content_type) return base::fail(Trouble::malformed, "the registry calls the manifest something else than it calls itself");
  const bool fits = lists ? out.media_type == oci_index || out.media_type == docker_list : out.media_type == oci_image || out.media_type == docker_image;
  if (!fits) return base::fail(Trouble::malformed, "the manifest's type does not fit what it holds");
  return lists ? read_index(top, std::move(out)) : read_image(top, std::move(out));
}

}  // namespace gate
