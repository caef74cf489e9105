// Programs are compiled in the test, by whatever compilers are there; the specimens of the shared
// data give the other processors.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "code/machine/password_check.h"
#include "parse/mutants.h"
#include "parse/run_tool.h"

namespace code::machine {
namespace {

using parse::file_bytes;
using parse::run_tool;

std::vector<PasswordCheck> checks_in(base::Bytes bytes) {
  std::optional<Image> image;
  if (const auto elf = parse::elf::read(bytes)) image = image_of(bytes, *elf);
  else if (const auto macho = parse::macho::read(bytes)) image = image_of(bytes, *macho);
  else if (const auto pe = parse::pe::read(bytes)) image = image_of(bytes, *pe);
  else if (const auto object = parse::pe::read_object(bytes)) image = image_of(bytes, *object);
  if (!image) return {};
  std::uint64_t work = 0;
  const auto calls = calls_of(*image, work);
  return calls ? password_checks(*image, *calls) : std::vector<PasswordCheck>{};
}

class PasswordChecks : public testing::Test {
 protected:
  /// Texts compared with a typed password; "no compiler" when there is none.
  std::vector<std::string> compiled(const std::string& body, const std::string& options) {
    folder.write("a.c", "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n" + body);
    if (!run_tool("gcc -w -o " + (folder / "a.out") + " " + (folder / "a.c") + " " + options)) return {"no compiler"};
    std::vector<std::string> out;
    for (const auto& c : checks_in(file_bytes(folder / "a.out"))) out.push_back(c.text);
    return out;
  }
  parse::ScratchFolder folder;
};

using Texts = std::vector<std::string>;

TEST_F(PasswordChecks, FindsACheckInTheSameFunction) {
  const char* body = R"(int main(void) { char typed[64]; printf("Password: "); fgets(typed, 64, stdin);
    if (strcmp(typed, "letmein42") == 0) { system("id"); return 0; } return 1; })";
  for (const auto* options : {"-O0", "-O1", "-O2 -fno-builtin", "-O0 -no-pie", "-O1 -s"}) {
    const auto found = compiled(body, options);
    if (found == Texts{"no compiler"}) GTEST_SKIP();
    EXPECT_EQ(found, Texts{"letmein42"}) << options;
  }
}

TEST_F(PasswordChecks, FollowsArgumentsAndPointers) {
  const char* body = R"(char* hidden = "opensesame"; __attribute__((noinline)) int check(char* user, char* word) { return strcmp(word, hidden); }
    int main(void) { char user[32], word[32]; puts("Login:"); read(0, user, 32); puts("Enter passphrase:"); read(0, word, 32); if (!check(user, word)) system("id"); return 0; })";
  const auto found = compiled(body, "-O0");
  if (found == Texts{"no compiler"}) GTEST_SKIP();
  EXPECT_EQ(found, Texts{"opensesame"});
}

TEST_F(PasswordChecks, LeavesOrdinaryProgramsAlone) {
  // Commands, options, configured passwords, and hashes: each is half of the pattern.
  for (const std::string body : {
           R"(int main(void) { char line[64]; printf("> "); fgets(line, 64, stdin); return strcmp(line, "quit"); })",
           R"(int main(int n, char** v) { puts("Password: "); return strcmp(v[1], "--help"); })",
           R"(int main(void) { char typed[64], kept[64]; FILE* f = fopen("x", "r"); fgets(kept, 64, f); printf("Password: "); fgets(typed, 64, stdin); return strcmp(typed, kept); })",
           R"(int main(void) { char typed[64]; printf("Password: "); fgets(typed, 64, stdin); return typed[0] == 0 || strcmp(typed, "") == 0; })",
           R"(int main(void) { char typed[64], more[64]; printf("Password: "); fgets(typed, 64, stdin); printf("Save it? "); fgets(more, 64, stdin); return strcmp(more, "always"); })",
           // An option parser beside a prompt: a register of one path is not the buffer of the other.
           R"(int main(int n, char** v) { if (n > 3) { char typed[64]; printf("Password: "); fgets(typed, 64, stdin); puts(typed); puts(typed); return 1; }
              for (int i = 1; i < n; ++i) if (!strcmp(v[i], "-login")) return 2; else if (!strcmp(v[i], "-verbose")) return 3; return 0; })"}) {
    for (const auto* options : {"-O0", "-O2"}) {
      const auto found = compiled(body, options);
      if (found == Texts{"no compiler"}) GTEST_SKIP();
      EXPECT_EQ(found, Texts{}) << options << body;
    }
  }
}

TEST_F(PasswordChecks, ReadsManyProcessors) {
  const char* shared = std::getenv("ASSAY_SHARED");
  const auto folder = std::filesystem::path(shared ? shared : "") / "data/hardcoded-password/tests";
  if (!shared || !std::filesystem::exists(folder)) GTEST_SKIP() << "no shared data";
  for (const auto* name : {"x86_64/fauxware", "i386/fauxware", "i386/fauxware_pie", "armel/fauxware", "armhf/fauxware", "android/aarch64/fauxware", "mips/fauxware", "mipsel/fauxware",
                           "ppc/fauxware", "ppc64/fauxware", "ppc64el/fauxware", "x86_64/fauxware.macho", "x86_64/fauxware.obj", "x86/fauxware.obj", "x86_64/windows/fauxware.exe",
                           "ppc64el/fauxware_static", "x86_64/fauxware_fla", "x86_64/fauxware_reflow"})
    EXPECT_EQ(checks_in(file_bytes(folder / name)).size(), 1u) << name;
  const auto both = file_bytes(folder / "multi_arch/fauxware_macho_multiarch");
  const auto fat = parse::macho::read_fat(both);
  ASSERT_TRUE(fat);
  for (const auto& s : fat->slices) EXPECT_EQ(checks_in(base::slice(both, s.range.offset, s.range.size)).size(), 1u) << s.cpu;
}

TEST_F(PasswordChecks, SurvivesMutation) {
  if (compiled("int main(void) { char b[9]; puts(\"Password:\"); gets(b); return strcmp(b, \"secret99\"); }", "-O0") == Texts{"no compiler"}) GTEST_SKIP();
  const auto bytes = file_bytes(folder / "a.out");
  parse::each_mutant(bytes, 400, 31, [](base::Bytes mutant) { (void)checks_in(mutant); }, 8192);
  parse::each_truncation(bytes, [](base::Bytes cut) { (void)checks_in(cut); }, 60);
}

}  // namespace
}  // namespace code::machine
