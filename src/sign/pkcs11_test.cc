#include "sign/pkcs11.h"

#include <gtest/gtest.h>
#include <unistd.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sign/pkcs11_session.h"

namespace sign {
namespace {

namespace fs = std::filesystem;

TEST(Pkcs11Uri, ReadsTheStandardsExamples) {
  // RFC 7512, section 3.
  auto uri = TokenUri::parse("pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.?pin-value=the-pin").value();
  EXPECT_EQ(uri.token, "Software PKCS#11 softtoken");
  EXPECT_EQ(uri.manufacturer, "Snake Oil, Inc.");
  EXPECT_EQ(uri.pin_value, "the-pin");
  uri = TokenUri::parse("pkcs11:object=my-sign-key;type=private?pin-source=file:/etc/token").value();
  EXPECT_EQ(uri.object, "my-sign-key");
  EXPECT_EQ(uri.pin_source, "/etc/token");
  uri = TokenUri::parse("pkcs11:slot-id=327?module-path=/mnt/libmypkcs11.so.1").value();
  EXPECT_EQ(uri.slot, 327u);
  EXPECT_EQ(uri.module(), "/mnt/libmypkcs11.so.1");
  uri = TokenUri::parse("pkcs11:token=My%20token%25%20created%20by%20Joe;library-version=3;id=%01%00%03?module-name=softhsm2").value();
  EXPECT_EQ(uri.token, "My token% created by Joe");
  EXPECT_EQ(uri.id, std::string("\1\0\3", 3));
  EXPECT_EQ(uri.module(), "libsofthsm2.so");
  EXPECT_EQ(TokenUri::parse("pkcs11:").value().shown(), "the token");
}

TEST(Pkcs11Uri, RefusesWhatItCantMean) {
  for (const auto* bad : {"pkcs12:token=a", "pkcs11:token", "pkcs11:token=%4", "pkcs11:token=%zz", "pkcs11:token=a;token=b", "pkcs11:x-vendor=1", "pkcs11:object=a;type=secret-key",
                          "pkcs11:object=a b", "pkcs11:object=\xc3\xa4", "pkcs11:slot-id=x", "pkcs11:object=a%00", "pkcs11:?pin-source=|cat", "pkcs11:?pin-source=a&pin-value=b", "pkcs11:?module-name=../x"})
    EXPECT_FALSE(TokenUri::parse(bad)) << bad;
  EXPECT_TRUE(TokenUri::parse("pkcs11:?x-vendor=1"));
  // A PIN never shows up in a sentence.
  EXPECT_EQ(TokenUri::parse("pkcs11:?pin-value=1234%zz").error().what.find("1234"), std::string::npos);
}

constexpr const char* module = "/usr/lib/softhsm/libsofthsm2.so";

// A SoftHSM token in a folder of its own, made by SoftHSM's own program.
struct Pkcs11 : testing::Test {
  static inline std::string folder;
  static void SetUpTestSuite() {
    if (!fs::exists(module) || std::system("softhsm2-util --version >/dev/null 2>&1") != 0) return;
    folder = fs::temp_directory_path() / "token.XXXXXX";
    if (!mkdtemp(folder.data())) std::abort();
    fs::create_directory(folder + "/tokens");
    std::ofstream(folder + "/softhsm2.conf") << "directories.tokendir = " << folder << "/tokens\nobjectstore.backend = file\nlog.level = ERROR\n";
    setenv("SOFTHSM2_CONF", (folder + "/softhsm2.conf").c_str(), 1);
    for (const auto* label : {"office", "other"})
      if (std::system((std::string("softhsm2-util --init-token --free --label ") + label + " --so-pin 5678 --pin 1234 >/dev/null 2>&1").c_str()) != 0) std::abort();
  }
  static void TearDownTestSuite() {
    if (!folder.empty()) fs::remove_all(folder);
  }
  void SetUp() override {
    if (folder.empty()) GTEST_SKIP() << "SoftHSM is not installed";
  }
  static std::string uri(std::string_view path, std::string_view query = "pin-value=1234") { return fmt::format("pkcs11:{}?module-path={}&{}", path, module, query); }
};
base::Result<std::string> never(std::string_view what) { return base::fail(base::Trouble::usage, "asked for {}", what); }
AskSecret says(std::string secret) {
  return [secret](std::string_view) -> base::Result<std::string> { return secret; };
}

TEST_F(Pkcs11, MakesKeysAndSigns) {
  for (const auto algorithm : {Algorithm::ed25519, Algorithm::ecdsa_p256}) {
    const auto name = uri(fmt::format("token=office;object=made-{}", name_of(algorithm)));
    const auto key = generate_in_token(name, algorithm, never);
    ASSERT_TRUE(key) << key.error().to_string();
    EXPECT_EQ(key->algorithm(), algorithm);
    EXPECT_FALSE(generate_in_token(name, algorithm, never)) << "a second key of the name";
    const auto signer = open_signer(name, never);
    ASSERT_TRUE(signer) << signer.error().to_string();
    EXPECT_EQ((*signer)->public_key(), *key);
#if defined(__SANITIZE_ADDRESS__)
    // SoftHSM 2.6.1 forgets an OCTET STRING in every EdDSA signature that it makes.
    const std::unique_ptr<__lsan::ScopedDisabler> theirs(algorithm == Algorithm::ed25519 ? new __lsan::ScopedDisabler : nullptr);
#endif
    // DER of small r or s is shorter: many signatures meet those cases.
    for (int i = 0; i < 60; ++i) {
      const auto message = "message " + std::to_string(i);
      const auto signature = (*signer)->sign(base::bytes_of(message));
      ASSERT_TRUE(signature) << signature.error().to_string();
      EXPECT_TRUE(key->verify(base::bytes_of(message), *signature));
      EXPECT_FALSE(key->verify(base::bytes_of("another"), *signature));
    }
    // The private half stays inside.
    const auto session = Session::open(TokenUri::parse(name).value(), false, never).value();
    const auto objects = session->find(Template().add_number(CKA_CLASS, CKO_PRIVATE_KEY).add(CKA_LABEL, fmt::format("made-{}", name_of(algorithm)))).value();
    ASSERT_EQ(objects.size(), 1u);
    EXPECT_FALSE(session->attribute(objects[0], CKA_VALUE));
    EXPECT_EQ(session->attribute(objects[0], CKA_EXTRACTABLE), base::Buffer{CK_FALSE});
    EXPECT_EQ(session->attribute(objects[0], CKA_SENSITIVE), base::Buffer{CK_TRUE});
  }
}

// The keys that OpenSC's program makes are read as well.
TEST_F(Pkcs11, OpenscAgrees) {
  if (std::system("command -v pkcs11-tool >/dev/null 2>&1") != 0) GTEST_SKIP() << "OpenSC is not installed";
  ASSERT_EQ(std::system(fmt::format("pkcs11-tool --module {} --token-label office --login --pin 1234 --keypairgen --key-type EC:prime256v1 --label theirs --id 0a0b >/dev/null 2>&1", module).c_str()), 0);
  ASSERT_EQ(std::system(fmt::format("pkcs11-tool --module {} --token-label office --read-object --type pubkey --label theirs -o {}/pub.der >/dev/null 2>&1", module, folder).c_str()), 0);
  const auto signer = open_signer(uri("token=office;id=%0a%0b"), never);
  ASSERT_TRUE(signer) << signer.error().to_string();
  std::ifstream in(folder + "/pub.der", std::ios::binary);
  const std::string der(std::istreambuf_iterator<char>(in), {});
  EXPECT_EQ(PublicKey::from_der(base::bytes_of(der)).value(), (*signer)->public_key());
  EXPECT_TRUE((*signer)->public_key().verify(base::bytes_of("m"), (*signer)->sign(base::bytes_of("m")).value()));
  // Another curve is refused by a sentence.
  ASSERT_EQ(std::system(fmt::format("pkcs11-tool --module {} --token-label office --login --pin 1234 --keypairgen --key-type EC:secp384r1 --label wide --id 0c >/dev/null 2>&1", module).c_str()), 0);
  EXPECT_NE(open_signer(uri("token=office;object=wide"), never).error().what.find("neither Ed25519 nor"), std::string::npos);
}

TEST_F(Pkcs11, PinsComeFromWhereTheUriSays) {
  ASSERT_TRUE(generate_in_token(uri("token=other;object=key"), Algorithm::ed25519, never));
  std::ofstream(folder + "/pin") << "1234\n";
  EXPECT_TRUE(open_signer(uri("token=other;object=key", "pin-source=" + folder + "/pin"), never));
  EXPECT_TRUE(open_signer(uri("token=other;object=key", "pin-source=file:" + folder + "/pin"), never));
  EXPECT_TRUE(open_signer(uri("token=other;object=key", ""), says("1234")));
  EXPECT_EQ(open_signer(uri("token=other;object=key", ""), never).error().what, "asked for PIN of the token 'other'");
  EXPECT_EQ(open_signer(uri("token=other;object=key", ""), says("9999")).error().what.find("the token 'other' did not open: the PIN is wrong"), 0u);
  EXPECT_FALSE(open_signer(uri("token=other;object=key", "pin-source=/none"), never));
}

TEST_F(Pkcs11, SaysWhatIsMissing) {
  EXPECT_EQ(open_signer(uri("token=nobody;object=key"), never).error().what.find("the token 'nobody' is not there; the module shows: "), 0u);
  EXPECT_EQ(open_signer(uri("object=key"), never).error().what, "2 tokens fit the pkcs11 URI; name one with token= or serial=");
  EXPECT_EQ(open_signer(uri("token=office;object=none"), never).error().what, "the token 'office' holds no private key 'none'");
  EXPECT_NE(open_signer("pkcs11:token=a?module-path=/none.so", never).error().what.find("can't be loaded"), std::string::npos);
  EXPECT_NE(open_signer("pkcs11:token=a?module-path=libcrypto.so.3", never).error().what.find("is no PKCS #11 module"), std::string::npos);
  EXPECT_FALSE(generate_in_token(uri("token=office"), Algorithm::ed25519, never)) << "a key needs a name";
}

TEST_F(Pkcs11, ThreadsShareASession) {
  ASSERT_TRUE(generate_in_token(uri("token=office;object=shared"), Algorithm::ecdsa_p256, never));
  const auto signer = open_signer(uri("token=office;object=shared"), never).value();
  std::atomic<int> held = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i) {
          const auto text = std::to_string(t * 1000 + i);
          if (signer->public_key().verify(base::bytes_of(text), signer->sign(base::bytes_of(text)).value())) ++held;
        }
      });
  }
  EXPECT_EQ(held, 100);
}

}  // namespace
}  // namespace sign
