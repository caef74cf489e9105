#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& ar();
namespace {

using evidence::Facet;

std::string member(std::string name, const std::string& content) {
  name.resize(16, ' ');
  auto size = std::to_string(content.size());
  size.resize(10, ' ');
  return name + "0           0     0     100644  " + size + "`\n" + content + (content.size() & 1 ? "\n" : "");
}
const std::string deb = "!<arch>\n" + member("debian-binary", "2.0\n") + member("control.tar.gz", "abc") + member("data.tar.xz", "data!");

TEST(Ar, GivesAPackagesMembers) {
  const auto reading = evidence::read_alone(ar(), base::bytes_of(deb), "deb");
  ASSERT_TRUE(reading.result) << reading.result.error().what;
  ASSERT_EQ(reading.sink.children.size(), 3u);
  EXPECT_EQ(reading.sink.children[1].entry.name, "control.tar.gz");
  EXPECT_EQ(base::text_of(reading.sink.children[2].bytes), "data!");
  EXPECT_EQ(reading.sink.children[0].entry.mode, 0644u);
  EXPECT_TRUE(reading.sink.items.empty());
}
TEST(Ar, LongNamesOfBothKinds) {
  const auto gnu = "!<arch>\n" + member("/", "sym") + member("//", "a_very_long_object_name.o/\n") + member("/0", "x") + member("short.o/", "y");
  const auto reading = evidence::read_alone(ar(), base::bytes_of(gnu), "ar");
  ASSERT_TRUE(reading.result) << reading.result.error().what;
  ASSERT_EQ(reading.sink.children.size(), 2u);
  EXPECT_EQ(reading.sink.children[0].entry.name, "a_very_long_object_name.o");
  EXPECT_EQ(reading.sink.children[1].entry.name, "short.o");
  const auto bsd = "!<arch>\n" + member("#1/6", "name.oCONTENT");
  const auto second = evidence::read_alone(ar(), base::bytes_of(bsd), "ar");
  ASSERT_TRUE(second.sink.child_named("name.o"));
  EXPECT_EQ(base::text_of(second.sink.child_named("name.o")->bytes), "CONTENT");
}
TEST(Ar, WhatTheInstallerPassesOverIsStated) {
  const auto reading = evidence::read_alone(ar(), base::bytes_of(deb + member("extra", "#!/bin/sh\n")), "deb");
  ASSERT_TRUE(reading.result);
  EXPECT_TRUE(reading.sink.has(Facet::concealment, "mismatch", "extra"));
  EXPECT_TRUE(reading.sink.child_named("extra"));
}
TEST(Ar, TruncatedMemberIsAnError) {
  const auto reading = evidence::read_alone(ar(), base::bytes_of(deb.substr(0, deb.size() - 3)), "deb");
  ASSERT_FALSE(reading.result);
  EXPECT_EQ(reading.result.error().trouble, base::Trouble::truncated);
}
TEST(Ar, Survives) { expect_survives(ar(), deb + member("//", "long/\n") + member("/0", "x"), "deb"); }

}  // namespace
}  // namespace unpack
