#include <gtest/gtest.h>

#include "identify/identify.h"

namespace {

using namespace std::string_literals;
std::string kind(std::string bytes, std::string_view name = "x") { return identify::identify({base::bytes_of(bytes), name}).kind; }

TEST(KeyMaterial, Armour) {
  EXPECT_EQ(kind("-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"), "pem");
  EXPECT_EQ(kind("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"), "pgp");
  EXPECT_EQ(kind("key = '''\n-----BEGIN RSA PRIVATE KEY-----\n'''\n", "a.py"), "script/python");
}
TEST(KeyMaterial, Der) {
  const auto body = "\x30\x0a\xA0\x03\x02\x01\x02\x02\x01\x05\x30\x00\x30\x06\x06\x01\x2a\x05\x00\x00\x03\x02\x00\x01"s;
  std::string cert = "\x30"s + static_cast<char>(body.size()) + body;
  EXPECT_EQ(kind(cert).substr(0, 1) == "x" || kind(cert) == "der", true);
  cert += "tail";
  EXPECT_NE(kind(cert), "x509");
}
TEST(KeyMaterial, PgpPacketsMustTileTheFile) {
  const auto packet = "\x99\x00\x08\x04\x00\x00\x00\x00\x01\x00\x00"s;
  EXPECT_EQ(kind(packet + packet), "pgp");
  EXPECT_NE(kind(packet + "x"), "pgp");
}

}  // namespace
