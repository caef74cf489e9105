#include <gtest/gtest.h>

#include "base/digest.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"
#include "unpack/tar/make.h"

namespace unpack {
const evidence::Reader& oci();
namespace {

using evidence::Facet;

const std::string config = R"({"architecture":"amd64","config":{"Entrypoint":["/bin/sh","-c","start | run"],"Cmd":["serve","two words"],
  "Healthcheck":{"Test":["CMD-SHELL","curl x || exit 1"]},"OnBuild":["RUN make"]}})";
const std::string lower = tar_of({{"etc/secret", "key"}, {"opt/a", "1"}, {"opt/b", "2"}, {"bin/x", "old"}});
const std::string upper = tar_of({{"etc/.wh.secret", ""}, {"opt/.wh..wh..opq", ""}, {"bin/x", "new"}});

std::string saved() {
  return tar_of({{"manifest.json", R"([{"Config":"c.json","RepoTags":["corp.example/tool:1.2"],"Layers":["a/layer.tar","b/layer.tar"]}])"},
                 {"c.json", config}, {"a/layer.tar", lower}, {"b/layer.tar", upper}});
}
std::string layout(const std::string& lie = "") {
  const auto first = gzipped(lower), second = gzipped(upper);
  const auto hex = [](const std::string& text) { return base::sha256(text).hex(); };
  const auto manifest = fmt::format(R"({{"config":{{"digest":"sha256:{}"}},"layers":[{{"digest":"sha256:{}"}},{{"digest":"sha256:{}"}}]}})", hex(config), hex(first), hex(second));
  return tar_of({{"oci-layout", "{}"}, {"index.json", fmt::format(R"({{"manifests":[{{"digest":"sha256:{}"}}]}})", hex(manifest))}, {"blobs/sha256/" + hex(manifest), manifest},
                 {"blobs/sha256/" + hex(config), config + lie}, {"blobs/sha256/" + hex(first), first}, {"blobs/sha256/" + hex(second), second}});
}
std::string text(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(none)";
}

TEST(Oci, SavedImageAndLayoutSayTheSame) {
  for (const auto& bytes : {saved(), layout()}) {
    const auto r = evidence::read_alone(oci(), base::bytes_of(bytes), "oci-image");
    ASSERT_TRUE(r.result) << r.result.error().what;
    EXPECT_EQ(text(r, "entrypoint"), "start | run\n");
    EXPECT_EQ(text(r, "cmd"), "serve 'two words'\n");
    EXPECT_EQ(text(r, "healthcheck"), "curl x || exit 1\n");
    EXPECT_EQ(text(r, "onbuild-0"), "make\n");
    EXPECT_EQ(r.sink.child_named("cmd")->entry.origin, artifact::Origin::step);
    std::map<std::string, std::string> hidden;
    for (const auto& i : r.sink.all(Facet::property, "build")) hidden[i.value] = i.attributes.at("hidden");
    EXPECT_EQ(hidden.size(), 4u);
    EXPECT_EQ(hidden["etc/secret"], "deleted by a later layer");
    EXPECT_EQ(hidden["opt/a"], "deleted by a later layer");
    EXPECT_EQ(hidden["bin/x"], "replaced by a later layer");
    EXPECT_TRUE(r.sink.all(Facet::concealment).empty());
  }
}
TEST(Oci, SaysWhoItIs) {
  const auto r = evidence::read_alone(oci(), base::bytes_of(saved()), "oci-image");
  EXPECT_TRUE(r.sink.has(Facet::identity, "package", "corp.example/tool"));
  EXPECT_TRUE(r.sink.has(Facet::identity, "version", "1.2"));
}
TEST(Oci, ABlobUnderAWrongDigestIsStated) {
  EXPECT_TRUE(evidence::read_alone(oci(), base::bytes_of(layout(" ")), "oci-image").sink.has(Facet::concealment, "mismatch"));
}
TEST(Oci, AMissingLayerIsATrouble) {
  const auto r = evidence::read_alone(oci(), base::bytes_of(tar_of({{"manifest.json", R"([{"Config":"c.json","Layers":["x"]}])"}, {"c.json", config}})), "oci-image");
  EXPECT_TRUE(r.sink.has(Facet::trouble, "truncated"));
}
TEST(Oci, Survives) {
  expect_survives(oci(), saved(), "oci-image", 1500, "file", 300);
  expect_survives(oci(), layout(), "oci-image", 1500, "file", 300);
}

}  // namespace
}  // namespace unpack
