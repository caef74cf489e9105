#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& cab();
namespace {

using evidence::Facet;

std::string le(std::uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}

struct CabFile {
  std::string name;
  std::uint32_t size, offset;
  unsigned folder = 0;
};

// One folder; its blocks are given as they are stored: compressed bytes and plain size.
std::string cab_of(const std::vector<CabFile>& files, unsigned method, const std::vector<std::pair<std::string, unsigned>>& blocks, unsigned flags = 0, const std::string& names = {}) {
  std::string list, data;
  for (const auto& f : files) list += le(f.size, 4) + le(f.offset, 4) + le(f.folder, 2) + le(0, 4) + le(0x20, 2) + f.name + '\0';
  for (const auto& [packed, plain] : blocks) data += le(0, 4) + le(packed.size(), 2) + le(plain, 2) + packed;
  const auto files_at = 36 + names.size() + 8, data_at = files_at + list.size();
  return "MSCF" + le(0, 4) + le(data_at + data.size(), 4) + le(0, 4) + le(files_at, 4) + le(0, 4) + le(0x0103, 2) + le(1, 2) + le(files.size(), 2) + le(flags, 2) + le(7, 2) + le(0, 2) + names +
         le(data_at, 4) + le(blocks.size(), 2) + le(method, 2) + list + data;
}
std::string mszip(const std::string& text) { return "CK" + deflated(text, -15); }
evidence::Reading read(const std::string& bytes) { return evidence::read_alone(cab(), base::bytes_of(bytes), "cab", "a.cab"); }
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}
std::uint64_t unread(const evidence::Reading& r, std::size_t size) {
  const auto tiles = evidence::tile(r.sink.claims, size, {{}, evidence::Label::scanned, ""});
  const auto t = evidence::tally(*tiles);
  return t.of(evidence::Label::scanned) + t.of(evidence::Label::opaque);
}

TEST(Cab, StoredFilesAreReadAndEveryByteHasALabel) {
  const auto bytes = cab_of({{"d\\a", 3, 0}, {"b", 2, 3}}, 0, {{"12345", 5}});
  const auto r = read(bytes);
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "d/a"), "123");
  EXPECT_EQ(content(r, "b"), "45");
  EXPECT_TRUE(r.sink.items.empty());
  EXPECT_EQ(unread(r, bytes.size()), 0u);
}
TEST(Cab, MsZipBlocksMayPointIntoTheBlockBefore) {
  // The second block is made with the first as its dictionary, as makers of cabinets do.
  const auto first = some_text(32768);
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  deflateSetDictionary(&z, reinterpret_cast<const Bytef*>(first.data()), 32768);
  std::string second(1000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(first.data() + 1000));
  z.avail_in = 20000;
  z.next_out = reinterpret_cast<Bytef*>(second.data());
  z.avail_out = 1000;
  ASSERT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  second.resize(z.total_out);
  deflateEnd(&z);
  const auto r = read(cab_of({{"a", 52768, 0}}, 1, {{mszip(first), 32768}, {"CK" + second, 20000}}));
  EXPECT_EQ(content(r, "a"), first + first.substr(1000, 20000));
  EXPECT_TRUE(r.sink.items.empty());
}
TEST(Cab, LzxWithAStoredBlock) {
  // No call translation, a block of type 3 with 5 bytes: 1 + 3 + 24 bits and the way to the next word.
  const std::string packed = std::string("\x00\x30\x50\x00", 4) + le(1, 4) + le(1, 4) + le(1, 4) + "hello" + '\0';
  const auto r = read(cab_of({{"a", 5, 0}}, 0x0F03, {{packed, 5}}));
  EXPECT_EQ(content(r, "a"), "hello");
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
}
TEST(Cab, BytesThatNoFileOwnsAreHidden) {
  const auto r = read(cab_of({{"a", 2, 0}, {"b", 1, 4}}, 0, {{"12345secret", 11}}));
  EXPECT_EQ(content(r, "folder-0-unnamed@0x2"), "34");
  EXPECT_EQ(content(r, "folder-0-unnamed@0x5"), "secret");
}
TEST(Cab, FilesThatShareBytesAreAllGivenAndStated) {
  const auto r = read(cab_of({{"a", 4, 0}, {"b", 4, 0}, {"c", 2, 1}}, 0, {{"1234", 4}}));
  EXPECT_EQ(content(r, "a"), "1234");
  EXPECT_EQ(content(r, "b"), "1234");
  EXPECT_EQ(content(r, "c"), "23");
  EXPECT_EQ(r.sink.all(Facet::concealment, "mismatch").size(), 1u);
}
TEST(Cab, ASetsMemberNamesWhatIsMissing) {
  const auto r = read(cab_of({{"a", 9, 0, 0xFFFE}}, 0, {{"1234", 4}}, 2, std::string("next.cab\0disk\0", 14)));
  EXPECT_EQ(content(r, "a"), "1234");
  EXPECT_TRUE(r.sink.has(Facet::trouble, "truncated", "one cabinet of a set, goes on in next.cab"));
  EXPECT_TRUE(r.sink.has(Facet::trouble, "truncated", "a: 5 of 9 bytes could not be decoded"));
}
TEST(Cab, QuantumIsNamedUnsupported) {
  const auto r = read(cab_of({{"a", 9, 0}}, 0x1482, {{"1234", 4}}));
  EXPECT_TRUE(r.sink.has(Facet::trouble, "unsupported"));
}
TEST(Cab, AnIndependentMakersCabinetComesOutWhole) {
  const parse::ScratchFolder folder;
  const auto text = some_text(200'000);
  (void)folder.write("one.txt", text);
  (void)folder.write("two.bin", std::string(70'000, 'x') + text.substr(500));
  if (!parse::run_tool("cd " + (folder / "") + " && gcab -c -z a.cab one.txt two.bin")) GTEST_SKIP() << "gcab is not installed";
  const auto bytes = parse::file_bytes(folder / "a.cab");
  const auto r = evidence::read_alone(cab(), bytes, "cab", "a.cab");
  ASSERT_TRUE(r.result);
  EXPECT_EQ(content(r, "one.txt"), text);
  EXPECT_EQ(content(r, "two.bin"), std::string(70'000, 'x') + text.substr(500));
  EXPECT_TRUE(r.sink.items.empty());
  EXPECT_EQ(unread(r, bytes.size()), 0u);
}
TEST(Cab, SurvivesStoredAndMsZip) { expect_survives(cab(), cab_of({{"a", 3000, 0}, {"b", 1000, 3000}}, 1, {{mszip(some_text(4000)), 4000}}), "cab", 4000); }
TEST(Cab, SurvivesLzx) {
  const std::string packed = std::string("\x00\x30\x50\x00", 4) + le(1, 4) + le(1, 4) + le(1, 4) + "hello" + '\0' + std::string("\x35\x12\x77\x10\x99", 5);
  expect_survives(cab(), cab_of({{"a", 5, 0}, {"b", 10, 2}}, 0x0F03, {{packed, 5}, {some_text(60), 30}}), "cab", 4000);
}

}  // namespace
}  // namespace unpack
