// Control data from strangers: what two readers could see differently decides nothing.
#include "gate/apt/deb822.h"

#include <gtest/gtest.h>

#include "gate/apt/codecs.h"
#include "gate/apt/hook.h"
#include "gate/apt/proxy.h"
#include "gate/apt/repository.h"

namespace gate {
namespace {

constexpr std::string_view two = "Package: a\nVersion: 1\nDescription: first\n more\n .\n end\n\n\nPackage: b\nSHA256: xyz\n";

TEST(Deb822, ReadsStanzas) {
  const auto s = read_deb822(two);
  ASSERT_TRUE(s) << s.error().what;
  ASSERT_EQ(s->size(), 2u);
  EXPECT_EQ((*s)[0].text("package"), "a");
  EXPECT_EQ((*s)[0].text("Description"), "first\n more\n .\n end");
  EXPECT_EQ((*s)[1].text("sha256"), "xyz");
  EXPECT_EQ(std::string((*s)[0].raw) + "\n\n" + std::string((*s)[1].raw), two);
  EXPECT_FALSE((*s)[0].ambiguous());
}

TEST(Deb822, TellsAmbiguousStanzas) {
  const auto s = read_deb822("SHA256: a\nsha256: b\n");
  ASSERT_TRUE(s);
  EXPECT_TRUE((*s)[0].ambiguous());
}

TEST(Deb822, RefusesWhatIsNone) {
  EXPECT_FALSE(read_deb822(" begins with a continuation\n"));
  EXPECT_FALSE(read_deb822("no field\n"));
  EXPECT_FALSE(read_deb822(std::string_view("A: b\0\n", 6)));
  EXPECT_FALSE(read_deb822("A b: c\n"));
  std::string many;
  for (int i = 0; i < 300; ++i) many += "F" + std::to_string(i) + ": x\n";
  EXPECT_FALSE(read_deb822(many));
}

TEST(Deb822, SurvivesEveryCutAndFlip) {
  for (std::size_t n = 0; n <= two.size(); ++n) (void)read_deb822(two.substr(0, n));
  for (std::size_t i = 0; i < two.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string text(two);
      text[i] = static_cast<char>(text[i] ^ 1 << bit);
      if (const auto s = read_deb822(text))
        for (const auto& stanza : *s) (void)stanza.ambiguous();
    }
}

TEST(Deb822, ReadsLists) {
  const auto list = read_file_list("\n abc 12 main/Packages\n def 0 x y\n");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].size, 12u);
  EXPECT_EQ((*list)[1].path, "x y");
  EXPECT_FALSE(read_file_list("\n abc -1 x"));
  EXPECT_FALSE(read_file_list("\n abc 99999999999999999999 x"));
  EXPECT_FALSE(read_file_list("\n abc 1"));
}

TEST(Deb822, TakesASignedTextOutOfItsArmor) {
  const auto text = without_signature("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nA: b\n- - dash\n-----BEGIN PGP SIGNATURE-----\nxxx\n");
  EXPECT_EQ(text.value_or("error"), "A: b\n- dash\n");
  EXPECT_EQ(without_signature("A: b\n").value_or(""), "A: b\n");
  EXPECT_FALSE(without_signature("-----BEGIN PGP SIGNED MESSAGE-----\n\nA: b\n"));
}

TEST(Codecs, GiveBackWhatTheyTookAndStopAtBounds) {
  const std::string text(100'000, 'a');
  for (const auto& [name, packed] : {std::pair("x.gz", *gzip(text)), std::pair("x.xz", *xz(text))}) {
    EXPECT_EQ(unpacked_index(name, packed, text.size()).value_or(""), text);
    EXPECT_FALSE(unpacked_index(name, packed, text.size() - 1)) << "a bomb was unpacked";
    for (std::size_t n = 0; n < packed.size(); ++n) EXPECT_FALSE(unpacked_index(name, packed.substr(0, n), text.size())) << n;
    for (std::size_t i = 0; i < packed.size(); ++i) {
      auto bad = packed;
      bad[i] = static_cast<char>(bad[i] ^ 0x10);
      (void)unpacked_index(name, bad, text.size());
    }
  }
  EXPECT_EQ(*gzip(text), *gzip(text));
}

TEST(Release, IsWrittenAnewWithoutWhatNoLongerHolds) {
  const auto text = rewritten_release("Origin: x\nSuite: s\nAcquire-By-Hash: yes\nSigned-By: ABC\nMD5Sum:\n a 1 b\nSHA256:\n a 1 b\n", {{"main/Packages", {"ff", 3}}});
  EXPECT_EQ(text, "Origin: x\nSuite: s\nSHA256:\n ff 3 main/Packages\n");
}

TEST(Repository, TakesOnlyPlainPaths) {
  for (const char* path : {"pool/a.deb", "a", "pool/..a/b"}) EXPECT_TRUE(is_plain_path(path)) << path;
  for (const char* path : {"", "/a", "a/", "../a", "a/../b", "a//b", "./a", "a\nb", "a\\b"}) EXPECT_FALSE(is_plain_path(path)) << path;
}

// The layout that apt 2.6 wrote on Debian 12.
TEST(AptHook, ReadsVersionThree) {
  constexpr std::string_view text = "VERSION 3\nAPT::Architecture=amd64\nAPT::X=\n\nminisign - - none < 0.11-1 amd64 none /var/cache/apt/archives/mini sign.deb\nminisign - - none < 0.11-1 amd64 none **CONFIGURE**\nold 1 amd64 none > - - none **REMOVE**\n";
  const auto plan = read_hook(text);
  ASSERT_TRUE(plan) << plan.error().what;
  ASSERT_EQ(plan->size(), 1u);
  EXPECT_EQ((*plan)[0].file, "/var/cache/apt/archives/mini sign.deb");
  EXPECT_EQ((*plan)[0].version, "0.11-1");
  // Cut anywhere, it must never be taken for a shorter plan: a package would be installed unseen.
  const auto body = text.find("\n\n") + 2;
  for (std::size_t n = 0; n < text.size(); ++n)
    if (const auto cut = read_hook(text.substr(0, n)); cut) {
      EXPECT_TRUE(n >= body && (n == body || text[n - 1] == '\n')) << n;
    }
}

TEST(AptHook, RefusesOtherWords) {
  EXPECT_FALSE(read_hook("VERSION 2\n\n"));
  EXPECT_FALSE(read_hook("/a.deb\n"));
  EXPECT_FALSE(read_hook("VERSION 3\n\na - - none < 1 all none relative.deb\n"));
  EXPECT_FALSE(read_hook("VERSION 3\n\na - - none ? 1 all none /a.deb\n"));
  EXPECT_FALSE(read_hook("VERSION 3\n\na - - none < 1 all none **ERROR**\n"));
}

TEST(AptProxy, KnowsIndexesFromPackages) {
  for (const char* path : {"/debian/dists/bookworm/InRelease", "/dists/x/main/binary-amd64/Packages.xz", "/dists/x/by-hash/SHA256/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                           "/dists/x/main/i18n/Translation-en.bz2", "/Packages.gz"})
    EXPECT_TRUE(is_index_path(path)) << path;
  for (const char* path : {"/pool/a.deb", "/dists/x/a.deb", "/dists/x/by-hash/SHA256/evil.deb", "/Translation-en", "/pool/Contents-amd64"}) EXPECT_FALSE(is_index_path(path)) << path;
  EXPECT_TRUE(is_debian_package("!<arch>\ndebian-"));
  EXPECT_TRUE(is_debian_package("0.939000\n"));
}

}  // namespace
}  // namespace gate
