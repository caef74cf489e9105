// Held against readelf on what is installed, and on files of other machines where they are there.
#include "parse/elf/elf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "parse/mutants.h"
#include "parse/run_tool.h"

namespace parse::elf {
namespace {

std::vector<std::string> subjects() {
  std::vector<std::string> out = {"/bin/ls", "/bin/bash", "/usr/bin/openssl", "/usr/bin/python3", "/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6",
                                  "/lib64/ld-linux-x86-64.so.2", "/usr/lib/x86_64-linux-gnu/libcrypto.so.3", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
                                  "/usr/lib/x86_64-linux-gnu/crt1.o", "/usr/lib/x86_64-linux-gnu/libz.so.1"};
  if (const char* shared = std::getenv("ASSAY_SHARED")) {
    const auto folder = std::filesystem::path(shared) / "data/hardcoded-password/tests";
    std::error_code none;
    for (const auto& e : std::filesystem::recursive_directory_iterator(folder, none))
      if (e.is_regular_file() && base::starts_with(file_bytes(e.path()), "\x7f" "ELF")) out.push_back(e.path().string());
  }
  std::erase_if(out, [](const auto& p) { return !std::filesystem::exists(p); });
  return out;
}

std::string readelf(const std::string& options, const std::string& path) {
  return run_tool("LC_ALL=C readelf -W " + options + " '" + path + "'").value_or("");
}

std::multiset<std::string> quoted(const std::string& text, const std::string& mark) {
  std::multiset<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find(mark);
    if (at == std::string::npos) continue;
    const auto open = line.find('[', at), close = line.find(']', at);
    if (open != std::string::npos && close != std::string::npos) out.insert(line.substr(open + 1, close - open - 1));
  }
  return out;
}

class Elf : public testing::Test {
 protected:
  void SetUp() override {
    if (!run_tool("readelf --version")) GTEST_SKIP() << "no readelf";
  }
};

TEST_F(Elf, AgreesWithReadelfOnTheDynamicSection) {
  for (const auto& path : subjects()) {
    const auto bytes = file_bytes(path);
    const auto file = read(bytes);
    ASSERT_TRUE(file) << path;
    const auto said = readelf("-d", path);
    EXPECT_EQ(std::multiset<std::string>(file->needed.begin(), file->needed.end()), quoted(said, "(NEEDED)")) << path;
    const auto one = [](std::string_view text) { return text.empty() ? std::multiset<std::string>{} : std::multiset<std::string>{std::string(text)}; };
    EXPECT_EQ(one(file->soname), quoted(said, "(SONAME)")) << path;
    EXPECT_EQ(one(file->runpath), quoted(said, "(RUNPATH)")) << path;
    if (!file->build_id.empty()) {
      EXPECT_NE(readelf("-n", path).find(file->build_id), std::string::npos) << path;
    }
    if (!file->interpreter.empty()) {
      EXPECT_NE(readelf("-l", path).find(std::string(file->interpreter)), std::string::npos) << path;
    }
  }
}

TEST_F(Elf, AgreesWithReadelfOnSymbols) {
  for (const auto& path : subjects()) {
    const auto bytes = file_bytes(path);
    const auto file = read(bytes);
    ASSERT_TRUE(file) << path;
    if (file->dynamic_symbols.empty()) continue;
    std::set<std::string> theirs, ours;
    std::istringstream lines(readelf("--dyn-syms", path));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string number, value, size, type, bind, visibility, index, name;
      words >> number >> value >> size >> type >> bind >> visibility >> index;
      if (index.starts_with("[")) {  // "[<other>: 8]" stands before the section index on some machines
        words >> index >> index;
      }
      words >> name;
      if (number.ends_with(":") && number != "Num:" && index == "UND" && !name.empty() && bind != "LOCAL") theirs.insert(name.substr(0, name.find('@')));
    }
    for (const auto& s : file->dynamic_symbols)
      if (s.imported()) ours.insert(std::string(s.name));
    EXPECT_EQ(ours, theirs) << path;
  }
}

TEST_F(Elf, AgreesWithReadelfOnTables) {
  for (const auto& path : subjects()) {
    const auto bytes = file_bytes(path);
    const auto file = read(bytes);
    ASSERT_TRUE(file) << path;
    const auto header = readelf("-h", path);
    const auto number = [&](const std::string& what) {
      const auto at = header.find(what);
      return at == std::string::npos ? -1 : std::stol(header.substr(header.find(':', at) + 1));
    };
    EXPECT_EQ(static_cast<long>(file->segments.size()), number("Number of program headers")) << path;
    EXPECT_EQ(static_cast<long>(file->sections.size()), number("Number of section headers")) << path;
    const auto sections = readelf("-S", path);
    for (const auto& s : file->sections)
      if (!s.name.empty()) {
        EXPECT_NE(sections.find(" " + std::string(s.name) + " "), std::string::npos) << path << " " << s.name;
      }
    EXPECT_LE(file->extent, bytes.size());
    for (const auto& part : file->parts) EXPECT_LE(part.range.end(), bytes.size()) << path << " " << part.what;
    if (path.starts_with("/bin") || path.starts_with("/lib")) {
      EXPECT_TRUE(file->anomalies.empty()) << path << ": " << file->anomalies[0];
      EXPECT_EQ(file->extent, bytes.size()) << path;
    }
  }
}

TEST_F(Elf, ReadsVersionsIfuncsAndPointers) {
  const std::string path = "/lib/x86_64-linux-gnu/libc.so.6";
  const auto bytes = file_bytes(path);
  if (bytes.empty()) GTEST_SKIP() << "no " << path;
  const auto file = read(bytes);
  ASSERT_TRUE(file);
  EXPECT_TRUE(std::ranges::any_of(file->dynamic_symbols, [](const Symbol& s) { return s.name == "memcpy" && s.ifunc() && s.version.starts_with("GLIBC_"); }));
  EXPECT_TRUE(std::ranges::any_of(file->relocations, [](const Relocation& r) { return r.type == 37; }));  // IRELATIVE
  const auto ls = file_bytes("/bin/ls");
  const auto program = read(ls);
  ASSERT_TRUE(program);
  EXPECT_TRUE(std::ranges::any_of(program->dynamic_symbols, [](const Symbol& s) { return s.imported() && s.library == "libc.so.6"; }));
  EXPECT_FALSE(program->init_array.empty());
  EXPECT_TRUE(program->offset_of(program->init_array[0]));
}

TEST_F(Elf, ReadsOtherByteOrdersAndWidths) {
  const ScratchFolder folder;
  folder.write("a.c", "extern int far_away(int); int here(int x) { return far_away(x) + 1; }");
  struct Target { const char* triple; const char* machine; bool wide; std::endian endian; };
  int made = 0;
  for (const auto& t : {Target{"mips-linux-gnu", "MIPS", false, std::endian::big}, Target{"powerpc64-linux-gnu", "PowerPC64", true, std::endian::big},
                        Target{"arm-linux-gnueabi", "ARM", false, std::endian::little}, Target{"aarch64-linux-gnu", "AArch64", true, std::endian::little},
                        Target{"s390x-linux-gnu", "S/390", true, std::endian::big}}) {
    if (!run_tool(std::string("clang-19 -c --target=") + t.triple + " -o " + (folder / "a.o") + " " + (folder / "a.c"))) continue;
    ++made;
    const auto bytes = file_bytes(folder / "a.o");
    const auto file = read(bytes);
    ASSERT_TRUE(file) << t.triple;
    EXPECT_EQ(file->machine_name(), t.machine);
    EXPECT_EQ(file->wide, t.wide);
    EXPECT_EQ(file->endian, t.endian);
    EXPECT_TRUE(file->relocatable());
    EXPECT_TRUE(std::ranges::any_of(file->symbols, [](const Symbol& s) { return s.name == "far_away" && s.imported(); })) << t.triple;
    EXPECT_TRUE(std::ranges::any_of(file->symbols, [](const Symbol& s) { return s.name == "here" && s.exported() && s.function(); })) << t.triple;
    EXPECT_FALSE(file->relocations.empty()) << t.triple;
  }
  if (!made) GTEST_SKIP() << "no cross compiler";
}

TEST_F(Elf, KeepsWorkingWithoutSectionHeaders) {
  auto bytes = file_bytes("/bin/ls");
  const auto whole = read(bytes);
  ASSERT_TRUE(whole);
  const auto symbols = whole->dynamic_symbols.size(), needed = whole->needed.size();
  std::fill(bytes.begin() + 0x28, bytes.begin() + 0x30, 0);  // e_shoff
  std::fill(bytes.begin() + 0x3c, bytes.begin() + 0x40, 0);  // e_shnum, e_shstrndx
  const auto bare = read(bytes);
  ASSERT_TRUE(bare);
  EXPECT_TRUE(bare->sections.empty());
  EXPECT_EQ(bare->dynamic_symbols.size(), symbols);
  EXPECT_EQ(bare->needed.size(), needed);
}

TEST_F(Elf, SurvivesTruncationAndMutation) {
  auto bytes = file_bytes("/usr/lib/x86_64-linux-gnu/libz.so.1");
  if (bytes.empty()) bytes = file_bytes("/bin/ls");
  const auto use = [](base::Bytes mutant) {
    const auto file = read(mutant);
    if (!file) return;
    ASSERT_LE(file->extent, mutant.size());
    for (const auto& part : file->parts) ASSERT_LE(part.range.end(), mutant.size());
    (void)file->symbol_at(file->entry);
  };
  EXPECT_FALSE(read(base::slice(bytes, 0, 63)));
  each_truncation(base::slice(bytes, 0, 3000), use);
  each_truncation(bytes, use, 300);
  each_mutant(bytes, 1500, 5, use, 4096);
}

}  // namespace
}  // namespace parse::elf
