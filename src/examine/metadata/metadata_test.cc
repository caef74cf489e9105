#include "examine/metadata/metadata.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "evidence/recorder.h"
#include "parse/mutants.h"

using namespace evidence;
using artifact::Link;
using artifact::Origin;

namespace {

Reading read(std::string_view text, std::string_view name, std::vector<Link> containers) {
  return read_alone(examine::metadata(), base::bytes_of(text), "text", name, std::move(containers));
}

const std::vector<Link> control = {{"x.deb", "deb", Origin::product}, {"control.tar.xz", "xz", Origin::member}, {"", "tar", Origin::layer}};

const std::vector<Link> npm = {{"x.tgz", "gzip", Origin::product}, {"", "npm", Origin::layer}};

/// "name|version|for", sorted.
std::vector<std::string> needs(const Reading& r) {
  std::vector<std::string> out;
  for (const auto& i : r.sink.all(Facet::reference, "needs")) out.push_back(i.value + "|" + (i.attributes.contains("version") ? i.attributes.at("version") : "") + "|" + i.attributes.at("for"));
  std::ranges::sort(out);
  return out;
}
using Lines = std::vector<std::string>;

Item need(const Reading& r, std::string_view name) {
  for (const auto& i : r.sink.all(Facet::reference, "needs"))
    if (i.value == name) return i;
  ADD_FAILURE() << "no need of " << name;
  return {};
}

struct Sample {
  std::string text;
  std::string name;
  std::vector<Link> containers;
};
/// One manifest of each format, with what its format has to offer.
const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"Package: a\nPre-Depends: dpkg (>= 1.15)\nDepends: libc6 (>= 2.36), perl:any,\n mta | exim4 (<< 5) [amd64 i386] <!nocheck>,\n${misc:Depends}\nRecommends: c\nSuggests: d\n", "./control", control},
      {R"({"name":"a","version":"1","dependencies":{"b":"^1.0","@s/c":"git+https://h.invalid/c.git","é":"file:../e","alias":"npm:real@2"},
          "optionalDependencies":{"o":"*"},"peerDependencies":{"p":">=1"},"devDependencies":{"d":"1.x"},"bundledDependencies":["b","n"]})",
       "package/package.json", npm},
      {"Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Dist: B_b.c[x,y] (>=1.0,<2) ; python_version < '3'\nRequires-Dist: d>=2; extra == 'test'\n"
       "requires-dist: u @ https://h.invalid/u;v.whl ; os_name == 'nt'\nRequires-Dist: plain\n\nRequires-Dist: body\n",
       "a-1.dist-info/METADATA", {{"a.whl", "wheel", Origin::product}}},
      {"Bundle-SymbolicName: a\nRequire-Bundle: org.b;bundle-version=\"[1,2)\",org.c;resolution:=opti\n onal,org.d\n", "META-INF/MANIFEST.MF", {{"a.jar", "jar", Origin::product}}},
      {"--- !ruby/object:Gem::Specification\nname: a\nversion: !ruby/object:Gem::Version\n  version: '1'\ndependencies:\n- !ruby/object:Gem::Dependency\n  name: b\n"
       "  requirement: !ruby/object:Gem::Requirement\n    requirements:\n    - - \">=\"\n      - !ruby/object:Gem::Version\n        version: '1.0'\n    - - \"<\"\n"
       "      - !ruby/object:Gem::Version\n        version: '2'\n  type: :runtime\n- !ruby/object:Gem::Dependency\n  name: c\n  type: :development\n",
       "metadata", {{"a.gem", "gem", Origin::product}}},
      {"[package]\nname = \"a\"\nversion = \"1\"\ndescription = \"\"\"\n[dependencies]\nno = '1'\n\"\"\"\n[dependencies]\nb = \"1.2\"\nc = { version = \"3\", optional = true }\n"
       "g.git = \"https://h.invalid/g\"\n[dependencies.\"d\\u0065\"]\npackage = \"real\"\nversion = \"4\"\n[build-dependencies]\ncc = \"1\"\n[dev-dependencies]\nt = \"1\"\n"
       "[target.'cfg(windows)'.dependencies.w]\nversion = \"0.3\"\nfeatures = [\"x\"]\n",
       "a-1/Cargo.toml", {{"a.crate", "crate", Origin::product}}},
      {"<?xml version=\"1.0\"?><project><parent><groupId>g</groupId></parent><artifactId>a</artifactId><properties><v>1.0</v></properties><dependencyManagement><dependencies>"
       "<dependency><groupId>m</groupId><artifactId>m</artifactId></dependency></dependencies></dependencyManagement><dependencies><!-- <dependency><artifactId>no</artifactId></dependency> -->"
       "<dependency><groupId>${project.groupId}</groupId><artifactId>b</artifactId><version>${v}</version></dependency><dependency><groupId>t</groupId><artifactId>t</artifactId><scope>test</scope></dependency>"
       "<dependency><groupId>o</groupId><artifactId>o</artifactId><version>${x}</version><optional>true</optional></dependency></dependencies><build><plugins><plugin><dependencies><dependency>"
       "<artifactId>no</artifactId></dependency></dependencies></plugin></plugins></build></project>",
       "pom.xml", {{"a.jar", "jar", Origin::product}}},
      {"\xef\xbb\xbf<package><metadata><id>a</id><version>1</version><dependencies><dependency id=\"b\" version=\"[1,2)\"/><group targetFramework=\"net6\"><dependency id='c' version='3' exclude=\"Build\" /></group>"
       "</dependencies></metadata></package>",
       "a.nuspec", {{"a.nupkg", "nupkg", Origin::product}}},
      {"[Application]\nname=a\nruntime=org.b/x86_64/23\nsdk=org.s/x86_64/24\n", "metadata", {{"a.flatpak", "flatpak", Origin::product}}},
      {"name: a\nversion: 1\nbase: core22\n", "meta/snap.yaml", {{"a.snap", "squashfs", Origin::product}}},
  };
  return all;
}

Lines needs_of(std::size_t sample) {
  const auto& s = samples().at(sample);
  const auto r = read(s.text, s.name, s.containers);
  EXPECT_TRUE(r.result) << s.name << ": " << r.result.error().to_string();
  return needs(r);
}

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

// A plain name, the range in an attribute, what it is for: in each format.
TEST(Metadata, NeedsOfEachFormat) {
  EXPECT_EQ(needs_of(0), (Lines{"c||optional", "dpkg|>= 1.15|install", "exim4|<< 5|run", "libc6|>= 2.36|run", "mta||run", "perl||run"}));
  EXPECT_EQ(needs_of(1), (Lines{"@s/c|git+https://h.invalid/c.git|run", "b|^1.0|run", "d|1.x|build", "n||run", "o|*|optional", "p|>=1|peer", "real|2|run", "é|file:../e|run"}));
  EXPECT_EQ(needs_of(2), (Lines{"b-b-c|>=1.0,<2|run", "d|>=2|optional", "plain||run", "u|https://h.invalid/u;v.whl|run"}));
  EXPECT_EQ(needs_of(3), (Lines{"org.b|[1,2)|run", "org.c||optional", "org.d||run"}));
  EXPECT_EQ(needs_of(4), (Lines{"b|>= 1.0, < 2|run", "c||build"}));
  EXPECT_EQ(needs_of(5), (Lines{"b|1.2|run", "cc|1|build", "c|3|optional", "g|https://h.invalid/g|run", "real|4|run", "t|1|test", "w|0.3|run"}));
  EXPECT_EQ(needs_of(6), (Lines{"g:b|1.0|run", "o:o|${x}|optional", "t:t||test"}));
  EXPECT_EQ(needs_of(7), (Lines{"b|[1,2)|run", "c|3|run"}));
  EXPECT_EQ(needs_of(8), (Lines{"org.b|23|run", "org.s|24|build"}));
  EXPECT_EQ(needs_of(9), (Lines{"core22||run"}));
}

// The item stands where the manifest says so, and names its ecosystem.
TEST(Metadata, NeedsHaveTheirPlace) {
  const auto excerpt = [](std::size_t sample, std::string_view name) {
    const auto& s = samples()[sample];
    const auto i = need(read(s.text, s.name, s.containers), name);
    return i.attributes.at("ecosystem") + " " + s.text.substr(i.range.offset, i.range.size);
  };
  EXPECT_EQ(excerpt(0, "exim4"), "deb exim4 (<< 5) [amd64 i386] <!nocheck>");
  EXPECT_EQ(excerpt(1, "b"), R"(npm "b":"^1.0")");
  EXPECT_EQ(excerpt(2, "plain"), "pypi plain");
  EXPECT_EQ(excerpt(3, "org.b"), "maven org.b");
  EXPECT_EQ(excerpt(4, "b"), "gem name: b");
  EXPECT_EQ(excerpt(5, "b"), "cargo \"1.2\"");
  EXPECT_EQ(excerpt(6, "o:o").substr(0, 36), "maven <dependency><groupId>o</groupI");
  EXPECT_EQ(excerpt(7, "b"), "nuget <dependency id=\"b\" version=\"[1,2)\"/>");
}

TEST(Metadata, NamesInThePlaceOfOthers) {
  const auto& s = samples()[1];
  const auto r = read(s.text, s.name, s.containers);
  EXPECT_EQ(need(r, "real").attributes.at("as"), "alias");
  EXPECT_EQ(need(r, "b").attributes.at("bundled"), "yes");
  EXPECT_FALSE(need(r, "p").attributes.contains("bundled"));
  const auto cargo = read(samples()[5].text, samples()[5].name, samples()[5].containers);
  EXPECT_EQ(need(cargo, "real").attributes.at("as"), "de");
  EXPECT_EQ(need(cargo, "w").attributes.at("when"), "cfg(windows)");
}

// Products that hold packages unpacked: the dependencies are read, the identity is left to the product.
TEST(Metadata, PackageJsonElsewhereNeedsAndIsNobody) {
  const auto r = read(R"({"name":"a","version":"1","dependencies":{"b":"1"}})", "app/node_modules/a/package.json", {{"dir", "directory", Origin::product}});
  EXPECT_EQ(needs(r), (Lines{"b|1|run"}));
  EXPECT_TRUE(r.sink.all(Facet::identity).empty());
  EXPECT_TRUE(read("{", "test/fixtures/package.json", {}).result);
}

TEST(Metadata, MakerOfAnNpmPackage) {
  EXPECT_TRUE(read(R"({"name":"a","maintainers":[{"name":"M"}]})", "package/package.json", npm).sink.has(Facet::identity, "maker", "M"));
  EXPECT_TRUE(read(R"({"name":"a","author":"A","maintainers":["M"]})", "package/package.json", npm).sink.has(Facet::identity, "maker", "A"));
}

// What npm mends it still installs: lists and texts instead of an object. What it drops is not named.
TEST(Metadata, WrongTypesInPackageJson) {
  EXPECT_EQ(needs(read(R"({"dependencies":["a@1","@s/b@^2","c"],"optionalDependencies":"d@3, e"})", "package/package.json", npm)),
            (Lines{"@s/b|^2|run", "a|1|run", "c||run", "d|3|optional", "e||optional"}));
  EXPECT_TRUE(needs(read(R"({"dependencies":{"a":1,"b":null,"c":["1"],"":"1"},"devDependencies":7,"peerDependencies":[[1],{}],"bundledDependencies":{"x":1}})", "package/package.json", npm)).empty());
  EXPECT_EQ(need(read(R"({"dependencies":{"a":"1"},"bundleDependencies":true})", "package/package.json", npm), "a").attributes.at("bundled"), "yes");
  EXPECT_TRUE(needs(read("dependencies: {a: b}\nname: [x]\n", "metadata", {{"a.gem", "gem", Origin::product}})).empty());
  EXPECT_TRUE(needs(read("dependencies:\n- 1\n- {name: [a]}\n- {type: ':x'}\n", "metadata", {{"a.gem", "gem", Origin::product}})).empty());
}

TEST(Metadata, MoreNeedsThanTheLimit) {
  std::string json = "{\"dependencies\":{", deb = "Depends: ";
  for (int i = 0; i < 2500; ++i) {
    json += (i ? ",\"p" : "\"p") + std::to_string(i) + "\":\"1\"";
    deb += "p" + std::to_string(i) + ", ";
  }
  for (const auto& r : {read(json + "}}", "package/package.json", npm), read(deb, "./control", control)}) {
    EXPECT_EQ(needs(r).size(), 2000u);
    ASSERT_FALSE(r.result);
    EXPECT_EQ(r.result.error().trouble, base::Trouble::limit);
  }
}

TEST(Metadata, LongAndDeepNeeds) {
  const auto r = read(R"({"dependencies":{"a":")" + std::string(199, 'v') + "é" + R"("}})", "package/package.json", npm);
  EXPECT_EQ(need(r, "a").attributes.at("version"), std::string(199, 'v')) << "cut between characters";
  for (const auto& [open, name] : {std::pair{"[", "package/package.json"}, std::pair{"{\"dependencies\":", "package/package.json"}, std::pair{"<dependencies>", "pom.xml"}}) {
    std::string deep;
    for (int i = 0; i < 200'000; ++i) deep += open;
    const auto deeply = read(deep, name, npm);
    ASSERT_FALSE(deeply.result) << name;
    EXPECT_NE(deeply.result.error().trouble, base::Trouble::bug);
  }
  std::string toml;
  for (int i = 0; i < 100'000; ++i) toml += "a.";
  EXPECT_FALSE(read(toml, "a-1/Cargo.toml", {{"a.crate", "crate", Origin::product}}).result);
}

// A property that names itself, or makes texts of any length, ends.
TEST(Metadata, PropertiesOfAPomThatGrow) {
  const auto pom = [](const std::string& value) {
    return "<project><properties><v>" + value + "</v></properties><dependencies><dependency><artifactId>a</artifactId><version>${v}</version></dependency></dependencies></project>";
  };
  EXPECT_EQ(need(read(pom("${v}${v}"), "pom.xml", {}), "a").attributes.at("version").size(), 84u);
  EXPECT_LE(need(read(pom(std::string(1 << 20, 'x')), "pom.xml", {}), "a").attributes.at("version").size(), 200u);
}

TEST(Metadata, TruncatedAtEveryByteNeverCrashes) {
  const std::string yaml = "--- !ruby/object:Gem::Specification\nname: rake\nversion: !ruby/object:Gem::Version\n  version: [13.0]\nauthors:\n- H\n";
  for (std::size_t n = 0; n <= yaml.size(); ++n) (void)read(yaml.substr(0, n), "metadata", {{"x.gem", "gem", Origin::product}});
  for (const auto& s : samples())
    parse::each_truncation(base::bytes_of(s.text), [&](base::Bytes cut) { (void)read(base::text_of(cut), s.name, s.containers); });
}

TEST(Metadata, DamagedManifestsStayInside) {
  for (const auto& s : samples())
    parse::each_mutant(base::bytes_of(s.text), 300, 7, [&](base::Bytes bytes) {
      const auto r = read(base::text_of(bytes), s.name, s.containers);
      for (const auto& i : r.sink.items) ASSERT_LE(i.range.offset + i.range.size, bytes.size()) << s.name;
    });
}
