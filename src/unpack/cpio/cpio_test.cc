#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& cpio();
namespace {

std::string newc(const std::string& name, unsigned mode, const std::string& content, unsigned links = 1, unsigned inode = 1) {
  auto out = fmt::format("070701{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}", inode, mode, 1000, 100, links, 0, content.size(), 8, 1, 0, 0,
                         name.size() + 1, 0) + name + '\0';
  out.resize((out.size() + 3) / 4 * 4);
  out += content;
  out.resize((out.size() + 3) / 4 * 4);
  return out;
}
const std::string end = newc("TRAILER!!!", 0, "");

TEST(Cpio, NewForm) {
  const auto whole = newc("./bin/su", 0104755, "abc") + newc("ln", 0120777, "bin/su") + end;
  const auto r = evidence::read_alone(cpio(), base::bytes_of(whole), "cpio");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_EQ(r.sink.children.size(), 2u);
  EXPECT_EQ(r.sink.children[0].entry.mode, 04755u);
  EXPECT_EQ(base::text_of(r.sink.children[0].bytes), "abc");
  EXPECT_EQ(r.sink.children[1].entry.link, "bin/su");
}
TEST(Cpio, HardLinksShareTheLastContent) {
  const auto whole = newc("a", 0100644, "", 2, 7) + newc("b", 0100644, "xyz", 2, 7) + end;
  const auto r = evidence::read_alone(cpio(), base::bytes_of(whole), "cpio");
  ASSERT_TRUE(r.result);
  ASSERT_TRUE(r.sink.child_named("a"));
  EXPECT_EQ(r.sink.child_named("a")->entry.nature, artifact::Nature::hardlink);
  EXPECT_EQ(r.sink.child_named("a")->entry.link, "b");
}
TEST(Cpio, OctalAndBinaryForms) {
  const auto odc = [](const std::string& n, const std::string& c) {
    return fmt::format("070707{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{:011o}{:06o}{:011o}", 1, 2, 0100644, 0, 0, 1, 0, 0, n.size() + 1, c.size()) + n + '\0' + c;
  };
  const auto r = evidence::read_alone(cpio(), base::bytes_of(odc("f", "12345") + odc("TRAILER!!!", "")), "cpio");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(base::text_of(r.sink.child_named("f")->bytes), "12345");
  const auto bin = [](std::string n, std::string c) {
    std::string out;
    const auto put = [&](unsigned v) { out += static_cast<char>(v), out += static_cast<char>(v >> 8); };
    for (const unsigned v : {070707u, 1u, 2u, 0100644u, 0u, 0u, 1u, 0u, 0u, 0u, static_cast<unsigned>(n.size() + 1), 0u, static_cast<unsigned>(c.size())}) put(v);
    n += '\0';
    n.resize((n.size() + 1) / 2 * 2);
    c.resize((c.size() + 1) / 2 * 2);
    return out + n + c;
  };
  const auto b = evidence::read_alone(cpio(), base::bytes_of(bin("f", "12345") + bin("TRAILER!!!", "")), "cpio");
  ASSERT_TRUE(b.result) << b.result.error().what;
  EXPECT_EQ(base::text_of(b.sink.child_named("f")->bytes), "12345");
}
TEST(Cpio, WhatFollowsTheTrailerIsHandedOn) {
  const auto r = evidence::read_alone(cpio(), base::bytes_of(end + std::string(400, '\0') + "070701"), "cpio");
  ASSERT_TRUE(r.result);
  EXPECT_EQ(base::text_of(r.sink.child_named("after-the-end")->bytes), "070701");
}
TEST(Cpio, Survives) { expect_survives(cpio(), newc("a", 0100644, "", 2, 7) + newc("b", 0100644, "xyz", 2, 7) + newc("l", 0120777, "b") + end, "cpio"); }

}  // namespace
}  // namespace unpack
