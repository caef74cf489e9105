// Certificates and keys are made by the openssl and ssh-keygen programs while the test runs, and
// what those programs say of them is what the readers must say.
#include "parse/x509/x509.h"

#include <gtest/gtest.h>

#include "parse/mutants.h"
#include "parse/pem/pem.h"
#include "parse/run_tool.h"
#include "parse/x509/private_key.h"

namespace parse::x509 {
namespace {

class X509 : public testing::Test {
 protected:
  void SetUp() override {
    if (!run_tool("openssl version")) GTEST_SKIP() << "no openssl program";
  }
  /// The file's first block; an empty one when the command failed.
  pem::Block made(const std::string& command, const std::string& name) {
    EXPECT_TRUE(run_tool(command)) << command;
    auto blocks = pem::find(file_bytes(folder / name));
    if (blocks.empty()) return {};
    return std::move(blocks.back());
  }
  pem::Block certificate(const std::string& key, const std::string& more) {
    return made("openssl req -x509 -newkey " + key + " -nodes -keyout " + (folder / "key.pem") + " -out " + (folder / "cert.pem") +
                    " -subj '/C=XX/O=Example Office/CN=ca.example' -days 30 " + more, "cert.pem");
  }
  ScratchFolder folder;
};

TEST_F(X509, AgreesWithOpenssl) {
  const auto block = certificate("rsa:2048", "-addext 'subjectAltName=DNS:a.example,IP:192.0.2.1,email:x@mail.example' -addext 'keyUsage=keyCertSign,cRLSign' -addext 'extendedKeyUsage=serverAuth'");
  ASSERT_EQ(block.type, "CERTIFICATE");
  const auto cert = read_certificate(block.content);
  ASSERT_TRUE(cert) << cert.error().to_string();
  EXPECT_EQ(cert->version, 3u);
  EXPECT_EQ(cert->subject, "C=XX, O=Example Office, CN=ca.example");
  EXPECT_TRUE(cert->self_signed);
  EXPECT_TRUE(cert->is_ca);
  EXPECT_EQ(cert->key.algorithm, "RSA");
  EXPECT_EQ(cert->key.bits, 2048u);
  EXPECT_EQ(cert->signature_algorithm, "sha256WithRSA");
  EXPECT_EQ(cert->names, (std::vector<std::string>{"dns:a.example", "ip:192.0.2.1", "mail:x@mail.example"}));
  EXPECT_EQ(cert->key_usage, (std::vector<std::string>{"keyCertSign", "cRLSign"}));
  EXPECT_EQ(cert->extended_key_usage, (std::vector<std::string>{"serverAuth"}));

  const auto said = run_tool("openssl x509 -in " + (folder / "cert.pem") + " -noout -serial -fingerprint -sha256 -dateopt iso_8601 -dates");
  ASSERT_TRUE(said);
  std::string compact, serial;
  for (const char c : *said)
    if (c != ':') compact += static_cast<char>(std::tolower(c));
  EXPECT_NE(compact.find(cert->fingerprint.hex()), std::string::npos) << *said;
  EXPECT_NE(said->find("notBefore=" + cert->not_before), std::string::npos) << *said;
  EXPECT_NE(said->find("notAfter=" + cert->not_after), std::string::npos) << *said;
  serial = cert->serial.starts_with("00") ? cert->serial.substr(2) : cert->serial;
  EXPECT_NE(compact.find("serial=" + serial), std::string::npos) << *said;
  const auto spki = run_tool("openssl x509 -in " + (folder / "cert.pem") + " -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256");
  ASSERT_TRUE(spki);
  EXPECT_NE(spki->find(cert->key.spki.hex()), std::string::npos) << *spki;
}

TEST_F(X509, MatchesAKeyToItsCertificate) {
  for (const std::string kind : {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256", "ed25519"}) {
    const auto cert = read_certificate(certificate(kind, "").content);
    ASSERT_TRUE(cert) << kind;
    const auto blocks = pem::find(file_bytes(folder / "key.pem"));
    ASSERT_EQ(blocks.size(), 1u);
    const auto key = read_private_key(blocks[0]);
    ASSERT_TRUE(key) << kind << key.error().to_string();
    EXPECT_EQ(key->form, "PKCS#8");
    EXPECT_EQ(key->algorithm, cert->key.algorithm);
    EXPECT_EQ(key->bits, cert->key.bits);
    EXPECT_FALSE(key->encrypted);
    if (kind != "ed25519") {
      EXPECT_EQ(key->material, cert->key.material) << kind;
    }
  }
}

TEST_F(X509, TellsTheFormsOfPrivateKeys) {
  const auto form = [&](const std::string& command) {
    const auto key = read_private_key(made(command + (folder / "k.pem"), "k.pem"));
    return key ? key->form + " " + key->algorithm + (key->encrypted ? " encrypted " + key->cipher : "") : key.error().to_string();
  };
  EXPECT_EQ(form("openssl genrsa -traditional 1024 > "), "PKCS#1 RSA");
  EXPECT_EQ(form("openssl genrsa -traditional -aes256 -passout pass:specimen 1024 > "), "PKCS#1 RSA encrypted AES-256-CBC");
  EXPECT_EQ(form("openssl genpkey -algorithm RSA -aes256 -pass pass:specimen > "), "PKCS#8  encrypted PBES2");
  EXPECT_EQ(form("openssl ecparam -name secp384r1 -genkey -noout > "), "SEC1 EC P-384");
  EXPECT_EQ(form("openssl genpkey -algorithm ed25519 > "), "PKCS#8 Ed25519");
}

TEST_F(X509, ReadsOpensshKeys) {
  for (const std::string type : {"ed25519", "rsa", "ecdsa"}) {
    if (!run_tool("ssh-keygen -q -t " + type + " -N '' -C someone@host.example -f " + (folder / type))) GTEST_SKIP() << "no ssh-keygen";
    const auto blocks = pem::find(file_bytes(folder / type));
    ASSERT_EQ(blocks.size(), 1u);
    const auto key = read_private_key(blocks[0]);
    ASSERT_TRUE(key) << key.error().to_string();
    EXPECT_FALSE(key->encrypted);
    EXPECT_EQ(key->comment, "someone@host.example");
    const auto bytes = file_bytes(folder / (type + ".pub"));
    const std::string line(base::text_of(bytes));
    const auto at = line.find(' ') + 1;
    const auto blob = pem::decode_base64(std::string_view(line).substr(at, line.find(' ', at) - at));
    ASSERT_TRUE(blob);
    const auto pub = read_ssh_public_key(*blob);
    ASSERT_TRUE(pub) << pub.error().to_string();
    EXPECT_EQ(pub->algorithm, key->algorithm);
    EXPECT_EQ(pub->bits, key->bits);
    EXPECT_EQ(pub->material, key->material);
    const auto said = run_tool("ssh-keygen -l -f " + (folder / (type + ".pub")));
    EXPECT_TRUE(said && said->starts_with(std::to_string(pub->bits) + " ")) << type;
  }
  ASSERT_TRUE(run_tool("ssh-keygen -q -t ed25519 -N specimen -f " + (folder / "locked")));
  const auto locked = read_private_key(pem::find(file_bytes(folder / "locked")).at(0));
  ASSERT_TRUE(locked);
  EXPECT_TRUE(locked->encrypted);
}

TEST_F(X509, ReadsTheInstalledRoots) {
  const auto bytes = file_bytes("/etc/ssl/certs/ca-certificates.crt");
  if (bytes.empty()) GTEST_SKIP() << "no installed roots";
  for (const auto& block : pem::find(bytes)) {
    const auto cert = read_certificate(block.content);
    ASSERT_TRUE(cert) << cert.error().to_string();
    EXPECT_TRUE(cert->self_issued) << cert->subject;
    EXPECT_GE(cert->key.bits, 256u) << cert->subject;
  }
}

TEST_F(X509, SurvivesEveryMutant) {
  const auto cert = certificate("ec -pkeyopt ec_paramgen_curve:P-256", "-addext subjectAltName=DNS:a.example,IP:192.0.2.1").content;
  const auto key = pem::find(file_bytes(folder / "key.pem")).at(0).content;
  int read = 0;
  const auto use = [&](base::Bytes bytes) {
    read += read_certificate(bytes).has_value();
    (void)read_private_key(bytes);
    (void)read_openssh_key(bytes);
    (void)read_ssh_public_key(bytes);
  };
  each_truncation(cert, use);
  EXPECT_EQ(read, 1);  // the whole one only
  each_truncation(key, use);
  each_mutant(cert, 5000, 3, use);
  each_mutant(key, 3000, 4, use);
}

}  // namespace
}  // namespace parse::x509
