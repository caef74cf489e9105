#include "identify/identify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "evidence/recorder.h"
#include "identify/registry.h"

namespace {

using namespace std::string_literals;
using evidence::Confidence;
using evidence::Facet;

const std::string elf = "\x7f" "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0"s + std::string(64, '\0');

std::vector<evidence::Item> concealed(const std::string& bytes, std::string_view name) {
  evidence::Recorder sink(base::bytes_of(bytes));
  identify::identify({base::bytes_of(bytes), name}, sink);
  EXPECT_EQ(sink.all(Facet::property, "format").size(), 1u);
  return sink.all(Facet::concealment);
}

TEST(Identify, AProgramUnderAPicturesNameIsSureToLie) {
  const auto items = concealed(elf, "logo.png");
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].word, "masquerade");
  EXPECT_EQ(items[0].value, "name says png, content is elf");
  EXPECT_EQ(items[0].confidence, Confidence::high);
}
TEST(Identify, AScriptUnderAFontsName) { EXPECT_EQ(concealed("#!/bin/sh\nid\n", "a.woff2").at(0).confidence, Confidence::high); }

TEST(Identify, OrdinaryNamesAreQuiet) {
  EXPECT_TRUE(concealed("/* GNU ld script */\nINPUT(-lc)\n", "libc.so").empty());
  EXPECT_TRUE(concealed(elf, "libc.so.6").empty());
  EXPECT_TRUE(concealed(elf, "blob.dat").empty());
  EXPECT_TRUE(concealed(elf, "firmware.bin").empty());
  EXPECT_TRUE(concealed("#!/bin/sh\n", "tool.pl").empty());
  EXPECT_TRUE(concealed("\x1f\x8b\x08\0\0\0\0\0"s, "ls.1.gz").empty());
  EXPECT_TRUE(concealed("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, "old.gif").empty());
  EXPECT_TRUE(concealed("plain", "README").empty());
}
TEST(Identify, PlainTextNamedGzipIsHarmless) { EXPECT_EQ(concealed("plain text here\n", "notes.gz").at(0).confidence, Confidence::low); }

TEST(Identify, APictureThatIsAlsoAZipIsAMismatch) {
  const std::string name = "x.sh";
  const auto le = [](std::size_t v, int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
    return out;
  };
  const auto directory = "PK\1\2"s + std::string(24, '\0') + le(4, 2) + std::string(16, '\0') + name;
  const auto zip = "PK\3\4"s + std::string(22, '\0') + le(4, 2) + le(0, 2) + name + directory + "PK\5\6"s + std::string(4, '\0') + le(1, 2) + le(1, 2) +
                   le(directory.size(), 4) + le(34, 4) + le(0, 2);
  const auto items = concealed("GIF89a" + std::string(40, '\1') + zip, "a.gif");
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].word, "mismatch");
  EXPECT_EQ(items[0].attributes.at("also"), "zip");
  EXPECT_EQ(items[0].confidence, Confidence::high);
  EXPECT_EQ(concealed(elf + zip, "setup").at(0).confidence, Confidence::low);
}

TEST(Identify, AnArchiveWhoseLastMemberIsAZipIsQuiet) {
  const auto le = [](std::size_t v, int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
    return out;
  };
  const auto directory = "PK\1\2"s + std::string(24, 0) + le(1, 2) + std::string(16, 0) + "a";
  const auto zip = "PK\3\4"s + std::string(22, 0) + le(1, 2) + le(0, 2) + "a" + directory + "PK\5\6"s + std::string(4, 0) + le(1, 2) + le(1, 2) + le(directory.size(), 4) + le(31, 4) + le(0, 2);
  EXPECT_TRUE(concealed("!<arch>\na.zip/          0           0     0     100644  100       `\n" + zip, "x.a").empty());
}

TEST(Identify, EveryAnswerIsOnTheCard) {
  std::mt19937 random(3);
  const std::vector<std::string> seeds = {elf, "!<arch>\ndebian-binary", "PK\3\4", "#!/bin/sh\n", "\x1f\x8b\x08\0", "%PDF-1.4", "{\"a\":1}", "\x99\x00\x08\x04",
                                          "\x30\x20\x30\x05", "MZ", "070701" + std::string(120, '0'), "\x5d\0\0\x80\0"s};
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = seeds[random() % seeds.size()] + std::string(random() % 700, static_cast<char>(random()));
    for (unsigned i = 0; i < random() % 8; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % (bytes.size() + 1));
    for (const auto* r : identify::registry()) {
      const auto found = r->recognise({base::bytes_of(bytes), "n.br"});
      if (!found) continue;
      EXPECT_TRUE(std::ranges::find(r->card().kinds, found->kind) != r->card().kinds.end()) << found->kind;
    }
  }
}

}  // namespace
