#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& ole();
namespace {

std::string n(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string entry(const std::string& name, unsigned type, std::uint32_t right, std::uint32_t child, std::uint32_t start, std::uint32_t size) {
  std::string wide;
  for (const char c : name) wide += c, wide += '\0';
  wide.resize(64);
  return wide + n(name.size() * 2 + 2, 2) + n(type, 1) + n(1, 1) + n(0xFFFFFFFF, 4) + n(right, 4) + n(child, 4) + std::string(36, '\0') + n(start, 4) + n(size, 8);
}
// Sectors: 0 FAT, 1 directory, 2 mini FAT, 3 mini stream, 4.. the large stream.
std::string ole_file(const std::string& large, const std::string& small) {
  const auto count = static_cast<std::uint32_t>((large.size() + 511) / 512);
  std::string fat = n(0xFFFFFFFD, 4) + n(0xFFFFFFFE, 4) + n(0xFFFFFFFE, 4) + n(0xFFFFFFFE, 4);
  for (std::uint32_t i = 0; i < count; ++i) fat += n(i + 1 < count ? 5 + i : 0xFFFFFFFE, 4);
  fat.resize(512, '\xff');
  auto directory = entry("Root Entry", 5, 0xFFFFFFFF, 1, 3, 512) + entry("Big", 2, 2, 0xFFFFFFFF, 4, static_cast<std::uint32_t>(large.size())) +
                   entry("Folder", 1, 0xFFFFFFFF, 3, 0, 0) + entry("Small", 2, 0xFFFFFFFF, 0xFFFFFFFF, 0, static_cast<std::uint32_t>(small.size()));
  std::string mini_fat = n(0xFFFFFFFE, 4), mini = small;
  mini_fat.resize(512, '\xff');
  mini.resize(512);
  auto body = large;
  body.resize(count * 512);
  std::string header = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(16, '\0') + n(0x3e, 2) + n(3, 2) + n(0xfffe, 2) + n(9, 2) + n(6, 2) + std::string(10, '\0') + n(1, 4) + n(1, 4) + n(0, 4) +
                       n(4096, 4) + n(2, 4) + n(1, 4) + n(0xFFFFFFFE, 4) + n(0, 4) + n(0, 4);
  header.resize(512, '\xff');
  return header + fat + directory + mini_fat + mini + body;
}

TEST(Ole, StreamsLargeAndSmall) {
  const auto text = some_text(5000);
  const auto r = evidence::read_alone(ole(), base::bytes_of(ole_file(text, "tiny")), "ole");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("Big"));
  EXPECT_EQ(base::text_of(r.sink.child_named("Big")->bytes), text);
  ASSERT_TRUE(r.sink.child_named("Folder/Small"));
  EXPECT_EQ(base::text_of(r.sink.child_named("Folder/Small")->bytes), "tiny");
}
TEST(Ole, SlackBehindAStreamIsHandedOn) {
  auto bytes = ole_file(some_text(5000), "tiny");
  bytes.replace(bytes.size() - 100, 32, "bytes that only the slack holds!");
  const auto r = evidence::read_alone(ole(), base::bytes_of(bytes), "ole");
  bool hidden = false;
  for (const auto& c : r.sink.children) hidden = hidden || (c.entry.origin == artifact::Origin::hidden && base::text_of(c.bytes).find("only the slack") != std::string_view::npos);
  EXPECT_TRUE(hidden);
}
TEST(Ole, APackagesTablesAndScriptsAreRead) {
  const parse::ScratchFolder folder;
  (void)folder.write("a.txt", some_text(3000));
  (void)folder.write("p.wxs", R"(<?xml version="1.0"?><Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Product Name="N" Id="*" UpgradeCode="12345678-1234-1234-1234-123456789012" Language="1033" Version="1.0" Manufacturer="M">
<Package InstallerVersion="200" Compressed="yes"/><Media Id="1" Cabinet="c.cab" EmbedCab="yes"/><Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFilesFolder"><Directory Id="D" Name="App">
<Component Id="C" Guid="12345678-1234-1234-1234-123456789013"><File Id="FileKey" Source="a.txt" Name="long name.txt"/></Component></Directory></Directory></Directory>
<CustomAction Id="Cmd" FileKey="FileKey" ExeCommand="cmd.exe /c start"/>
<Feature Id="F" Level="1"><ComponentRef Id="C"/></Feature></Product></Wix>)");
  if (!parse::run_tool("cd " + (folder / "") + " && wixl -o p.msi p.wxs")) GTEST_SKIP() << "wixl is not installed";
  const auto bytes = parse::file_bytes(folder / "p.msi");
  const auto r = evidence::read_alone(ole(), bytes, "ole");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("msi-tables.txt"));
  const auto tables = std::string(base::text_of(r.sink.child_named("msi-tables.txt")->bytes));
  EXPECT_NE(tables.find("long name.txt"), std::string::npos) << tables;
  EXPECT_NE(tables.find("cmd.exe /c start"), std::string::npos) << tables;
  ASSERT_TRUE(r.sink.child_named("c.cab"));
  EXPECT_EQ(base::text_of(r.sink.child_named("c.cab")->bytes).substr(0, 4), "MSCF");
  EXPECT_GE(r.sink.all(evidence::Facet::step, "install").size(), 1u);
  const auto t = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_LT(t.of(evidence::Label::scanned), 64u);
  // An independent tool's rows of one table.
  if (const auto said = parse::run_tool("msiinfo export " + (folder / "p.msi") + " Directory")) {
    for (const std::string_view row : {"TARGETDIR\t\tSourceDir", "D\tProgramFilesFolder\tApp"}) {
      EXPECT_NE(said->find(row), std::string::npos) << *said;
      EXPECT_NE(tables.find(row), std::string::npos) << tables;
    }
  }
}
TEST(Ole, AFilePackagedInADocument) {
  const std::string file = "MZ the packaged program" + std::string(5000, 'x');
  const std::string native = n(2, 2) + "a.exe" + '\0' + "C:\\a.exe" + '\0' + n(0x30000, 4) + n(3, 4) + std::string("t\0\0", 3) + n(file.size(), 4) + file;
  auto bytes = ole_file(n(native.size(), 4) + native, "tiny");
  bytes.replace(512 + 512 + 128, 128, entry("\1Ole10Native", 2, 2, 0xFFFFFFFF, 4, static_cast<std::uint32_t>(native.size() + 4)));
  const auto r = evidence::read_alone(ole(), base::bytes_of(bytes), "ole");
  ASSERT_TRUE(r.sink.child_named("a.exe"));
  EXPECT_EQ(base::text_of(r.sink.child_named("a.exe")->bytes), file);
}
TEST(Ole, AChainThatLoopsIsMalformed) {
  auto bytes = ole_file(some_text(5000), "tiny");
  bytes.replace(512 + 4 * 6, 4, n(4, 4));
  const auto r = evidence::read_alone(ole(), base::bytes_of(bytes), "ole");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::malformed);
}
TEST(Ole, Survives) { expect_survives(ole(), ole_file(some_text(5000), "tiny"), "ole", 8000, "file", 800); }

}  // namespace
}  // namespace unpack
