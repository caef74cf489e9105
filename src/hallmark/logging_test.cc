#include "hallmark/logging.h"

#include "base/base64.h"
#include "hallmark/fields.h"
#include "hallmark/trial.h"

namespace hallmark {
namespace {

// A log's server reads from strangers what its client wrote; the answer goes the same way back.
TEST(Logging, RequestAndAnswerGoThereAndBack) {
  const trial::Log log;
  for (const auto algorithm : {sign::Algorithm::ed25519, sign::Algorithm::ecdsa_p256}) {
    const auto signer = trial::fresh(algorithm);
    const auto envelope = Envelope::seal(trial::verdict().to_json(), *signer).value();
    const auto request = Submission::from_json(submission_json(envelope, signer->public_key()));
    ASSERT_TRUE(request) << request.error().to_string();
    EXPECT_EQ(request->envelope.to_json(), envelope.to_json());
    EXPECT_EQ(request->verifiers, std::vector{signer->public_key()});
    const auto entry = log.add(envelope, signer->public_key());
    const auto answer = answer_from_json(answer_json(entry));
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ(answer->body, entry.body);
    EXPECT_TRUE(tlog::check_proof(answer->proof, base::bytes_of(answer->body), log.trust(0)));
  }
}

// The words of Rekor v2's interface, so that other clients and servers understand them.
TEST(Logging, SpeaksAsRekorDoes) {
  const auto signer = trial::fresh(sign::Algorithm::ecdsa_p256);
  const auto request = Json::parse(submission_json(Envelope::seal("{}", *signer).value(), signer->public_key()))["dsseRequestV002"];
  EXPECT_EQ(request["envelope"]["payload"], "e30=");
  EXPECT_EQ(request["envelope"]["signatures"][0]["keyid"], signer->public_key().id().hex());
  EXPECT_EQ(request["verifiers"][0]["keyDetails"], "PKIX_ECDSA_P256_SHA_256");
  EXPECT_EQ(request["verifiers"][0]["publicKey"]["rawBytes"], base::to_base64(signer->public_key().der()));
  const auto entry = Json::parse(answer_json(trial::Log().add(Envelope::seal("{}", *signer).value(), signer->public_key())));
  for (const auto* key : {"canonicalizedBody", "inclusionProof", "kindVersion", "logId", "logIndex"}) EXPECT_TRUE(entry.contains(key)) << key;
}

TEST(Logging, CutRequestsAndAnswersAreRefused) {
  const auto signer = trial::fresh();
  const auto envelope = Envelope::seal("{}", *signer).value();
  const auto request = submission_json(envelope, signer->public_key()), answer = answer_json(trial::Log().add(envelope, signer->public_key()));
  for (std::size_t n = 0; n < request.size(); ++n) EXPECT_FALSE(Submission::from_json(request.substr(0, n))) << n;
  for (std::size_t n = 0; n < answer.size(); ++n) EXPECT_FALSE(answer_from_json(answer.substr(0, n))) << n;
  for (const auto* none : {"[]", "null", "{}", R"({"dsseRequestV002":null})", R"({"hashedRekordRequestV002":{}})"}) {
    EXPECT_FALSE(Submission::from_json(none)) << none;
    EXPECT_FALSE(answer_from_json(none)) << none;
  }
}

// An envelope of several signers stands in the log under the key that the log accepts.
TEST(Logging, AnEntryIsUnderTheFirstAcceptedKeyThatSigned) {
  const auto one = trial::fresh(), two = trial::fresh(), stranger = trial::fresh();
  auto envelope = Envelope::seal("{}", *one).value();
  envelope.signatures.push_back(Envelope::seal("{}", *two)->signatures[0]);
  const auto entry = new_entry(envelope, std::vector{stranger->public_key(), two->public_key(), one->public_key()});
  ASSERT_TRUE(entry) << entry.error().to_string();
  EXPECT_EQ(read_leaf(entry->leaf)->key, two->public_key());
  EXPECT_EQ(entry->statement_name, envelope.payload_digest());
  EXPECT_EQ(new_entry(envelope, std::vector{stranger->public_key()}).error().trouble, base::Trouble::usage);
}

}  // namespace
}  // namespace hallmark
