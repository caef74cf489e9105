// Manifests and names as hostile registries and clients write them.
#include "gate/oci/manifest.h"

#include <gtest/gtest.h>

#include <optional>

#include "gate/oci/image_name.h"

namespace gate {
namespace {

const std::string a(64, 'a'), b(64, 'b');
std::string descriptor(const std::string& hex, const std::string& more = "") { return R"({"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:)" + hex + R"(","size":1)" + more + "}"; }
std::string image(const std::string& layers, const std::string& more = "") { return R"({"schemaVersion":2)" + more + R"(,"config":)" + descriptor(a) + R"(,"layers":[)" + layers + "]}"; }

TEST(Manifest, ReadsImages) {
  const auto m = read_manifest(image(descriptor(b)), "application/vnd.oci.image.manifest.v1+json");
  ASSERT_TRUE(m) << m.error().what;
  EXPECT_EQ(m->kind, ImageManifest::Kind::image);
  EXPECT_EQ(m->blobs.size(), 2u);
  EXPECT_EQ(m->blobs[1].hex(), b);
}

TEST(Manifest, ReadsIndexes) {
  const auto m = read_manifest(R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" + descriptor(a, R"(,"platform":{"os":"linux","architecture":"amd64"})") + "," +
                               descriptor(b, R"(,"platform":{"os":"unknown","architecture":"unknown"})") + "]}");
  ASSERT_TRUE(m) << m.error().what;
  EXPECT_EQ(m->kind, ImageManifest::Kind::index);
  EXPECT_EQ(m->platforms.size(), 1u);
  EXPECT_EQ(m->others.size(), 1u);
}

// One digest, two meanings (CVE-2021-41190): which one a client sees must not be its choice.
TEST(Manifest, RefusesTwoMeanings) {
  EXPECT_FALSE(read_manifest(image(descriptor(b), R"(,"manifests":[])")));
  EXPECT_FALSE(read_manifest(image(descriptor(b), R"(,"mediaType":"application/vnd.oci.image.index.v1+json")")));
  EXPECT_FALSE(read_manifest(image(descriptor(b), R"(,"mediaType":"application/vnd.oci.image.manifest.v1+json")"), "application/vnd.docker.distribution.manifest.v2+json"));
  EXPECT_FALSE(read_manifest(image(descriptor(b)), "application/vnd.oci.image.index.v1+json"));
  EXPECT_FALSE(read_manifest(image(descriptor(b)), "text/html"));
  EXPECT_FALSE(read_manifest(R"({"schemaVersion":1,"fsLayers":[]})"));
  EXPECT_FALSE(read_manifest(R"({"schemaVersion":2})"));
  EXPECT_FALSE(read_manifest("[]"));
}

// Bytes that clients fetch past the gate, or that a digest of ours can't name.
TEST(Manifest, RefusesContentThatIsElsewhere) {
  EXPECT_FALSE(read_manifest(image(descriptor(b, R"(,"urls":["https://elsewhere/"])"))));
  EXPECT_FALSE(read_manifest(image(descriptor(b, R"(,"data":"aGk=")"))));
  EXPECT_FALSE(read_manifest(image(R"({"digest":"sha512:)" + a + b + "\"}")));
  EXPECT_FALSE(read_manifest(image(descriptor(std::string(64, 'A')))));
  EXPECT_TRUE(read_manifest(image(descriptor(b, R"(,"urls":[])"))));
}

TEST(Manifest, TellsStatementsFromImages) {
  const std::string dsse = R"({"mediaType":"application/vnd.dsse.envelope.v1+json","digest":"sha256:)" + b + R"("})";
  EXPECT_EQ(read_manifest(image(dsse))->kind, ImageManifest::Kind::statements);
  EXPECT_EQ(read_manifest(image(dsse + "," + descriptor(a)))->kind, ImageManifest::Kind::image) << "a layer hides among statements";
  EXPECT_EQ(read_manifest(image(""))->kind, ImageManifest::Kind::image);
}

TEST(Manifest, SurvivesEveryCut) {
  const auto text = image(descriptor(b));
  for (std::size_t n = 0; n < text.size(); ++n) EXPECT_FALSE(read_manifest(text.substr(0, n))) << n;
}

TEST(OciRoutes, TellWhatIsAsked) {
  using Kind = OciRoute::Kind;
  EXPECT_EQ(oci_route_of("GET", "/v2/").kind, Kind::base);
  const auto r = oci_route_of("HEAD", "/v2/library/x/manifests/1.0?a=b");
  EXPECT_EQ(r.kind, Kind::manifest);
  EXPECT_EQ(r.name, "library/x");
  EXPECT_EQ(r.reference, "1.0");
  EXPECT_EQ(oci_route_of("GET", "/v2/x/blobs/sha256:" + a).kind, Kind::blob);
  EXPECT_EQ(oci_route_of("GET", "/v2/x/blobs/latest").kind, Kind::unknown);
  EXPECT_EQ(oci_route_of("GET", "/v2/manifests/manifests/manifests").name, "manifests");
  EXPECT_EQ(oci_route_of("GET", "/v2/x/tags/list").kind, Kind::tags);
  EXPECT_EQ(oci_route_of("PUT", "/v2/x/manifests/1").kind, Kind::refused);
  for (const char* target : {"/v2/../x/manifests/1", "/v2//x/manifests/1", "/v2/X/manifests/1", "/v2/x/manifests/", "/v2/x/manifests/..", "/v2/x%2fy/manifests/1", "/v1/x", "/v2/x"})
    EXPECT_EQ(oci_route_of("GET", target).kind, Kind::unknown) << target;
}

TEST(ImageName, Parses) {
  const auto n = ImageName::parse("registry.example:5000/team/app:1.0@sha256:" + a);
  ASSERT_TRUE(n) << n.error().what;
  EXPECT_EQ(n->host, "registry.example:5000");
  EXPECT_EQ(n->repository, "team/app");
  EXPECT_EQ(n->tag, "1.0");
  EXPECT_EQ(n->digest->hex(), a);
  EXPECT_EQ(ImageName::parse("h/x")->tag, "latest");
  for (const char* bad : {"", "x", "/x", "h/", "h/x:", "h/x@sha256:12", "h/X", "h/x y", "h/x@sha512:1"}) EXPECT_FALSE(ImageName::parse(bad)) << bad;
}

TEST(ImageName, PinsByDigestOnly) {
  EXPECT_EQ(pinned_digest("app:1.0@sha256:" + a)->hex(), a);
  for (const std::string& image : {std::string("app:latest"), std::string("app"), "@sha256:" + a, "app@sha256:" + a.substr(1), "app@sha256:" + a + " ", "app@x@sha256:" + a, std::string()}) EXPECT_FALSE(pinned_digest(image)) << image;
}

}  // namespace
}  // namespace gate
