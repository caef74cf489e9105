// Sigstore's conformance bundles, made by others to be taken or refused (shared data). None is a hallmark:
// they are signed by certificates, sign files, or are logged as hashedrekord, and must be refused as such;
// the parts that are in our formats (keys, signatures, envelopes, checkpoints, proofs) are checked one by one.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hallmark/json_parts.h"
#include "hallmark/trial.h"

namespace hallmark {
namespace {

namespace fs = std::filesystem;

struct Conformance : testing::Test {
  fs::path root;
  void SetUp() override {
    const char* shared = std::getenv("ASSAY_SHARED");
    if (shared) root = fs::path(shared) / "data/signing/sigstore-conformance";
    if (!shared || !fs::exists(root / "bundle-verify")) GTEST_SKIP() << "Sigstore's conformance bundles are not there";
  }
  static std::string content(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  std::string bundle(std::string_view name) const { return content(root / "bundle-verify" / name / "bundle.sigstore.json"); }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(root / "bundle-verify"))
      if (entry.is_directory()) out.push_back(entry.path().filename());
    std::sort(out.begin(), out.end());
    return out;
  }
};

TEST_F(Conformance, NoneIsTakenForAHallmark) {
  std::size_t seen = 0;
  for (const auto& name : names()) {
    const auto read = HallmarkFile::parse(bundle(name));
    ASSERT_FALSE(read) << name;
    const bool dsse = name == "happy-path-intoto-in-dsse-v3" || name == "dsse-invalid-sig_fail" || name == "dsse-mismatch-envelope_fail";
    const std::string wanted = name.starts_with("managed-key-")                                          ? "signs a file, not a statement"
                               : name.starts_with("rekor2-") || dsse                                     ? "names a certificate"
                               : name == "bundle-malformed-json_fail"                                    ? "no JSON"
                               : name == "bundle-unknown-version_fail" || name == "happy-path-v0.1"      ? "are not read; v0.3 is"
                                                                                                         : "";
    EXPECT_NE(read.error().what.find(wanted), std::string::npos) << name << ": " << read.error().what;
    ++seen;
  }
  EXPECT_GE(seen, 50u);
}

// A key that somebody else made, and what it signed.
TEST_F(Conformance, ManagedKeys) {
  const auto artifact = content(root / "a.txt");
  const auto holds = [&](const std::string& name) {
    const auto json = Json::parse(bundle(name));
    const auto signature = from_any_base64(json["messageSignature"]["signature"].get<std::string>()).value();
    const auto key = sign::PublicKey::load(root / "bundle-verify" / name / "key.pub");
    return key && key->verify(base::bytes_of(artifact), signature).has_value();
  };
  EXPECT_TRUE(holds("managed-key-happy-path"));
  EXPECT_TRUE(holds("managed-key-and-trusted-root"));
  EXPECT_FALSE(holds("managed-key-wrong-key_fail")) << "its key is no point of the curve";
}

// The key of a bundle's certificate, by the openssl program.
std::optional<sign::PublicKey> key_of_certificate(const Json& json) {
  std::string folder = fs::temp_directory_path() / "conformance.XXXXXX";
  if (!mkdtemp(folder.data())) return std::nullopt;
  const auto der = from_any_base64(json["verificationMaterial"]["certificate"]["rawBytes"].get<std::string>()).value();
  std::ofstream(folder + "/c.der", std::ios::binary) << base::text_of(der);
  const bool done = std::system(("openssl x509 -inform DER -in " + folder + "/c.der -pubkey -noout > " + folder + "/k.pem 2>/dev/null").c_str()) == 0;
  const auto key = sign::PublicKey::load(folder + "/k.pem");
  fs::remove_all(folder);
  return done && key ? std::optional(*key) : std::nullopt;
}

TEST_F(Conformance, Envelopes) {
  const auto holds = [&](std::string_view name) {
    const auto json = Json::parse(bundle(name));
    const auto key = key_of_certificate(json);
    const auto envelope = read_envelope(json["dsseEnvelope"]);
    EXPECT_TRUE(key && envelope) << name;
    return key && envelope && envelope->check(*key).has_value();
  };
  EXPECT_TRUE(holds("rekor2-dsse-happy-path"));
  EXPECT_TRUE(holds("happy-path-intoto-in-dsse-v3"));
  EXPECT_FALSE(holds("rekor2-dsse-invalid-sig_fail"));
  EXPECT_FALSE(holds("dsse-invalid-sig_fail"));
}

std::vector<tlog::NoteKey> logs_of(const Json& root) {
  std::vector<tlog::NoteKey> out;
  for (const auto& log : root["tlogs"]) {
    const auto der = from_any_base64(log["publicKey"]["rawBytes"].get<std::string>()).value();
    const auto key = sign::PublicKey::from_der(der);
    if (!key) continue;
    const auto type = key->algorithm() == sign::Algorithm::ed25519 ? tlog::NoteType::ed25519 : tlog::NoteType::ecdsa;
    out.push_back(tlog::NoteKey::make(log["baseUrl"].get<std::string>().substr(8), type, *key).value());
  }
  return out;
}

// Rekor's own checkpoints and proofs, of both versions: the good ones hold, those with a damaged checkpoint don't.
TEST_F(Conformance, CheckpointsAndProofs) {
  std::size_t held = 0, refused = 0;
  for (const auto& name : names()) {
    const auto trusted = root / "bundle-verify" / name / "trusted_root.json";
    const bool about_checkpoint = name.starts_with("rekor2-checkpoint-") || name == "rekor2-happy-path" || name == "managed-key-and-trusted-root" || name == "rekor2-dsse-happy-path";
    if (!about_checkpoint || !fs::exists(trusted)) continue;
    const auto json = Json::parse(bundle(name));
    const auto& entry = json["verificationMaterial"]["tlogEntries"][0];
    const auto& proof_json = entry["inclusionProof"];
    tlog::Proof proof;
    proof.index = std::stoull(proof_json["logIndex"].get<std::string>());
    proof.checkpoint = proof_json["checkpoint"]["envelope"];
    for (const auto& hash : proof_json.value("hashes", Json::array())) {
      proof.hashes.emplace_back();
      const auto bytes = from_any_base64(hash.get<std::string>()).value();
      ASSERT_EQ(bytes.size(), 32u);
      std::copy(bytes.begin(), bytes.end(), proof.hashes.back().bytes.begin());
    }
    const auto body = from_any_base64(entry["canonicalizedBody"].get<std::string>()).value();
    const auto id = from_any_base64(entry["logId"]["keyId"].get<std::string>()).value();
    bool holds = false;
    for (const auto& key : logs_of(Json::parse(content(trusted)))) {
      if (!std::equal(id.begin(), id.end(), key.full_id.bytes.begin(), key.full_id.bytes.end())) continue;
      // Rekor's first version puts its tree's number behind the name.
      const auto origin = proof.checkpoint.substr(0, proof.checkpoint.find('\n'));
      if (origin != key.name && !origin.starts_with(key.name + " - ")) continue;
      holds = holds || tlog::check_proof(proof, body, {origin, key, {}, 0}).has_value();
    }
    EXPECT_EQ(holds, !name.ends_with("_fail")) << name;
    ++(holds ? held : refused);
  }
  EXPECT_GE(held, 6u);
  EXPECT_GE(refused, 4u);
}

}  // namespace
}  // namespace hallmark
