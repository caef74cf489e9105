// Images are linked in the test by clang and lld-link where they are installed, and held against
// llvm-readobj; files of the shared data are read where they are there.
#include "parse/pe/pe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "parse/mutants.h"
#include "parse/pe/coff.h"
#include "parse/run_tool.h"

namespace parse::pe {
namespace {

std::string shared(const std::string& name) {
  const char* folder = std::getenv("ASSAY_SHARED");
  return folder ? std::string(folder) + "/data/hardcoded-password/tests/" + name : "";
}

/// A program that imports two functions by name and one by ordinal, has a resource-free .rdata and
/// exports one function.
class Pe : public testing::Test {
 protected:
  void build(const std::string& triple, const std::string& machine) {
    folder.write("k.def", "LIBRARY KERNEL32.dll\nEXPORTS\nExitProcess\nLoadLibraryA\nSeventh @7 NONAME\n");
    folder.write("a.c", "__declspec(dllimport) void ExitProcess(unsigned); __declspec(dllimport) void* LoadLibraryA(const char*); __declspec(dllimport) int Seventh(void);\n"
                        "__declspec(dllexport) int offered(int x) { return x + Seventh(); } void start(void) { LoadLibraryA(\"x.dll\"); offered(1); ExitProcess(0); }");
    const bool made = run_tool("llvm-dlltool-19 -m " + machine + " -d " + (folder / "k.def") + " -l " + (folder / "k.lib")) &&
                      run_tool("clang-19 --target=" + triple + " -O1 -c -o " + (folder / "a.obj") + " " + (folder / "a.c")) &&
                      run_tool("lld-link /nodefaultlib /subsystem:console /entry:start /out:" + (folder / "a.exe") + " " + (folder / "a.obj") + " " + (folder / "k.lib"));
    if (!made) GTEST_SKIP() << "no clang, lld-link or llvm-dlltool";
    image_bytes = file_bytes(folder / "a.exe");
    object_bytes = file_bytes(folder / "a.obj");
  }
  ScratchFolder folder;
  base::Buffer image_bytes, object_bytes;
};

std::vector<std::string> imports_of(const Image& image) {
  std::vector<std::string> out;
  for (const auto& i : image.imports) out.push_back(i.qualified());
  std::ranges::sort(out);
  return out;
}

TEST_F(Pe, ReadsA64BitProgram) {
  build("x86_64-pc-windows-msvc", "i386:x86-64");
  if (image_bytes.empty()) return;
  const auto image = read(image_bytes);
  ASSERT_TRUE(image) << image.error().to_string();
  EXPECT_TRUE(image->wide);
  EXPECT_EQ(image->machine_name(), "x86-64");
  EXPECT_EQ(image->subsystem_name(), "Windows console");
  EXPECT_EQ(imports_of(*image), (std::vector<std::string>{"kernel32.#7", "kernel32.ExitProcess", "kernel32.LoadLibraryA"}));
  ASSERT_EQ(image->exports.size(), 1u);
  EXPECT_EQ(image->exports[0].name, "offered");
  EXPECT_EQ(image->extent, image_bytes.size());
  EXPECT_TRUE(image->anomalies.empty());
  EXPECT_TRUE(image->dll_characteristics & 0x100);
  for (const auto& i : image->imports) EXPECT_TRUE(image->offset_of(static_cast<std::uint32_t>(i.slot - image->base)));
}

TEST_F(Pe, ReadsAnObject) {
  build("x86_64-pc-windows-msvc", "i386:x86-64");
  if (object_bytes.empty()) return;
  const auto object = read_object(object_bytes);
  ASSERT_TRUE(object);
  EXPECT_EQ(machine_name(object->machine), "x86-64");
  EXPECT_TRUE(std::ranges::any_of(object->symbols, [](const CoffSymbol& s) { return s.name == "__imp_LoadLibraryA" && s.imported(); }));
  EXPECT_TRUE(std::ranges::any_of(object->symbols, [](const CoffSymbol& s) { return s.name == "offered" && s.exported() && s.function(); }));
  EXPECT_TRUE(std::ranges::any_of(object->sections, [](const CoffSection& s) { return s.name == ".text" && s.executable(); }));
  EXPECT_FALSE(object->relocations.empty());
}

TEST_F(Pe, AgreesWithReadobj) {
  for (const auto* name : {"x86_64/windows/fauxware.exe", "x86_64/windows/fauxware-wide.exe"}) {
    const auto path = shared(name);
    const auto bytes = file_bytes(path);
    if (bytes.empty()) GTEST_SKIP() << "no shared data";
    const auto image = read(bytes);
    ASSERT_TRUE(image) << image.error().to_string();
    const auto said = run_tool("llvm-readobj-19 --coff-imports --sections --coff-load-config " + path);
    if (!said) GTEST_SKIP() << "no llvm-readobj";
    std::size_t count = 0;
    for (std::size_t at = 0; (at = said->find("Symbol: ", at)) != std::string::npos; ++at) ++count;
    EXPECT_EQ(image->imports.size(), count);
    for (const auto& i : image->imports) EXPECT_NE(said->find("Symbol: " + std::string(i.name)), std::string::npos) << i.name;
    for (const auto& s : image->sections) EXPECT_NE(said->find("Name: " + std::string(s.name)), std::string::npos) << s.name;
    ASSERT_TRUE(image->security_cookie);
    EXPECT_NE(said->find(fmt::format("SecurityCookie: 0x{:X}", *image->security_cookie)), std::string::npos);
    EXPECT_EQ(image->extent, bytes.size());
  }
}

TEST_F(Pe, ReadsResources) {
  folder.write("a.txt", "hidden text");
  folder.write("a.rc", "PAYLOAD_NAME RCDATA \"" + (folder / "a.txt") + "\"\n7 OWNTYPE \"" + (folder / "a.txt") + "\"\n");
  folder.write("b.c", "void start(void) {}");
  if (!run_tool("llvm-rc-19 /fo " + (folder / "a.res") + " " + (folder / "a.rc")) || !run_tool("clang-19 --target=x86_64-pc-windows-msvc -c -o " + (folder / "b.obj") + " " + (folder / "b.c")) ||
      !run_tool("lld-link /nodefaultlib /subsystem:console /entry:start /out:" + (folder / "b.exe") + " " + (folder / "b.obj") + " " + (folder / "a.res")))
    GTEST_SKIP() << "no llvm-rc, clang or lld-link";
  const auto bytes = file_bytes(folder / "b.exe");
  auto image = read(bytes);
  ASSERT_TRUE(image);
  ASSERT_EQ(image->resources.size(), 2u);
  std::ranges::sort(image->resources, {}, &Resource::type);
  EXPECT_EQ(image->resources[0].type, "OWNTYPE");
  EXPECT_EQ(image->resources[0].name, "#7");
  EXPECT_EQ(image->resources[1].type, "RCDATA");
  EXPECT_EQ(image->resources[1].name, "PAYLOAD_NAME");
  for (const auto& r : image->resources) EXPECT_EQ(base::text_of(base::slice(bytes, r.range.offset, r.range.size)), "hidden text");
}

TEST_F(Pe, SurvivesTruncationAndMutation) {
  build("i686-pc-windows-msvc", "i386");
  if (image_bytes.empty()) return;
  const auto use = [](base::Bytes bytes) {
    if (const auto object = read_object(bytes)) {
      for (const auto& s : object->sections) ASSERT_LE(s.range.end(), bytes.size());
      for (const auto& p : object->parts) ASSERT_LE(p.end(), bytes.size());
    }
    const auto image = read(bytes);
    if (!image) return;
    ASSERT_LE(image->extent, bytes.size());
    for (const auto& part : image->parts) ASSERT_LE(part.range.end(), bytes.size());
    for (const auto& r : image->resources) ASSERT_LE(r.range.end(), bytes.size());
  };
  each_truncation(image_bytes, use);
  each_truncation(object_bytes, use);
  each_mutant(image_bytes, 4000, 6, use);
  each_mutant(object_bytes, 3000, 7, use);
  const auto rich = file_bytes(shared("x86_64/windows/fauxware.exe"));
  each_mutant(rich, 1000, 8, use);
}

}  // namespace
}  // namespace parse::pe
