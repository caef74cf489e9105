#include <gtest/gtest.h>

#include <cstdlib>

#include "identify/identify.h"
#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& hex_records();
namespace {

using evidence::Facet;

constexpr std::string_view intel = ":100000007465737420737472696E6720696E2066FC\n:03001000696C65B3\n:020000040800F2\n:03001000696C65B3\n:00000001FF\n";
evidence::Reading read(std::string_view text) { return evidence::read_alone(hex_records(), base::bytes_of(text), "intel-hex"); }
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* child = r.sink.child_named(name);
  return child ? std::string(base::text_of(child->bytes)) : "missing";
}

TEST(HexRecords, RegionsByAddress) {
  const auto r = read(intel);
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "0x00000000"), "test string in file");
  EXPECT_EQ(content(r, "0x08000010"), "ile");
  EXPECT_TRUE(r.sink.all(Facet::trouble).empty());
  const auto tally = evidence::tally(*evidence::tile(r.sink.claims, intel.size(), {{}, evidence::Label::scanned, ""}));
  EXPECT_EQ(tally.of(evidence::Label::scanned), 0u);
}
TEST(HexRecords, WrongSumsAndOtherLinesAreStated) {
  auto text = std::string(intel);
  text.replace(text.find("FC\n"), 2, "FD");
  auto r = read(text);
  ASSERT_TRUE(r.result);
  EXPECT_TRUE(r.sink.has(Facet::concealment, "mismatch"));
  EXPECT_EQ(content(r, "0x00000000"), "test string in file");
  text = std::string(intel);
  text.insert(text.find(":0200"), "hidden text between the records\n");
  r = read(text);
  EXPECT_TRUE(r.sink.has(Facet::trouble, "malformed"));
  ASSERT_EQ(r.sink.children.size(), 3u);
  EXPECT_EQ(r.sink.children[2].entry.origin, artifact::Origin::hidden);
}
TEST(HexRecords, BytesBehindTheEnd) { EXPECT_EQ(content(read(std::string(intel) + "and more"), "after-the-end"), "and more"); }
TEST(HexRecords, ObjcopyAgrees) {
  const parse::ScratchFolder folder;
  const auto raw = some_text(100'000);
  folder.write("raw", raw);
  for (const auto& [target, address] : std::map<std::string, std::string>{{"ihex", "0x00008000"}, {"srec", "0x00008000"}, {"tekhex", "0x00008000"}}) {
    if (!parse::run_tool("objcopy -I binary -O " + target + " --change-addresses 0x8000 " + folder / "raw" + " " + folder / "out")) GTEST_SKIP() << "no objcopy";
    const auto bytes = parse::file_bytes(folder / "out");
    const auto kind = identify::identify({bytes, "x"}).kind;
    EXPECT_EQ(kind, target == "ihex" ? "intel-hex" : target == "srec" ? "srec" : "tektronix-hex") << target;
    const auto r = evidence::read_alone(hex_records(), bytes, kind);
    ASSERT_TRUE(r.result) << target;
    // tekhex is written in whole chunks of 8 KiB of memory, so zeros may follow.
    EXPECT_TRUE(content(r, address).starts_with(raw)) << target;
    EXPECT_TRUE(r.sink.all(Facet::concealment).empty()) << target;
  }
}
TEST(HexRecords, RealFiles) {
  const char* shared = std::getenv("ASSAY_SHARED");
  if (!shared) GTEST_SKIP() << "no shared data";
  const auto folder = std::string(shared) + "/data/unpack/firmware/";
  for (const std::string name : {"srec/testfile.srec", "tektronix/testfile.tek", "tektronix/testfile.xtek", "tektronix/objcopy.xtek"}) {
    const auto bytes = parse::file_bytes(folder + name);
    if (bytes.empty()) GTEST_SKIP() << "no shared data";
    const auto r = evidence::read_alone(hex_records(), bytes, "srec");
    EXPECT_TRUE(r.result) << name;
    ASSERT_FALSE(r.sink.children.empty()) << name;
    EXPECT_NE(base::text_of(r.sink.children[0].bytes).find("Hello world."), std::string::npos) << name;
  }
}
std::string n(std::uint64_t v) { return {static_cast<char>(v), static_cast<char>(v >> 8), static_cast<char>(v >> 16), static_cast<char>(v >> 24)}; }
std::string uf2_block(std::uint32_t address, const std::string& data, unsigned number, unsigned count) {
  auto out = n(0x0A324655) + n(0x9E5D5157) + n(0x2000) + n(address) + n(data.size()) + n(number) + n(count) + n(0xE48BFF56) + data;
  out.resize(508, '\0');
  return out + n(0x0AB16F30);
}
TEST(HexRecords, Uf2Blocks) {
  const auto text = some_text(512);
  const auto bytes = uf2_block(0x10000100, text.substr(256), 1, 3) + uf2_block(0x10000000, text.substr(0, 256), 0, 3) + uf2_block(0x20000000, "other", 2, 3);
  EXPECT_EQ(identify::identify({base::bytes_of(bytes), "x"}).kind, "uf2");
  const auto r = evidence::read_alone(hex_records(), base::bytes_of(bytes), "uf2");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "0x10000000"), text);
  EXPECT_EQ(content(r, "0x20000000"), "other");
  EXPECT_TRUE(r.sink.all(Facet::trouble).empty());
  EXPECT_TRUE(evidence::read_alone(hex_records(), base::bytes_of(bytes.substr(0, 1024)), "uf2").sink.has(Facet::trouble, "truncated"));
}
TEST(HexRecords, Survives) {
  expect_survives(hex_records(), uf2_block(0x10000000, "some", 0, 1), "uf2", 500);
  expect_survives(hex_records(), std::string(intel), "intel-hex");
  expect_survives(hex_records(), "S00F000068656C6C6F212020202000003B\nS111003848656C6C6F20776F726C642E0A0042\nS9030000FC", "srec", 1000);
  expect_survives(hex_records(), "%1A65C800000040726C642E0A00\n%0E81E800000000\n", "tektronix-hex", 1000);
}

}  // namespace
}  // namespace unpack
