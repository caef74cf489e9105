// Puts a hallmark where clients of registries look for attestations: as referrers of the image (OCI
// image-spec 1.1, "subject"), each a Sigstore bundle, listed by tag where the registry itself does not list
// them (distribution-spec, "Referrers Tag Schema"), and under cosign's older tag ".att".
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "gate/oci/image_name.h"
#include "gate/oci/manifest.h"
#include "gate/oci/oci.h"
#include "gate/oci/registry.h"
#include "gate/proxy/bounded_json.h"
#include "gate/shelf.h"
#include "hallmark/bundle.h"

namespace gate {
namespace {

using base::Trouble;
using nlohmann::json;

constexpr std::string_view manifest_type = "application/vnd.oci.image.manifest.v1+json", index_type = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view bundle_type = "application/vnd.dev.sigstore.bundle.v0.3+json", dsse_type = "application/vnd.dsse.envelope.v1+json";

json descriptor(std::string_view type, std::string_view bytes) { return {{"mediaType", type}, {"digest", "sha256:" + base::sha256(bytes).hex()}, {"size", bytes.size()}}; }

std::string predicate_type_of(const hallmark::Envelope& envelope) {
  const auto statement = read_json(envelope.payload, hallmark::most_envelope_bytes);
  return statement ? text_in(*statement, "predicateType") : std::string{};
}

struct Image {
  base::Digest digest;
  std::string type;
  std::size_t size = 0;
};

// The hallmark must be about this image: its product holds the manifest and everything the manifest names.
base::Result<> check_subjects(const hallmark::HallmarkFile& file, const base::Digest& digest, const ImageManifest& manifest) {
  const auto statement = TRY(hallmark::Statement::from_json(file.bundles.front().envelope.payload));
  std::set<base::Digest> subjects;
  for (const auto& s : statement.subjects) subjects.insert(s.digest);
  const auto& parts = manifest.kind == ImageManifest::Kind::index ? manifest.platforms : manifest.blobs;
  const bool whole = std::ranges::all_of(parts, [&](const auto& d) { return subjects.contains(d); });
  if (!whole || parts.empty() || (manifest.kind == ImageManifest::Kind::image && !subjects.contains(digest)))
    return base::fail(Trouble::usage, "the hallmark is not of the image {}: vet its OCI layout (skopeo copy --preserve-digests docker://... oci:FOLDER), then strike the hallmark", digest.brief());
  return {};
}

base::Result<> attach_referrer(Registry& registry, const Image& image, const hallmark::Bundle& bundle, json& listed) {
  const auto bytes = bundle.to_json();
  const std::string empty = "{}";
  CHECK_OK(registry.push_blob(bytes));
  CHECK_OK(registry.push_blob(empty));
  const json notes = {{"dev.sigstore.bundle.content", "dsse-envelope"}, {"dev.sigstore.bundle.predicateType", predicate_type_of(bundle.envelope)}};
  const auto manifest = write_json({{"schemaVersion", 2},
                                    {"mediaType", manifest_type},
                                    {"artifactType", bundle_type},
                                    {"config", descriptor("application/vnd.oci.empty.v1+json", empty)},
                                    {"layers", json::array({descriptor(bundle_type, bytes)})},
                                    {"subject", {{"mediaType", image.type}, {"digest", "sha256:" + image.digest.hex()}, {"size", image.size}}},
                                    {"annotations", notes}});
  if (TRY(registry.push_manifest("sha256:" + base::sha256(manifest).hex(), manifest, std::string(manifest_type)))) return {};
  auto entry = descriptor(manifest_type, manifest);
  entry["artifactType"] = bundle_type;
  entry["annotations"] = notes;
  listed.push_back(std::move(entry));
  return {};
}

// Adds what is new to the list under a tag, and keeps what others put there.
base::Result<> merge_tag(Registry& registry, const std::string& tag, const char* key, const json& additions, json fresh, std::string_view type) {
  const auto before = TRY(registry.manifest(tag));
  if (before) {
    auto old = TRY(read_json(before->bytes, most_manifest));
    if (!part_in(old, key).is_array()) return base::fail(Trouble::malformed, "the tag {} holds something else", tag);
    fresh = std::move(old);
  }
  auto& list = fresh[key];
  for (const auto& one : additions) {
    const auto digest = text_in(one, "digest");
    if (std::ranges::none_of(list, [&](const json& other) { return text_in(other, "digest") == digest; })) list.push_back(one);
  }
  const auto text = write_json(fresh);
  if (text.size() > most_manifest) return base::fail(Trouble::limit, "the tag {} holds too much already", tag);
  (void)TRY(registry.push_manifest(tag, text, std::string(type)));
  return {};
}

base::Result<> attach_cosign(Registry& registry, const Image& image, const hallmark::HallmarkFile& file) {
  auto layers = json::array(), diffs = json::array();
  for (const auto& bundle : file.bundles) {
    const auto bytes = bundle.envelope.to_json();
    CHECK_OK(registry.push_blob(bytes));
    auto layer = descriptor(dsse_type, bytes);
    layer["annotations"] = {{"dev.cosignproject.cosign/signature", ""}, {"predicateType", predicate_type_of(bundle.envelope)}};
    diffs.push_back(layer["digest"]);
    layers.push_back(std::move(layer));
  }
  const auto config = write_json({{"architecture", ""}, {"os", ""}, {"config", json::object()}, {"rootfs", {{"type", "layers"}, {"diff_ids", diffs}}}});
  CHECK_OK(registry.push_blob(config));
  const json fresh = {{"schemaVersion", 2}, {"mediaType", manifest_type}, {"config", descriptor("application/vnd.oci.image.config.v1+json", config)}, {"layers", json::array()}};
  return merge_tag(registry, "sha256-" + image.digest.hex() + ".att", "layers", layers, fresh, manifest_type);
}

}  // namespace

base::Result<int> attach_hallmark(const AttachOptions& options) {
  const auto name = TRY(ImageName::parse(options.image));
  const auto file = TRY(hallmark::HallmarkFile::parse(TRY(read_file(options.hallmark, 64u << 20))));
  auto registry = TRY(Registry::open(name.host, name.repository, options));
  const auto found = TRY(registry.manifest(name.digest ? "sha256:" + name.digest->hex() : name.tag));
  if (!found) return base::fail(Trouble::usage, "the registry has no image {}", base::printable(options.image));
  const auto digest = base::sha256(found->bytes);
  if (name.digest && digest != *name.digest) return base::fail(Trouble::malformed, "the registry hands out another image than the one named");
  const auto manifest = TRY(read_manifest(found->bytes, found->type));
  CHECK_OK(check_subjects(file, digest, manifest));
  const Image image{digest, manifest.media_type, found->bytes.size()};
  auto listed = json::array();
  for (const auto& bundle : file.bundles) CHECK_OK(attach_referrer(registry, image, bundle, listed));
  if (!listed.empty())   // a registry without the referrers API
    CHECK_OK(merge_tag(registry, "sha256-" + digest.hex(), "manifests", listed, {{"schemaVersion", 2}, {"mediaType", index_type}, {"manifests", json::array()}}, index_type));
  CHECK_OK(attach_cosign(registry, image, file));
  fmt::print("attached {} {} to sha256:{}{}\n", file.bundles.size(), file.bundles.size() == 1 ? "statement" : "statements", digest.hex(), listed.empty() ? "" : " (by tag: the registry lists no referrers)");
  return 0;
}

}  // namespace gate
