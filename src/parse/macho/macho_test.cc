// Objects are made by clang in the test; linked files of the shared data are read where they are
// there. llvm-readobj says what must be found.
#include "parse/macho/macho.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "parse/mutants.h"
#include "parse/run_tool.h"

namespace parse::macho {
namespace {

std::string shared(const std::string& name) {
  const char* folder = std::getenv("ASSAY_SHARED");
  return folder ? std::string(folder) + "/data/hardcoded-password/tests/" + name : "";
}

base::Buffer object(const ScratchFolder& folder, const std::string& triple) {
  folder.write("a.c", "int far_away(int); int here(int x) { return far_away(x) + 1; } __attribute__((constructor)) static void early(void) { here(2); }");
  if (!run_tool("clang-19 -c --target=" + triple + " -o " + (folder / "a.o") + " " + (folder / "a.c"))) return {};
  return file_bytes(folder / "a.o");
}

TEST(MachO, ReadsObjects) {
  const ScratchFolder folder;
  for (const auto& [triple, machine, wide] : {std::tuple{"x86_64-apple-macos11", "x86-64", true}, {"arm64-apple-macos11", "AArch64", true}, {"armv7-apple-ios8", "ARM", false}}) {
    const auto bytes = object(folder, triple);
    if (bytes.empty()) GTEST_SKIP() << "no compiler for " << triple;
    const auto image = read(bytes);
    ASSERT_TRUE(image) << triple << image.error().to_string();
    EXPECT_EQ(image->machine_name(), machine);
    EXPECT_EQ(image->wide, wide);
    EXPECT_EQ(image->type_name(), "object file");
    EXPECT_TRUE(std::ranges::any_of(image->symbols, [](const Symbol& s) { return s.name == "_far_away" && s.imported(); }));
    EXPECT_TRUE(std::ranges::any_of(image->symbols, [](const Symbol& s) { return s.name == "_here" && s.exported(); }));
    EXPECT_TRUE(std::ranges::any_of(image->sections, [](const Section& s) { return s.name == "__text" && s.code(); }));
    EXPECT_TRUE(image->anomalies.empty());
    EXPECT_EQ(image->extent, bytes.size());
  }
}

TEST(MachO, ReadsLinkedAndFatFiles) {
  const auto bytes = file_bytes(shared("x86_64/fauxware.macho"));
  if (bytes.empty()) GTEST_SKIP() << "no shared data";
  const auto image = read(bytes);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->libraries, (std::vector<std::string_view>{"/usr/lib/libSystem.B.dylib"}));
  EXPECT_EQ(image->uuid.size(), 32u);
  EXPECT_TRUE(image->entry);
  const auto strcmp_import = std::ranges::find(image->symbols, "_strcmp", &Symbol::name);
  ASSERT_NE(strcmp_import, image->symbols.end());
  EXPECT_TRUE(strcmp_import->imported());
  EXPECT_EQ(image->library_of(*strcmp_import), "/usr/lib/libSystem.B.dylib");
  EXPECT_FALSE(image->indirect.empty());

  const auto fat_bytes = file_bytes(shared("multi_arch/fauxware_macho_multiarch"));
  const auto fat = read_fat(fat_bytes);
  ASSERT_TRUE(fat);
  EXPECT_GE(fat->slices.size(), 2u);
  for (const auto& s : fat->slices) {
    const auto inner = read(base::slice(fat_bytes, s.range.offset, s.range.size));
    ASSERT_TRUE(inner);
    EXPECT_EQ(inner->cpu, s.cpu);
  }
}

TEST(MachO, SurvivesTruncationAndMutation) {
  const ScratchFolder folder;
  auto bytes = object(folder, "arm64-apple-macos11");
  if (bytes.empty()) GTEST_SKIP() << "no compiler";
  const auto use = [](base::Bytes mutant) {
    (void)read_fat(mutant);
    const auto image = read(mutant);
    if (!image) return;
    for (const auto& part : image->parts) ASSERT_LE(part.end(), mutant.size());
    ASSERT_LE(image->extent, mutant.size());
  };
  each_truncation(bytes, use);
  each_mutant(bytes, 5000, 9, use);
  each_mutant(file_bytes(shared("x86_64/fauxware.macho")), 3000, 10, use, 4096);
  each_mutant(file_bytes(shared("multi_arch/fauxware_macho_multiarch")), 300, 11, use, 64);
}

}  // namespace
}  // namespace parse::macho
