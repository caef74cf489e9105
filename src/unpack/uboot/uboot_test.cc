#include <gtest/gtest.h>

#include "base/sums.h"
#include "parse/firmware/layout.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& uboot();
namespace {

using evidence::Facet;
using namespace std::string_literals;

std::string big(std::uint32_t v) {
  const auto b = parse::firmware::to_bytes(v);
  return {b.begin(), b.end()};
}
std::string image(std::uint8_t type, const std::string& content) {
  auto head = big(0x27051956) + big(0) + big(1) + big(static_cast<std::uint32_t>(content.size())) + big(0x8000) + big(0x8000) + big(base::crc32(base::bytes_of(content))) + "\5\2"s +
              static_cast<char>(type) + '\0' + "name" + std::string(28, '\0');
  head.replace(4, 4, big(base::crc32(base::bytes_of(head))));
  return head + content;
}
evidence::Reading read(const std::string& bytes) { return evidence::read_alone(uboot(), base::bytes_of(bytes), "uboot"); }

TEST(Uboot, GivesTheContent) {
  const auto r = read(image(2, "kernel code"));
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("kernel"));
  EXPECT_EQ(base::text_of(r.sink.child_named("kernel")->bytes), "kernel code");
  EXPECT_TRUE(r.sink.all(Facet::concealment).empty());
  EXPECT_TRUE(r.sink.all(Facet::trouble).empty());
}
TEST(Uboot, ScriptsAndSeveralParts) {
  auto r = read(image(6, big(6) + big(0) + "echo a"));
  ASSERT_TRUE(r.sink.child_named("script"));
  EXPECT_EQ(r.sink.child_named("script")->entry.kind, "script/shell");
  EXPECT_EQ(base::text_of(r.sink.child_named("script")->bytes), "echo a");
  r = read(image(4, big(5) + big(3) + big(0) + "first" + std::string(3, '\0') + "two"));
  ASSERT_TRUE(r.result);
  ASSERT_TRUE(r.sink.child_named("part-1"));
  EXPECT_EQ(base::text_of(r.sink.child_named("part-0")->bytes), "first");
  EXPECT_EQ(base::text_of(r.sink.child_named("part-1")->bytes), "two");
}
TEST(Uboot, SumsThatDoNotMatchAreStated) {
  auto bytes = image(2, "kernel code");
  bytes.back() = 'E';
  const auto r = read(bytes);
  EXPECT_TRUE(r.sink.has(Facet::concealment, "mismatch"));
  EXPECT_TRUE(r.sink.child_named("kernel"));
}
TEST(Uboot, BytesBehindTheImage) {
  const auto r = read(image(2, "kernel code") + "#!/bin/sh more of it");
  ASSERT_TRUE(r.sink.child_named("after-the-end"));
}
TEST(Uboot, MkimageAgrees) {
  const parse::ScratchFolder folder;
  const auto text = some_text(5000);
  folder.write("a", text);
  folder.write("b", "second");
  if (!parse::run_tool("mkimage -A arm -O linux -T multi -C none -n several -d " + folder / "a" + ":" + folder / "b" + " " + folder / "out")) GTEST_SKIP() << "no mkimage";
  const auto bytes = parse::file_bytes(folder / "out");
  const auto r = evidence::read_alone(uboot(), bytes, "uboot");
  ASSERT_TRUE(r.result);
  ASSERT_TRUE(r.sink.child_named("part-1"));
  EXPECT_EQ(base::text_of(r.sink.child_named("part-0")->bytes), text);
  EXPECT_EQ(base::text_of(r.sink.child_named("part-1")->bytes), "second");
  EXPECT_TRUE(r.sink.all(Facet::concealment).empty()) << "its sums are right";
  const auto tally = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_EQ(tally.of(evidence::Label::scanned) + tally.of(evidence::Label::opaque), 0u);
}
TEST(Uboot, Survives) {
  expect_survives(uboot(), image(4, big(50) + big(3) + big(0) + some_text(52) + "two"), "uboot");
  expect_survives(uboot(), image(6, big(50) + big(0) + some_text(50)), "uboot", 500);
}

}  // namespace
}  // namespace unpack
