#include <gtest/gtest.h>

#include "identify/identify.h"
#include "identify/look.h"

namespace {

using namespace std::string_literals;

std::string le(std::uint64_t v, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += static_cast<char>(i < 8 ? v >> (8 * i) : 0);
  return out;
}
// A zip of stored empty members with these names.
std::string zip(const std::vector<std::string>& names) {
  std::string out, directory;
  for (const auto& n : names) {
    directory += "PK\1\2"s + std::string(24, '\0') + le(n.size(), 2) + std::string(12, '\0') + le(out.size(), 4) + n;
    out += "PK\3\4"s + std::string(22, '\0') + le(n.size(), 2) + le(0, 2) + n;
  }
  const auto at = out.size();
  return out + directory + "PK\5\6"s + std::string(4, '\0') + le(names.size(), 2) + le(names.size(), 2) + le(directory.size(), 4) + le(at, 4) + le(0, 2);
}
std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }

TEST(Zip, TellsTheFamilyApart) {
  EXPECT_EQ(kind(zip({"a.txt"})), "zip");
  EXPECT_EQ(kind(zip({"META-INF/MANIFEST.MF", "a/B.class"})), "jar");
  EXPECT_EQ(kind(zip({"AndroidManifest.xml", "classes.dex", "META-INF/MANIFEST.MF"})), "apk");
  EXPECT_EQ(kind(zip({"p/__init__.py", "p-1.dist-info/WHEEL"})), "wheel");
  EXPECT_EQ(kind(zip({"x.nuspec", "[Content_Types].xml", "_rels/.rels"})), "nupkg");
  EXPECT_EQ(kind(zip({"[Content_Types].xml", "word/document.xml"})), "ooxml");
  EXPECT_EQ(kind(zip({"extension.vsixmanifest", "[Content_Types].xml"})), "vsix");
  EXPECT_EQ(kind(zip({"Payload/A.app/Info.plist"})), "ipa");
  EXPECT_EQ(kind(zip({"base/manifest/AndroidManifest.xml", "BundleConfig.pb"})), "aab");
  EXPECT_EQ(kind(zip({"manifest.json"}), "a.xpi"), "xpi");
}
TEST(Zip, ZipappIsAZip) { EXPECT_EQ(kind("#!/usr/bin/env python3\n" + zip({"__main__.py"})), "zip"); }
TEST(Zip, AnOrdinaryTextThatNamesTheMagicIsNone) { EXPECT_EQ(kind("a text about PK\5\6 and so on, long enough to hold a record"), "unknown"); }
TEST(Zip, NamesNeverLeaveTheBytes) {
  const auto whole = zip({"a", "b", "c"});
  for (std::size_t n = 0; n <= whole.size(); ++n)
    for (const auto name : identify::zip_names(base::bytes_of(std::string_view(whole).substr(whole.size() - n))).names) EXPECT_LE(name.size(), whole.size());
}

}  // namespace
