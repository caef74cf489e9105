#include "gate/oci/image_decision.h"

#include "base/bytes.h"
#include "gate/shelf.h"
#include "report/wording.h"

namespace gate {
namespace {

Decision deny(Front& front, const base::Digest& digest, Why why, std::string text, std::string_view market) {
  return front.note({Answer::deny, why, report::sentence(text), {}, {}}, digest, market);
}

}  // namespace

Decision decide_image(Front& front, const base::Digest& digest, const ImageManifest& manifest, std::string_view market) {
  std::vector<base::Digest> parts{digest};
  parts.insert(parts.end(), manifest.blobs.begin(), manifest.blobs.end());
  const auto products = front.products_holding(parts);
  std::optional<Decision> best;
  for (const auto& product : products) {
    auto one = front.ask(product, market);
    if (one.answer == Answer::allow) return one;
    if (!best) best = std::move(one);
  }
  if (best) return *best;
  const bool some = !front.products_holding(std::span(parts).first(1)).empty();
  return deny(front, digest, Why::unknown,
              some ? fmt::format("A hallmark names the image {}, but not all of its layers: have the whole image vetted, as an OCI layout", digest.brief())
                   : fmt::format("The image {} carries no hallmark that this gate knows: have it vetted first, as an OCI layout", digest.brief()),
              market);
}

Decision decide_any(Front& front, const base::Digest& digest, const FindManifest& find, std::string_view market) {
  const auto missing = [&](const base::Digest& which) {
    return deny(front, which, Why::unknown, fmt::format("The manifest of the image {} is not known here: pull it through Assay's registry gate first, or put it into the folder of manifests", which.brief()), market);
  };
  const auto text = find(digest);
  if (!text) return missing(digest);
  const auto manifest = read_manifest(*text);
  if (!manifest) return deny(front, digest, Why::unknown, fmt::format("The image {} can't be let in: {}", digest.brief(), manifest.error().what), market);
  if (manifest->kind == ImageManifest::Kind::statements) return deny(front, digest, Why::unknown, fmt::format("{} holds statements about an image and is none", digest.brief()), market);
  if (manifest->kind == ImageManifest::Kind::image) return decide_image(front, digest, *manifest, market);
  if (manifest->platforms.empty()) return deny(front, digest, Why::unknown, fmt::format("The index {} names no image", digest.brief()), market);
  Decision out;
  for (const auto& platform : manifest->platforms) {
    const auto inner = find(platform);
    if (!inner) return missing(platform);
    const auto image = read_manifest(*inner);
    if (!image || image->kind != ImageManifest::Kind::image) return deny(front, platform, Why::unknown, fmt::format("The index {} names {}, which is no image", digest.brief(), platform.brief()), market);
    out = decide_image(front, platform, *image, market);
    if (out.answer == Answer::allow) continue;
    out.sentence += fmt::format(" (It is one of {} platforms of {}: pin the digest of the one that was vetted.)", manifest->platforms.size(), digest.brief());
    return out;
  }
  return out;
}

std::optional<std::string> ManifestFolder::find(const base::Digest& digest) const {
  if (folder_.empty()) return std::nullopt;
  auto text = read_file(folder_ + "/" + digest.hex(), most_manifest);
  if (!text || base::sha256(*text) != digest) return std::nullopt;
  return std::move(*text);
}

void ManifestFolder::keep(const base::Digest& digest, std::string_view manifest) const {
  if (folder_.empty() || find(digest)) return;
  (void)write_durably(folder_ + "/" + digest.hex(), manifest);
}

}  // namespace gate
