#include "sign/key.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/base64.h"

namespace sign {
namespace {

namespace fs = std::filesystem;

base::Buffer unhex(std::string_view hex) {
  base::Buffer out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

// A folder of its own, gone afterwards.
struct Folder {
  std::string path = fs::temp_directory_path() / "sign.XXXXXX";
  Folder() { if (!mkdtemp(path.data())) std::abort(); }
  ~Folder() { fs::remove_all(path); }
  std::string file(std::string_view name) const { return path + "/" + std::string(name); }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }
};

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

bool openssl(const std::string& arguments) { return std::system(("openssl " + arguments + " >/dev/null 2>&1").c_str()) == 0; }

AskSecret says(std::string secret) {
  return [secret](std::string_view) -> base::Result<std::string> { return secret; };
}
base::Result<std::string> never(std::string_view what) { return base::fail(base::Trouble::usage, "asked for {}", what); }

// RFC 8032, section 7.1: the private keys are wrapped in PKCS#8 by hand (RFC 8410, section 7), so that key
// reading, signing and verifying are all held against the standard.
struct Vector {
  std::string_view secret, key, message, signature;
};
constexpr Vector rfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

std::string pem_of(std::string_view label, const base::Buffer& der) {
  return "-----BEGIN " + std::string(label) + "-----\n" + base::to_base64(der) + "\n-----END " + std::string(label) + "-----\n";
}

TEST(Key, Ed25519VectorsOfTheStandard) {
  for (const auto& v : rfc8032) {
    auto der = unhex("302e020100300506032b657004220420");
    const auto secret = unhex(v.secret);
    der.insert(der.end(), secret.begin(), secret.end());
    const auto signer = signer_from_pem(pem_of("PRIVATE KEY", der), "vector", never);
    ASSERT_TRUE(signer) << signer.error().to_string();
    EXPECT_EQ(base::to_hex((*signer)->public_key().raw()), v.key);
    const auto message = unhex(v.message);
    EXPECT_EQ(base::to_hex((*signer)->sign(message).value()), v.signature);
    const auto key = PublicKey::from_ed25519(unhex(v.key)).value();
    EXPECT_TRUE(key.verify(message, unhex(v.signature)));
    EXPECT_EQ(key, (*signer)->public_key());
    EXPECT_EQ(PublicKey::from_pem(key.pem()).value(), key);
  }
}

// The same signature with s + L (RFC 8032, section 5.1.7: s must be below L), and every single flipped bit.
TEST(Key, Ed25519RefusesOtherSignatures) {
  const auto& v = rfc8032[1];
  const auto key = PublicKey::from_ed25519(unhex(v.key)).value();
  const auto message = unhex(v.message);
  auto signature = unhex(v.signature);
  const auto order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  auto larger = signature;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += larger[32 + i] + order[i];
    larger[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  ASSERT_EQ(carry, 0u);
  EXPECT_FALSE(key.verify(message, larger));
  for (std::size_t bit = 0; bit < 512; ++bit) {
    auto other = signature;
    other[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(key.verify(message, other)) << bit;
  }
  for (std::size_t size = 0; size < 64; ++size) EXPECT_FALSE(key.verify(message, base::Bytes(signature).first(size))) << size;
  signature.push_back(0);
  EXPECT_FALSE(key.verify(message, signature));
}

// Under a key of small order a signature can hold without a private key; a y beyond the field names a key twice.
TEST(Key, RefusesWeakEd25519Keys) {
  for (const auto* hex : {"0100000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000080", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"})
    EXPECT_FALSE(PublicKey::from_ed25519(unhex(hex))) << hex;
}

// Both ways with the openssl program: what it writes is read, what it signs holds, what we sign holds there.
TEST(Key, OpensslAgreesOnEcdsa) {
  const Folder folder;
  ASSERT_TRUE(openssl("ecparam -name prime256v1 -genkey -out " + folder.file("sec1.pem")));   // parameters, then EC PRIVATE KEY
  ASSERT_TRUE(openssl("pkcs8 -topk8 -nocrypt -in " + folder.file("sec1.pem") + " -out " + folder.file("pkcs8.pem")));
  ASSERT_TRUE(openssl("pkey -in " + folder.file("sec1.pem") + " -pubout -out " + folder.file("pub.pem")));
  ASSERT_TRUE(openssl("ec -aes256 -passout pass:open -in " + folder.file("sec1.pem") + " -out " + folder.file("sealed.pem")));   // traditional, encrypted
  const auto key = PublicKey::load(folder.file("pub.pem")).value();
  EXPECT_EQ(key.algorithm(), Algorithm::ecdsa_p256);
  EXPECT_EQ(key.raw().size(), 65u);
  EXPECT_EQ(key.pem(), content(folder.file("pub.pem")));
  folder.write("message", "what is signed");
  for (const auto* name : {"sec1.pem", "pkcs8.pem", "sealed.pem"}) {
    const auto signer = open_signer(folder.file(name), says("open"));
    ASSERT_TRUE(signer) << name << ": " << signer.error().to_string();
    EXPECT_EQ((*signer)->public_key(), key);
    const auto signature = (*signer)->sign(base::bytes_of("what is signed")).value();
    EXPECT_TRUE(key.verify(base::bytes_of("what is signed"), signature));
    EXPECT_FALSE(key.verify(base::bytes_of("what is signeD"), signature));
    folder.write("signature", base::text_of(signature));
    EXPECT_TRUE(openssl("dgst -sha256 -verify " + folder.file("pub.pem") + " -signature " + folder.file("signature") + " " + folder.file("message")));
  }
  ASSERT_TRUE(openssl("dgst -sha256 -sign " + folder.file("sec1.pem") + " -out " + folder.file("theirs") + " " + folder.file("message")));
  const auto theirs = content(folder.file("theirs"));
  EXPECT_TRUE(key.verify(base::bytes_of("what is signed"), base::bytes_of(theirs)));
}

TEST(Key, OpensslAgreesOnEd25519) {
  const Folder folder;
  ASSERT_TRUE(openssl("genpkey -algorithm ed25519 -aes256 -pass pass:open -out " + folder.file("key.pem")));
  folder.write("message", "what is signed");
  ASSERT_TRUE(openssl("pkeyutl -sign -rawin -passin pass:open -inkey " + folder.file("key.pem") + " -in " + folder.file("message") + " -out " + folder.file("theirs")));
  const auto signer = open_signer(folder.file("key.pem"), says("open"));
  ASSERT_TRUE(signer) << signer.error().to_string();
  EXPECT_EQ((*signer)->sign(base::bytes_of("what is signed")).value(), [&] { const auto t = content(folder.file("theirs")); const auto b = base::bytes_of(t); return base::Buffer(b.begin(), b.end()); }());
}

// ECDSA in DER has many near twins: each must fail, or a logged signature could be dressed up as another.
TEST(Key, EcdsaTakesStrictDerOnly) {
  const auto pem = generate(Algorithm::ecdsa_p256, "").value();
  const auto signer = signer_from_pem(pem, "key", never).value();
  const auto message = base::bytes_of("m");
  const auto good = signer->sign(message).value();
  const auto& key = signer->public_key();
  ASSERT_TRUE(key.verify(message, good));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(key.verify(message, base::Bytes(good).first(size))) << size;
  auto trailing = good;
  trailing.push_back(0);
  EXPECT_FALSE(key.verify(message, trailing));
  auto inside = good;            // trailing bytes inside the sequence
  inside.push_back(5), inside.push_back(0), inside[1] += 2;
  EXPECT_FALSE(key.verify(message, inside));
  auto padded = good;            // r with one zero byte more than it needs
  padded.insert(padded.begin() + 4, 0), padded[3] += 1, padded[1] += 1;
  EXPECT_FALSE(key.verify(message, padded));
  auto long_form = good;         // the length in BER's long form
  long_form.insert(long_form.begin() + 1, 0x81);
  EXPECT_FALSE(key.verify(message, long_form));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto other = good;
    other[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(key.verify(message, other)) << bit;
  }
}

TEST(Key, GeneratedKeysAreEncryptedAndOpensslReadsThem) {
  const Folder folder;
  for (const auto algorithm : {Algorithm::ed25519, Algorithm::ecdsa_p256}) {
    const auto pem = generate(algorithm, "a passphrase").value();
    EXPECT_TRUE(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    const auto file = folder.write("key.pem", pem);
    EXPECT_TRUE(openssl("pkey -passin 'pass:a passphrase' -in " + file + " -pubout -out " + folder.file("pub.pem")));
    EXPECT_FALSE(openssl("pkey -passin pass:another -in " + file + " -noout"));
    ASSERT_EQ(std::system(("openssl asn1parse -in " + file + " > " + folder.file("asn1")).c_str()), 0);
    EXPECT_NE(content(folder.file("asn1")).find("scrypt"), std::string::npos);
    EXPECT_NE(content(folder.file("asn1")).find("aes-256-cbc"), std::string::npos);
    int asked = 0;
    const auto signer = open_signer(file, [&](std::string_view) -> base::Result<std::string> { ++asked; return "a passphrase"; });
    ASSERT_TRUE(signer) << signer.error().to_string();
    EXPECT_EQ(asked, 1);
    EXPECT_EQ((*signer)->public_key().pem(), content(folder.file("pub.pem")));
    EXPECT_FALSE(open_signer(file, says("another")));
    EXPECT_EQ(open_signer(file, never).error().what, "asked for Passphrase of " + file);
    EXPECT_NE(generate(algorithm, "").value(), generate(algorithm, "").value());
  }
}

// Keys that we don't sign with are refused by a sentence, not taken for something else.
TEST(Key, RefusesOtherKeys) {
  const Folder folder;
  for (const auto* arguments : {"-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
                                "-algorithm X25519", "-algorithm ED448", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit"}) {
    ASSERT_TRUE(openssl(std::string("genpkey ") + arguments + " -out " + folder.file("key.pem"))) << arguments;
    ASSERT_TRUE(openssl("pkey -in " + folder.file("key.pem") + " -pubout -out " + folder.file("pub.pem")));
    EXPECT_FALSE(PublicKey::load(folder.file("pub.pem"))) << arguments;
    if (std::string_view(arguments).find("explicit") == std::string_view::npos) {
      EXPECT_FALSE(open_signer(folder.file("key.pem"), never)) << arguments;
    }
  }
  ASSERT_TRUE(openssl("ecparam -name prime256v1 -genkey -noout -out " + folder.file("key.pem")));
  ASSERT_TRUE(openssl("ec -in " + folder.file("key.pem") + " -pubout -conv_form compressed -out " + folder.file("pub.pem")));
  EXPECT_FALSE(PublicKey::load(folder.file("pub.pem"))) << "compressed point";
  EXPECT_NE(PublicKey::load(folder.file("key.pem")).error().what.find("private key"), std::string::npos);
  EXPECT_FALSE(PublicKey::load(folder.file("none.pem")));
  EXPECT_FALSE(PublicKey::load("/dev/zero"));
  EXPECT_FALSE(open_signer("/dev/zero", never));
  EXPECT_FALSE(open_signer(folder.path, never));
}

// A point that is not on the curve gives keys that leak or fail later.
TEST(Key, RefusesDamagedKeysAtEveryByte) {
  const auto signer = signer_from_pem(generate(Algorithm::ecdsa_p256, "").value(), "key", never).value();
  const auto der = signer->public_key().der();
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_FALSE(PublicKey::from_der(base::Bytes(der).first(size)));
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    auto other = der;
    other[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(PublicKey::from_der(other)) << bit;
  }
  const auto pem = signer->public_key().pem();
  for (std::size_t size = 0; size + 2 < pem.size(); ++size) EXPECT_FALSE(PublicKey::from_pem(pem.substr(0, size))) << size;
  EXPECT_FALSE(PublicKey::from_pem(pem + pem));
}

TEST(Key, KeyFilesAreTheOwnersAloneAndNeverOverwritten) {
  const Folder folder;
  const auto file = folder.file("key.pem");
  ASSERT_TRUE(write_key_file(file, "first", KeyFile::private_key, false));
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_FALSE(write_key_file(file, "second", KeyFile::private_key, false));
  EXPECT_EQ(content(file), "first");
  ASSERT_TRUE(write_key_file(file, "third", KeyFile::public_key, true));
  EXPECT_EQ(content(file), "third");
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0644u);
  EXPECT_FALSE(write_key_file(folder.file("no/such/folder.pem"), "x", KeyFile::private_key, false));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()), 1) << "temporary files stay behind";
}

// Signer and PublicKey promise that threads may share them.
TEST(Key, ThreadsShareKeys) {
  for (const auto algorithm : {Algorithm::ed25519, Algorithm::ecdsa_p256}) {
    const auto signer = signer_from_pem(generate(algorithm, "").value(), "key", never).value();
    std::atomic<int> held = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
          for (int i = 0; i < 50; ++i) {
            const auto text = std::to_string(t * 1000 + i);
            if (signer->public_key().verify(base::bytes_of(text), signer->sign(base::bytes_of(text)).value())) ++held;
          }
        });
    }
    EXPECT_EQ(held, 200);
  }
}

TEST(Key, SecretsAreWiped) {
  std::string secret = "a secret that is longer than a short string";
  const auto* at = secret.data();
  wipe(secret);
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(at[0], '\0');
}

}  // namespace
}  // namespace sign
