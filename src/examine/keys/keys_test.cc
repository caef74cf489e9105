#include <gtest/gtest.h>

#include "evidence/recorder.h"
#include "parse/mutants.h"
#include "parse/run_tool.h"

namespace examine {
const evidence::Reader& keys();

namespace {

using evidence::Confidence;
using evidence::Facet;

evidence::Reading look(base::Bytes bytes, std::string_view name = "x", std::string_view kind = "text") { return evidence::read_alone(keys(), bytes, kind, name); }
evidence::Reading look(std::string_view text, std::string_view name = "x", std::string_view kind = "text") { return look(base::bytes_of(text), name, kind); }

class KeysMade : public testing::Test {
 protected:
  void SetUp() override {
    if (!parse::run_tool("openssl version")) GTEST_SKIP() << "no openssl program";
  }
  base::Buffer made(const std::string& command, const std::string& name) {
    EXPECT_TRUE(parse::run_tool(command)) << command;
    return parse::file_bytes(folder / name);
  }
  parse::ScratchFolder folder;
};

TEST_F(KeysMade, PrivateKeyInEachFormIsFoundAndItsBodyIsNotShown) {
  const auto pem = made("openssl genrsa -out " + (folder / "k.pem") + " 2048", "k.pem");
  const auto der = made("openssl rsa -in " + (folder / "k.pem") + " -outform DER -out " + (folder / "k.der"), "k.der");
  const auto ec = made("openssl ecparam -name prime256v1 -genkey -noout -outform DER -out " + (folder / "e.der"), "e.der");
  for (const auto& bytes : {pem, der, ec}) {
    const auto r = look(bytes);
    ASSERT_EQ(r.sink.all(Facet::key, "private-key").size(), 1u);
    ASSERT_EQ(r.sink.all(Facet::trust, "embedded-private-key").size(), 1u);
    EXPECT_EQ(r.sink.all(Facet::trust)[0].confidence, Confidence::medium);
    EXPECT_LT(r.sink.items[0].excerpt.size(), 40u);
  }
  auto inside = base::Buffer(1000, 0x41);
  inside.insert(inside.end(), der.begin(), der.end());
  inside.resize(inside.size() + 500);
  const auto r = look(inside, "prog", "elf");
  ASSERT_EQ(r.sink.all(Facet::key, "private-key").size(), 1u);
  EXPECT_EQ(r.sink.items[0].range, (base::Range{1000, der.size()}));
  EXPECT_EQ(look(pem, "etc/ssh/ssh_host_rsa_key").sink.all(Facet::trust)[0].confidence, Confidence::high);
  const auto in_doc = look(pem, "usr/share/doc/x/test/key.pem").sink.all(Facet::trust)[0];
  EXPECT_EQ(in_doc.confidence, Confidence::medium);
  EXPECT_EQ(in_doc.attributes.at("context"), "test");
}

TEST_F(KeysMade, EncryptedKeyBreaksNoTrust) {
  const auto pem = made("openssl genrsa -aes128 -passout pass:xyzzy -out " + (folder / "k.pem") + " 2048", "k.pem");
  const auto r = look(pem, "etc/x.pem");
  ASSERT_EQ(r.sink.all(Facet::key, "private-key").size(), 1u);
  EXPECT_EQ(r.sink.items[0].attributes.at("encrypted"), "yes");
  EXPECT_TRUE(r.sink.all(Facet::trust).empty());
}

TEST_F(KeysMade, CertificateAuthorityInATrustStore) {
  const auto ca = made("openssl req -x509 -newkey rsa:2048 -nodes -keyout " + (folder / "k") + " -out " + (folder / "c.crt") + " -subj /CN=watcher.invalid -days 9", "c.crt");
  const auto r = look(ca, "usr/local/share/ca-certificates/w.crt");
  ASSERT_EQ(r.sink.all(Facet::key, "certificate").size(), 1u);
  EXPECT_EQ(r.sink.items[0].attributes.at("ca"), "yes");
  EXPECT_TRUE(r.sink.has(Facet::trust, "added-trust-root"));
  EXPECT_FALSE(look(ca, "usr/share/doc/w.crt").sink.has(Facet::trust, "added-trust-root"));
  const auto leaf = made("openssl req -x509 -newkey rsa:2048 -nodes -keyout " + (folder / "k") + " -out " + (folder / "l.crt") +
                             " -subj /CN=leaf.invalid -days 9 -addext basicConstraints=critical,CA:FALSE", "l.crt");
  EXPECT_FALSE(look(leaf, "usr/local/share/ca-certificates/w.crt").sink.has(Facet::trust, "added-trust-root"));
}

TEST_F(KeysMade, SshKeysOfBothHalves) {
  if (!parse::run_tool("ssh-keygen -q -t ed25519 -N '' -f " + (folder / "id"))) GTEST_SKIP() << "no ssh-keygen";
  EXPECT_TRUE(look(parse::file_bytes(folder / "id")).sink.has(Facet::key, "private-key"));
  const auto r = look(parse::file_bytes(folder / "id.pub"));
  ASSERT_EQ(r.sink.all(Facet::key, "ssh-public-key").size(), 1u);
  EXPECT_TRUE(r.sink.items[0].value.starts_with("SHA256:"));
}

TEST_F(KeysMade, TruncatedAndMutated) {
  auto all = made("openssl req -x509 -newkey rsa:2048 -nodes -keyout " + (folder / "k") + " -out " + (folder / "c") + " -subj /CN=x.invalid", "c");
  const auto key = parse::file_bytes(folder / "k");
  const auto der = made("openssl rsa -in " + (folder / "k") + " -outform DER -out " + (folder / "d"), "d");
  all.insert(all.end(), key.begin(), key.end());
  all.insert(all.end(), der.begin(), der.end());
  const auto try_it = [](base::Bytes b) {
    const auto r = look(b);
    for (const auto& item : r.sink.items) ASSERT_LE(item.range.end(), b.size());
  };
  parse::each_truncation(all, try_it, 1500);
  parse::each_mutant(all, 1500, 3, try_it, all.size());
}

TEST(Keys, ArmourWithoutAKeyIsNone) {
  EXPECT_TRUE(look("if line == '-----BEGIN RSA PRIVATE KEY-----': pass").sink.items.empty());
  EXPECT_TRUE(look("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n").sink.items.empty());
}

TEST(Keys, PuttyKey) {
  const auto r = look("PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: x\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 00\n");
  ASSERT_TRUE(r.sink.has(Facet::key, "private-key"));
  EXPECT_TRUE(r.sink.has(Facet::trust, "embedded-private-key"));
}

TEST(Keys, TokensNeedTheirChecksum) {
  const std::string good = std::string("ghp_") + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ" + "0mLq17";
  const auto r = look("token = '" + good + "'");
  ASSERT_TRUE(r.sink.has(Facet::key, "token", good));
  EXPECT_TRUE(r.sink.items[0].secret);
  EXPECT_EQ(r.sink.items[0].attributes.at("service"), "github");
  auto bad = good;
  bad[9] = 'q';
  EXPECT_TRUE(look("token = '" + bad + "'").sink.items.empty());
  EXPECT_TRUE(look("x" + good).sink.items.empty());
}

TEST(Keys, OtherTokens) {
  const std::string id = std::string("AKIA") + "IOSFODNN7EXAMPLE";
  const auto r = look("id " + id + "\nsecret wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYAB");
  ASSERT_TRUE(r.sink.has(Facet::key, "token", id));
  EXPECT_EQ(r.sink.items[0].attributes.at("label"), "documentation");
  EXPECT_EQ(r.sink.items[0].confidence, Confidence::high);
  EXPECT_TRUE(look("AKIAAAAAAAAAAAAAAAAA").sink.items.empty());
  EXPECT_TRUE(look("AIza" + std::string(35, 'x')).sink.items.empty());
  EXPECT_TRUE(look("k = \"AIza" + std::string("Sy1h8Kq0ZbT3mVx9RwL2nPc7JdFg5QeUo4Y") + "\"").sink.has(Facet::key, "token"));
}

TEST(Keys, JwtHeaderMustDecode) {
  const std::string jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
  const auto r = look("Bearer " + jwt);
  ASSERT_TRUE(r.sink.has(Facet::key, "jwt", jwt));
  EXPECT_EQ(r.sink.items[0].attributes.at("algorithm"), "HS256");
  EXPECT_TRUE(look("eyJxxxxxxxxxxxxxx.eyJzdWIiOiIxMjM0.abc").sink.items.empty());
}

TEST(Keys, DefaultPasswordOpensAShadowHash) {
  // openssl passwd -6 -salt abcdefgh admin
  const auto hash = parse::run_tool("openssl passwd -6 -salt abcdefgh admin");
  const auto strong = parse::run_tool("openssl passwd -6 -salt abcdefgh 'corr3ct horse battery'");
  if (!hash || !strong) GTEST_SKIP() << "no openssl program";
  const auto line = "root:" + hash->substr(0, hash->size() - 1) + ":19000:0:99999:7:::\n";
  const auto r = look(line, "etc/shadow");
  ASSERT_TRUE(r.sink.has(Facet::key, "password-hash"));
  ASSERT_TRUE(r.sink.has(Facet::trust, "hard-coded-credential"));
  EXPECT_EQ(r.sink.all(Facet::trust)[0].confidence, Confidence::high);
  EXPECT_EQ(r.sink.all(Facet::trust)[0].attributes.at("user"), "root");
  EXPECT_EQ(look("hash: " + *hash, "README").sink.all(Facet::trust)[0].confidence, Confidence::low);
  EXPECT_FALSE(look("root:" + strong->substr(0, strong->size() - 1) + ":19000::::::\n", "etc/shadow").sink.has(Facet::trust, "hard-coded-credential"));
}

TEST(Keys, DesHashOnlyInAccountFiles) {
  EXPECT_TRUE(look("root:ab01FAX.bQRSU:0:0:root:/:/bin/sh\n", "etc/passwd").sink.has(Facet::key, "password-hash"));
  EXPECT_FALSE(look("root:ab01FAX.bQRSU:0:0:root:/:/bin/sh\n", "notes").sink.has(Facet::key, "password-hash"));
}

TEST(Keys, HashOfHighCostIsNotTried) {
  const auto r = look("u:$6$rounds=900000$abcdefgh$" + std::string(86, 'a') + ":1:\n", "etc/shadow");
  ASSERT_TRUE(r.sink.has(Facet::key, "password-hash"));
  EXPECT_EQ(r.sink.items[0].attributes.at("opened"), "not tried");
}

TEST(Keys, AgeRecipientNeedsItsChecksum) {
  const std::string good = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
  EXPECT_TRUE(look("age -r " + good).sink.has(Facet::key, "recipient", good));
  auto bad = good;
  bad[20] = 'q';
  EXPECT_TRUE(look("age -r " + bad).sink.items.empty());
}

TEST(Keys, OpenPgpRecipient) {
  base::Buffer message = {0x85, 0x00, 0x10, 3, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 1, 0, 0, 0, 0, 0, 0, 0xd2, 20};
  message.resize(60);
  EXPECT_TRUE(look(message, "x.gpg", "unknown").sink.has(Facet::key, "recipient", "OpenPGP key id deadbeef01020304"));
  message[0] = 0x87;
  EXPECT_TRUE(look(message, "x.gpg", "unknown").sink.items.empty());
}

}  // namespace
}  // namespace examine
