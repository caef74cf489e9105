#include <gtest/gtest.h>

#include "parse/pe/pe.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& nsis();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}

// An ANSI header of NSIS 3 with three instructions: SetOutPath, File, Exec.
std::string header_of() {
  const std::string strings = std::string("\0", 1) + "\x03\x95\x80\\app" + std::string("\0", 1) + "a.txt" + std::string("\0", 1) + "cmd.exe /c x" + std::string("\0", 1);
  const auto entry = [](std::uint32_t what, std::vector<std::uint32_t> at) {
    std::string out = le(what, 4);
    at.resize(6);
    for (const auto v : at) out += le(v, 4);
    return out;
  };
  const auto entries = entry(11, {1, 1}) + entry(20, {0, 9, 0}) + entry(41, {15, 0, 1});
  const std::uint64_t first = 4 + 64;
  std::string out = le(0, 4);
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks = {{first, 0}, {first, 0}, {first, 3}, {first + entries.size(), 0}, {first + entries.size() + strings.size(), 0}};
  for (std::size_t i = 0; i < 8; ++i) out += le(i < blocks.size() ? blocks[i].first : 0, 4) + le(i < blocks.size() ? blocks[i].second : 0, 4);
  return out + entries + strings;
}
// Behind "hello" (the file that the script writes) stands an item that it never writes.
std::string installer(bool solid) {
  const auto header = header_of();
  std::string data;
  if (solid) {
    data = deflated(le(header.size(), 4) + header + le(5, 4) + "hello" + le(6, 4) + "secret", -15);
  } else {
    const auto packed = deflated(header, -15), file = deflated("hello", -15);
    data = le(packed.size() | 0x80000000, 4) + packed + le(file.size() | 0x80000000, 4) + file + le(6, 4) + "secret";
  }
  return le(0, 4) + "\xEF\xBE\xAD\xDENullsoftInst" + le(header.size(), 4) + le(28 + data.size() + 4, 4) + data + "CRC!";
}

TEST(Nsis, BothFormsGiveFilesScriptAndWhatTheScriptNeverWrites) {
  for (const bool solid : {true, false}) {
    const auto bytes = installer(solid);
    const auto r = evidence::read_alone(nsis(), base::bytes_of(bytes), "nsis");
    ASSERT_TRUE(r.result) << r.result.error().what;
    EXPECT_EQ(content(r, "$INSTDIR/app/a.txt"), "hello");
    bool hidden = false;
    for (const auto& c : r.sink.children) hidden = hidden || (c.entry.origin == artifact::Origin::hidden && base::text_of(c.bytes) == "secret");
    EXPECT_TRUE(hidden);
    EXPECT_NE(content(r, "nsis-script.txt").find("Exec \"cmd.exe /c x\""), std::string::npos) << content(r, "nsis-script.txt");
    EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
    const auto t = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}));
    EXPECT_EQ(t.of(evidence::Label::scanned) + t.of(evidence::Label::opaque), 0u);
  }
}
TEST(Nsis, EveryCompressionOfTheRealMaker) {
  const parse::ScratchFolder folder;
  const auto text = some_text(120'000);
  (void)folder.write("one.txt", text);
  (void)folder.write("two.bin", std::string(5000, 'q') + text.substr(77));
  unsigned read = 0;
  for (const std::string method : {"zlib", "bzip2", "lzma"})
    for (const std::string solid : {"", "/SOLID "})
      for (const std::string target : {"x86-ansi", "x86-unicode", "amd64-unicode"}) {
        (void)folder.write("s.nsi", "Target " + target + "\nSetCompressor " + solid + method + "\nName x\nOutFile o.exe\nInstallDir \"$PROGRAMFILES\\x\"\nSection\nSetOutPath \"$INSTDIR\\sub\"\nFile one.txt\nFile two.bin\n"
                                        "WriteUninstaller $INSTDIR\\un.exe\nExecWait 'regsvr32 /s \"$INSTDIR\\a.dll\"'\nWriteRegStr HKLM Software\\X run \"$INSTDIR\\one.txt\"\nSectionEnd\nSection Uninstall\nDelete $INSTDIR\\one.txt\nSectionEnd\n");
        if (!parse::run_tool("cd " + (folder / "") + " && makensis s.nsi")) continue;
        const auto exe = parse::file_bytes(folder / "o.exe");
        const auto image = parse::pe::read(exe);
        ASSERT_TRUE(image);
        const auto overlay = base::slice(exe, image->extent);
        const auto r = evidence::read_alone(nsis(), overlay, "nsis");
        const auto what = method + solid + target;
        ASSERT_TRUE(r.result) << what << r.result.error().what;
        EXPECT_TRUE(content(r, "$INSTDIR/sub/one.txt") == text) << what;
        EXPECT_TRUE(content(r, "$INSTDIR/sub/two.bin") == std::string(5000, 'q') + text.substr(77)) << what;
        EXPECT_NE(content(r, "$INSTDIR/un.exe"), "(no such member)") << what;
        EXPECT_NE(content(r, "nsis-script.txt").find("regsvr32 /s"), std::string::npos) << what;
        EXPECT_TRUE(r.sink.items.empty()) << what << r.sink.items[0].value;
        const auto t = evidence::tally(*evidence::tile(r.sink.claims, overlay.size(), {{}, evidence::Label::scanned, ""}));
        EXPECT_EQ(t.of(evidence::Label::scanned) + t.of(evidence::Label::opaque), 0u) << what;
        ++read;
      }
  if (!read) GTEST_SKIP() << "makensis is not installed";
}
TEST(Nsis, Survives) {
  expect_survives(nsis(), installer(true), "nsis", 3000);
  expect_survives(nsis(), installer(false), "nsis", 3000);
}

}  // namespace
}  // namespace unpack
