#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& chm();
namespace {

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
std::string packed_number(std::uint64_t v) {
  std::string out(1, static_cast<char>(v & 0x7F));
  while (v >>= 7) out.insert(out.begin(), static_cast<char>((v & 0x7F) | 0x80));
  return out;
}
// One list block; a plain file in section 0, and one in an LZX stream of a single stored block.
std::string chm_of() {
  const std::string lzx = std::string("\x00\x30\x50\x00", 4) + le(1, 4) + le(1, 4) + le(1, 4) + "hello" + '\0';
  const std::string control = le(6, 4) + "LZXC" + le(2, 4) + le(2, 4) + le(1, 4) + le(0, 8);
  const std::string resets = le(2, 4) + le(1, 4) + le(8, 4) + le(0x28, 4) + le(5, 8) + le(lzx.size(), 8) + le(0x8000, 8) + le(0, 8);
  std::string list, data;
  const auto put = [&](const std::string& name, unsigned section, std::uint64_t at, std::uint64_t size) { list += packed_number(name.size()) + name + packed_number(section) + packed_number(at) + packed_number(size); };
  const auto add = [&](const std::string& name, const std::string& bytes) { put(name, 0, data.size(), bytes.size()), data += bytes; };
  add("/plain.txt", "plain");
  put("/folder/", 0, 0, 0);
  put("/page.html", 1, 0, 5);
  add("::DataSpace/Storage/MSCompressed/Content", lzx);
  add("::DataSpace/Storage/MSCompressed/ControlData", control);
  add("::DataSpace/Storage/MSCompressed/Transform/{X}/InstanceData/ResetTable", resets);
  const std::uint64_t block = 1024;
  std::string directory = "ITSP" + le(1, 4) + le(0x54, 4) + le(10, 4) + le(block, 4) + std::string(0x54 - 20, '\0');
  std::string page = "PMGL" + le(block - 20 - list.size(), 4) + le(0, 12) + list;
  page.resize(block);
  directory += page;
  return "ITSF" + le(3, 4) + le(0x60, 4) + std::string(0x38 - 12, '\0') + le(0x60, 8) + le(0x18, 8) + le(0x78, 8) + le(directory.size(), 8) + le(0x78 + directory.size(), 8) + std::string(0x18, '\0') + directory + data;
}

TEST(Chm, PlainAndCompressedFiles) {
  const auto bytes = chm_of();
  const auto r = evidence::read_alone(chm(), base::bytes_of(bytes), "chm");
  ASSERT_TRUE(r.result) << r.result.error().what;
  ASSERT_TRUE(r.sink.child_named("plain.txt"));
  EXPECT_EQ(base::text_of(r.sink.child_named("plain.txt")->bytes), "plain");
  ASSERT_TRUE(r.sink.child_named("page.html"));
  EXPECT_EQ(base::text_of(r.sink.child_named("page.html")->bytes), "hello");
  EXPECT_TRUE(r.sink.items.empty());
  const auto t = evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_EQ(t.of(evidence::Label::scanned) + t.of(evidence::Label::opaque), 0u);
}
TEST(Chm, ARealMakersHelpFileAgreesWithAnotherReader) {
  const std::string path = "/usr/share/clamav-testfiles/clam.chm";
  const auto bytes = parse::file_bytes(path);
  if (bytes.empty()) GTEST_SKIP() << "clamav-testfiles is not installed";
  const auto r = evidence::read_alone(chm(), bytes, "chm");
  ASSERT_TRUE(r.result) << r.result.error().what;
  const parse::ScratchFolder folder;
  if (!parse::run_tool("7z x -y -o" + (folder / "") + " " + path)) GTEST_SKIP() << "7z is not installed";
  unsigned compared = 0;
  for (const auto& c : r.sink.children) {
    if (c.entry.nature != artifact::Nature::file || c.bytes.empty()) continue;
    const auto other = parse::file_bytes(folder / c.entry.name);
    if (other.empty()) continue;
    EXPECT_TRUE(other == c.bytes) << c.entry.name;
    ++compared;
  }
  EXPECT_GE(compared, 4u);
}
TEST(Chm, Survives) { expect_survives(chm(), chm_of(), "chm", 3000, "file", 400); }

}  // namespace
}  // namespace unpack
