#include <gtest/gtest.h>

#include "parse/run_tool.h"
#include "unpack/mutants.h"
#include "unpack/zip/make.h"

namespace unpack {
const evidence::Reader& zip();
namespace {

using evidence::Facet;

evidence::Reading read(const std::string& bytes, std::string_view kind = "zip") { return evidence::read_alone(zip(), base::bytes_of(bytes), kind, "a.zip"); }
std::string content(const evidence::Reading& r, std::string_view name) {
  const auto* c = r.sink.child_named(name);
  return c ? std::string(base::text_of(c->bytes)) : "(no such member)";
}

TEST(Zip, EveryMethod) {
  const auto text = some_text(300'000);
  for (const unsigned method : {0u, 8u, 12u, 93u, 95u}) {
    const auto r = read(zip_of({{"d/a.txt", text, method}, {"b", "x"}}));
    ASSERT_TRUE(r.result) << r.result.error().what;
    EXPECT_EQ(content(r, "d/a.txt"), text) << method;
    EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
  }
}
// A member whose packed form is given: methods that have no encoder here.
evidence::Reading read_packed(unsigned method, const std::string& packed, const std::string& text, unsigned flags = 0) {
  auto bytes = zip_of({{"a", packed, method, flags}});
  const auto crc = zip_number(crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())), 4);
  bytes.replace(14, 4, crc).replace(22, 4, zip_number(text.size(), 4));
  const auto listed = bytes.find("PK\1\2");
  bytes.replace(listed + 16, 4, crc).replace(listed + 24, 4, zip_number(text.size(), 4));
  return read(bytes);
}
std::string nine_bit_codes(const std::vector<unsigned>& codes, unsigned width = 9) {
  std::string out;
  std::uint64_t buffer = 0;
  unsigned count = 0;
  for (const auto c : codes) {
    buffer |= std::uint64_t{c} << count;
    for (count += width; count >= 8; count -= 8, buffer >>= 8) out += static_cast<char>(buffer);
  }
  if (count) out += static_cast<char>(buffer);
  return out;
}
TEST(Zip, ShrunkMembersWithACodeAboutToBeMadeAndAClearedTable) {
  // "ab" then 257 = "ab", 259 = the code being made ("aba" from "ab" + a), a partial clear, then plain letters.
  const auto r = read_packed(1, nine_bit_codes({'a', 'b', 257, 259, 256, 2, 'c', 'd'}), "abababacd");
  EXPECT_EQ(content(r, "a"), "abababacd");
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
}
TEST(Zip, ReducedMembersWithFollowersAndMatches) {
  // No followers but for 'x': one, 'y'. Bits: 8-bit letters, then "x" and its follower by one bit and an index.
  std::string bits;
  const auto put = [&](unsigned v, unsigned n) { for (unsigned i = 0; i < n; ++i) bits += static_cast<char>('0' + (v >> i & 1)); };
  for (int i = 255; i >= 0; --i) {
    put(i == 'x' ? 1 : 0, 6);
    if (i == 'x') put('y', 8);
  }
  for (const unsigned c : {'a', 'b', 'c', 'x'}) put(c, 8);
  put(0, 1), put(0, 1);               // the follower of x
  put(144, 8), put(1, 8), put(4, 8);  // factor 1: length 1 + 3, distance 5
  std::string packed;
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    unsigned v = 0;
    for (std::size_t k = 0; k < 8 && i + k < bits.size(); ++k) v |= static_cast<unsigned>(bits[i + k] - '0') << k;
    packed += static_cast<char>(v);
  }
  const auto r = read_packed(2, packed, "abcxyabcx");
  EXPECT_EQ(content(r, "a"), "abcxyabcx");
  EXPECT_TRUE(r.sink.items.empty()) << r.sink.items[0].value;
}
TEST(Zip, MethodsThatAnotherMakerKnows) {
  const parse::ScratchFolder folder;
  const auto text = some_text(150'000) + std::string(100'000, 'z') + some_text(300'000);
  (void)folder.write("t", text);
  for (const std::string method : {"Deflate64", "PPMd", "LZMA", "Deflate", "BZip2"}) {
    if (!parse::run_tool("cd " + (folder / "") + " && 7z a -tzip -mm=" + method + " " + method + ".zip t")) GTEST_SKIP() << "7z is not installed";
    const auto bytes = parse::file_bytes(folder / (method + ".zip"));
    const auto r = evidence::read_alone(zip(), bytes, "zip", "a.zip");
    EXPECT_TRUE(content(r, "t") == text) << method;
    EXPECT_TRUE(r.sink.items.empty()) << method << r.sink.items[0].value;
  }
}
TEST(Zip, APartOfASplitArchiveIsNamed) {
  auto bytes = zip_of({{"a", "1"}});
  bytes[bytes.find("PK\5\6") + 4] = 2;
  EXPECT_TRUE(read(bytes).sink.has(Facet::trouble, "truncated", "the last of 3 parts of a split archive"));
}
TEST(Zip, AMethodThatIsNotReadIsNamed) {
  const auto r = read_packed(97, "abcd", "x");
  EXPECT_TRUE(r.sink.has(Facet::trouble, "unsupported", "a: method 97 (WavPack) is not read"));
}
TEST(Zip, SurvivesOldMethods) {
  for (const unsigned method : {1u, 2u, 5u, 6u, 9u, 98u})
    for (const unsigned flags : {0u, 6u}) expect_survives(zip(), zip_of({{"a", some_text(400), method, flags}}), "zip", 300, "file", 60);
}
TEST(Zip, LinksAndModes) {
  const auto r = read(zip_of({{"l", "../../etc/passwd", 0, 0, {}, true, 0120777}, {"s", "x", 8, 0, {}, true, 0104755}}));
  EXPECT_EQ(r.sink.child_named("l")->entry.link, "../../etc/passwd");
  EXPECT_EQ(r.sink.child_named("s")->entry.mode, 04755u);
}
TEST(Zip, AMemberThatTheDirectoryDoesNotListIsHidden) {
  const auto r = read(zip_of({{"a", "1"}, {"secret.sh", "#!/bin/sh\n", 8, 0, {}, false}, {"b", "2"}}));
  ASSERT_TRUE(r.result);
  EXPECT_EQ(content(r, "secret.sh"), "#!/bin/sh\n");
  EXPECT_EQ(r.sink.child_named("secret.sh")->entry.origin, artifact::Origin::hidden);
  EXPECT_TRUE(r.sink.has(Facet::concealment, "mismatch", "secret.sh"));
}
TEST(Zip, HeadersThatDisagree) {
  const auto r = read(zip_of({{"a.txt", "1", 8, 0, "a.exe"}}));
  ASSERT_EQ(r.sink.all(Facet::concealment, "mismatch").size(), 1u);
  EXPECT_EQ(r.sink.items[0].value, "a.txt: name (a.exe in the local header) differs");
}
TEST(Zip, GapsPrefixAndSuffix) {
  const std::string hidden = "thirty bytes that no member owns!";
  const auto r = read("#!/usr/bin/env python3\n" + zip_of({{"__main__.py", "print(1)", 8, 0, {}, true, 0100644, hidden}, {"b", "2"}}) + "tail");
  ASSERT_TRUE(r.result) << r.result.error().what;
  EXPECT_EQ(content(r, "__main__.py"), "print(1)");
  EXPECT_EQ(content(r, "after-the-end"), "tail");
  EXPECT_EQ(r.sink.all(Facet::concealment).size(), 2u);
  bool found = false;
  for (const auto& c : r.sink.children) found = found || base::text_of(c.bytes) == hidden;
  EXPECT_TRUE(found);
}
TEST(Zip, EncryptedIsOpaqueAndTheRestIsRead) {
  const auto r = read(zip_of({{"a", "1", 0, 1}, {"b", "2"}}));
  ASSERT_TRUE(r.result);
  EXPECT_TRUE(r.sink.has(Facet::trouble, "encrypted", "a"));
  EXPECT_EQ(content(r, "b"), "2");
}
TEST(Zip, DuplicatesAndEscapesAreStated) {
  EXPECT_TRUE(read(zip_of({{"classes.dex", "1"}, {"classes.dex", "2"}}), "apk").sink.has(Facet::concealment, "mismatch", "classes.dex"));
  EXPECT_TRUE(read(zip_of({{"..\\..\\x.dll", "1"}})).sink.has(Facet::concealment, "mismatch", "..\\..\\x.dll"));
}
TEST(Zip, KeysOfChromeExtensionsOfBothFormats) {
  const std::string key(60, 'K'), signature(30, 's');
  const std::string second = "Cr24" + zip_number(2, 4) + zip_number(key.size(), 4) + zip_number(signature.size(), 4) + key + signature;
  const auto field = [](unsigned tag, const std::string& bytes) { return (tag < 16 ? zip_number(tag << 3 | 2, 1) : zip_number(0x80 | ((tag << 3 | 2) & 0x7F), 1) + zip_number(0x80 | (tag >> 4 & 0x7F), 1) + zip_number(tag >> 11, 1)) + zip_number(bytes.size(), 1) + bytes; };
  const auto message = field(2, field(1, key) + field(2, signature)) + field(3, field(1, std::string(50, 'E'))) + field(10000, field(1, std::string(16, 'i')));
  const std::string third = "Cr24" + zip_number(3, 4) + zip_number(message.size(), 4) + message;
  for (const auto& head : {second, third}) {
    const auto bytes = head + zip_of({{"manifest.json", "{}"}});
    const auto r = read(bytes, "crx");
    ASSERT_TRUE(r.result);
    EXPECT_EQ(content(r, "crx-key-1.der"), key);
    EXPECT_EQ(content(r, "manifest.json"), "{}");
    EXPECT_TRUE(r.sink.items.empty());
    EXPECT_EQ(evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""})).of(evidence::Label::scanned), 0u);
    if (&head == &third) EXPECT_EQ(content(r, "crx-key-2.der"), std::string(50, 'E'));
  }
  EXPECT_TRUE(read(third + "between" + zip_of({{"manifest.json", "{}"}}), "crx").sink.child_named("behind-the-header"));
}
TEST(Zip, ABombOfOverlapsIsStatedOnceAMember) {
  // Every member is the same local header and data, as in a bomb that expands without nesting.
  std::vector<ZipEntry> entries;
  for (int i = 0; i < 50; ++i) entries.push_back({fmt::format("f{}", i), std::string(20000, 'b')});
  auto bytes = zip_of(entries);
  const auto first = bytes.find("PK\1\2");
  for (auto at = first; at != std::string::npos; at = bytes.find("PK\1\2", at + 4)) bytes.replace(at + 42, 4, zip_number(0, 4));
  const auto r = read(bytes);
  unsigned overlaps = 0;
  for (const auto& i : r.sink.all(Facet::concealment)) overlaps += i.attributes.at("why") == "members overlap";
  EXPECT_EQ(overlaps, 49u);
}
TEST(Zip, OverlappingMembersAreStated) {
  auto bytes = zip_of({{"a", "11111111", 0}, {"b", "22222222", 0}});
  const auto second = bytes.rfind("PK\1\2");
  bytes.replace(second + 42, 4, zip_number(0, 4));  // b's local header is a's
  const auto r = read(bytes);
  bool overlap = false;
  for (const auto& i : r.sink.all(Facet::concealment)) overlap = overlap || i.attributes.at("why") == "members overlap";
  EXPECT_TRUE(overlap);
}
TEST(Zip, WrongChecksumIsATrouble) {
  auto bytes = zip_of({{"a", "hello", 0}});
  bytes[bytes.find("hello")] = 'j';
  EXPECT_TRUE(read(bytes).sink.has(Facet::trouble, "malformed"));
}
TEST(Zip, WithoutADirectoryMembersAreStillGiven) {
  const auto bytes = zip_of({{"a", some_text(1000)}, {"b", "2"}});
  const auto r = read(bytes.substr(0, bytes.find("PK\1\2")));
  ASSERT_FALSE(r.result);
  EXPECT_EQ(content(r, "b"), "2");
}
TEST(Zip, Survives) { expect_survives(zip(), "#!x\n" + zip_of({{"a", some_text(200)}, {"h", "hidden", 8, 0, {}, false}, {"l", "t", 0, 0, {}, true, 0120777}, {"b", "2", 0, 8}}) + "t", "zip", 8000); }

}  // namespace
}  // namespace unpack
