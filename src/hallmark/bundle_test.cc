#include "hallmark/bundle.h"

#include "base/base64.h"
#include "hallmark/fields.h"
#include "hallmark/trial.h"

namespace hallmark {
namespace {

TEST(Bundle, ReadsWhatItWrote) {
  const trial::Log log;
  for (const auto algorithm : {sign::Algorithm::ed25519, sign::Algorithm::ecdsa_p256}) {
    const auto signer = trial::fresh(algorithm);
    const auto file = trial::strike(trial::verdict(), *signer, &log);
    const auto text = file.print();
    const auto again = HallmarkFile::parse(text).value();
    ASSERT_EQ(again.bundles.size(), 2u);
    EXPECT_EQ(again.print(), text);
    const auto& entry = *again.bundles[0].entry;
    EXPECT_EQ(entry.proof.index, 1u);
    EXPECT_EQ(entry.size, 2u);
    EXPECT_EQ(entry.log_id, log.key.full_id);
    EXPECT_EQ(entry.proof.checkpoint, file.bundles[0].entry->proof.checkpoint);
    EXPECT_EQ(entry.body, file.bundles[0].entry->body);
  }
}

// An envelope alone (slsa-verifier's form), a bundle over many lines, and one without a log.
TEST(Bundle, OtherForms) {
  const auto signer = trial::fresh();
  const auto envelope = Envelope::seal("{}", *signer).value();
  const auto bare = HallmarkFile::parse(envelope.to_json()).value();
  EXPECT_FALSE(bare.bundles[0].entry);
  EXPECT_TRUE(bare.bundles[0].envelope.check(signer->public_key()));
  const auto text = Bundle{envelope, std::nullopt}.to_json();
  EXPECT_EQ(HallmarkFile::parse(Json::parse(text).dump(2)).value().bundles.size(), 1u);
  EXPECT_EQ(HallmarkFile::parse(text + "\n" + text).value().bundles.size(), 2u);
  EXPECT_FALSE(HallmarkFile::parse(""));
  EXPECT_FALSE(HallmarkFile::parse("\n"));
  EXPECT_FALSE(HallmarkFile::parse(text + "\n\n" + text + "\n"));
  EXPECT_FALSE(HallmarkFile::parse(text + text));
  std::string many;
  for (int i = 0; i < 17; ++i) many += text + "\n";
  EXPECT_FALSE(HallmarkFile::parse(many));
}

TEST(Bundle, RefusesWhatIsNone) {
  const trial::Log log;
  const auto signer = trial::fresh();
  const auto good = Json::parse(trial::strike(trial::verdict(), *signer, &log).bundles[0].to_json());
  const auto changed = [&](std::string_view path, Json value) {
    auto json = good;
    json[Json::json_pointer(std::string(path))] = std::move(value);
    return Bundle::from_json(json.dump());
  };
  const std::string entry = "/verificationMaterial/tlogEntries/0";
  EXPECT_TRUE(changed("/unheardOf", 1));
  EXPECT_TRUE(changed("/mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.3"));
  EXPECT_TRUE(changed(entry + "/logIndex", 1));   // protobuf's JSON form takes a number as well
  EXPECT_FALSE(changed("/mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.1"));
  EXPECT_FALSE(changed("/messageSignature", Json::object()));
  EXPECT_FALSE(changed("/verificationMaterial", Json::object()));
  EXPECT_FALSE(changed("/dsseEnvelope", nullptr));
  EXPECT_FALSE(changed("/dsseEnvelope/signatures/1", {{"sig", "AAAA"}}));
  EXPECT_FALSE(changed(entry + "/logIndex", "-1"));
  EXPECT_FALSE(changed(entry + "/logIndex", "2"));
  EXPECT_FALSE(changed(entry + "/logIndex", "01"));
  EXPECT_FALSE(changed(entry + "/logIndex", "99999999999999999999"));
  EXPECT_FALSE(changed(entry + "/logIndex", 1.0));
  EXPECT_FALSE(changed(entry + "/kindVersion/kind", "hashedrekord"));
  EXPECT_FALSE(changed(entry + "/logId/keyId", "AAAA"));
  EXPECT_FALSE(changed(entry + "/inclusionProof", nullptr));
  EXPECT_FALSE(changed(entry + "/inclusionProof/rootHash", "AAAA"));
  EXPECT_FALSE(changed(entry + "/inclusionProof/hashes/0", 1));
  EXPECT_FALSE(changed(entry + "/inclusionProof/hashes", std::vector<std::string>(65, base::to_base64(std::string(32, 'x')))));
  EXPECT_FALSE(changed("/verificationMaterial/tlogEntries/1", good[Json::json_pointer(entry)]));
  auto certified = good;
  certified["verificationMaterial"].erase("publicKey");
  certified["verificationMaterial"]["certificate"] = {{"rawBytes", "AAAA"}};
  EXPECT_EQ(Bundle::from_json(certified.dump()).error().trouble, base::Trouble::unsupported);
}

TEST(Bundle, DamagedAtEveryByte) {
  const trial::Log log;
  const auto signer = trial::fresh();
  const auto text = trial::strike(trial::verdict(), *signer, &log).bundles[0].to_json();
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(Bundle::from_json(text.substr(0, size)));
}

// The very bytes that a stock client hashes: sorted keys, no spaces (RFC 8785), one signature.
TEST(Leaf, HasOneSpelling) {
  for (const auto algorithm : {sign::Algorithm::ed25519, sign::Algorithm::ecdsa_p256}) {
    const auto signer = trial::fresh(algorithm);
    const auto envelope = Envelope::seal("payload", *signer).value();
    const auto leaf = dsse_leaf(envelope, signer->public_key());
    EXPECT_EQ(leaf, fmt::format(R"({{"apiVersion":"0.0.2","kind":"dsse","spec":{{"dsseV002":{{"payloadHash":{{"algorithm":"SHA2_256","digest":"{}"}},"signatures":[{{"content":"{}","verifier":{{"keyDetails":"{}","publicKey":{{"rawBytes":"{}"}}}}}}]}}}}}})",
                                base::to_base64(base::sha256("payload").bytes), base::to_base64(envelope.signatures[0].bytes),
                                algorithm == sign::Algorithm::ed25519 ? "PKIX_ED25519" : "PKIX_ECDSA_P256_SHA_256", base::to_base64(signer->public_key().der())));
    const auto facts = read_leaf(base::bytes_of(leaf)).value();
    EXPECT_EQ(facts.payload, envelope.payload_digest());
    EXPECT_EQ(facts.signature, envelope.signatures[0].bytes);
    EXPECT_EQ(facts.key, signer->public_key());
    for (std::size_t size = 0; size < leaf.size(); ++size) EXPECT_FALSE(read_leaf(base::bytes_of(leaf).first(size))) << size;
    for (std::size_t bit = 0; bit < leaf.size() * 8; ++bit) {
      auto other = leaf;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
      const auto read = read_leaf(base::bytes_of(other));
      EXPECT_TRUE(!read || read->payload != facts.payload || read->signature != facts.signature || read->key != facts.key) << "two spellings of one entry";
    }
    EXPECT_FALSE(read_leaf(base::bytes_of(leaf + " ")));
    EXPECT_FALSE(read_leaf(base::bytes_of(" " + leaf)));
  }
}

}  // namespace
}  // namespace hallmark
