#include <gtest/gtest.h>

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
