#include "examine/metadata/metadata.h"

#include <gtest/gtest.h>

#include "evidence/recorder.h"

using namespace evidence;
using artifact::Link;
using artifact::Origin;

namespace {

Reading read(std::string_view text, std::string_view name, std::vector<Link> containers) {
  return read_alone(examine::metadata(), base::bytes_of(text), "text", name, std::move(containers));
}

const std::vector<Link> control = {{"x.deb", "deb", Origin::product}, {"control.tar.xz", "xz", Origin::member}, {"", "tar", Origin::layer}};

}  // namespace

TEST(Metadata, DebianControl) {
  const auto r = read("Package: curl\nVersion: 7.88.1-10+deb12u5\nArchitecture: amd64\nMaintainer: A <a@x.invalid>\nDescription: tool\n long\n", "./control", control);
  EXPECT_TRUE(r.sink.has(Facet::identity, "package", "curl"));
  EXPECT_TRUE(r.sink.has(Facet::identity, "version", "7.88.1-10+deb12u5"));
  EXPECT_TRUE(r.sink.has(Facet::identity, "maker", "A <a@x.invalid>"));
  EXPECT_EQ(r.sink.items.at(0).attributes.at("purl"), "pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5?arch=amd64");
  EXPECT_TRUE(read("Package: curl\n", "./usr/share/control", {{"x.deb", "deb", Origin::product}, {"data.tar", "tar", Origin::member}}).sink.items.empty());
}

TEST(Metadata, LanguagePackages) {
  const auto npm = read(R"({"name":"@a/b","version":"1.0.0","author":{"name":"N"}})", "package/package.json", {{"x.tgz", "gzip", Origin::product}, {"", "npm", Origin::layer}});
  EXPECT_EQ(npm.sink.items.at(0).attributes.at("purl"), "pkg:npm/%40a/b@1.0.0");
  const auto python = read("Metadata-Version: 2.1\nName: My_Pkg\nVersion: 2\n\nName: not this\n", "My_Pkg-2.dist-info/METADATA", {{"x.whl", "wheel", Origin::product}});
  EXPECT_EQ(python.sink.items.at(0).attributes.at("purl"), "pkg:pypi/my-pkg@2");
  const auto cargo = read("[package]\nname = \"serde\"\nversion = \"1.0\"\n[dependencies]\nname = \"x\"\n", "serde-1.0/Cargo.toml", {{"x.crate", "crate", Origin::product}});
  EXPECT_EQ(cargo.sink.items.at(0).attributes.at("purl"), "pkg:cargo/serde@1.0");
  const auto nuget = read("<package><metadata><id>A.B</id><version>3</version></metadata></package>", "A.B.nuspec", {{"x.nupkg", "nupkg", Origin::product}});
  EXPECT_EQ(nuget.sink.items.at(0).attributes.at("purl"), "pkg:nuget/A.B@3");
  const auto gem = read("--- !ruby/object:Gem::Specification\nname: rake\nversion: !ruby/object:Gem::Version\n  version: 13.0\nauthors:\n- H\n", "metadata",
                        {{"x.gem", "gem", Origin::product}});
  EXPECT_EQ(gem.sink.items.at(0).attributes.at("purl"), "pkg:gem/rake@13.0");
}

TEST(Metadata, PermissionsAreWeakDeclarations) {
  const auto crx = read(R"({"manifest_version":3,"name":"n","version":"1","permissions":["cookies"],"host_permissions":["<all_urls>"]})", "manifest.json", {{"x.crx", "crx", Origin::product}});
  EXPECT_TRUE(crx.sink.has(Facet::permission, "", "cookies"));
  EXPECT_TRUE(crx.sink.has(Facet::permission, "", "<all_urls>"));
  const auto snap = read("name: s\nversion: 1\napps:\n  s:\n    plugs: [home, network]\n", "meta/snap.yaml", {{"x.snap", "squashfs", Origin::product}});
  EXPECT_TRUE(snap.sink.has(Facet::permission, "", "home"));
  EXPECT_EQ(snap.sink.all(Facet::permission).at(0).attributes.at("declaration"), "weak");
}

TEST(Metadata, BrokenMetadataIsAnError) {
  const auto r = read("{", "package/package.json", {{"x.tgz", "npm", Origin::product}});
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::malformed);
}

TEST(Metadata, TruncatedAtEveryByteNeverCrashes) {
  const std::string yaml = "--- !ruby/object:Gem::Specification\nname: rake\nversion: !ruby/object:Gem::Version\n  version: [13.0]\nauthors:\n- H\n";
  for (std::size_t n = 0; n <= yaml.size(); ++n) (void)read(yaml.substr(0, n), "metadata", {{"x.gem", "gem", Origin::product}});
}
