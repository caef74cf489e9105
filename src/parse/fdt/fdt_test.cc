#include "parse/fdt/fdt.h"

#include <gtest/gtest.h>

#include "parse/run_tool.h"

namespace parse::fdt {
namespace {

TEST(Fdt, DtcAgrees) {
  const ScratchFolder folder;
  folder.write("a.dts", "/dts-v1/; /memreserve/ 0x1000 0x2000; / { model=\"m\"; bus { #size-cells=<1>; leaf@1 { reg=<1>; }; }; images {}; };");
  if (!run_tool("dtc -O dtb -o " + folder / "a.dtb" + " " + folder / "a.dts")) GTEST_SKIP() << "no dtc";
  const auto bytes = file_bytes(folder / "a.dtb");
  const auto tree = read(bytes);
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->end);
  EXPECT_EQ(tree->reservations.size, 32u);
  ASSERT_EQ(tree->nodes.size(), 4u);
  EXPECT_EQ(tree->path(2), "bus/leaf@1");
  ASSERT_TRUE(tree->property(0, "model"));
  EXPECT_EQ(base::text_of(base::slice(bytes, tree->property(0, "model")->value.offset, 1)), "m");
  EXPECT_EQ(tree->child(0, "images"), 3);
}
TEST(Fdt, OrdinaryBytesAreNone) {
  EXPECT_FALSE(header(base::bytes_of(std::string("\xD0\x0D\xFE\xED", 4) + std::string(100, '\0'))));
  EXPECT_FALSE(read({}));
}

}  // namespace
}  // namespace parse::fdt
