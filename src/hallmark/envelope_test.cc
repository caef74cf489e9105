#include "hallmark/envelope.h"

#include "base/base64.h"
#include "hallmark/fields.h"
#include "hallmark/trial.h"

namespace hallmark {
namespace {

base::Buffer unhex(std::string_view hex) {
  base::Buffer out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

// The test vector of the DSSE protocol. Its signature is r and s bare (IEEE P1363); ours are DER, so that is put around them.
TEST(Envelope, VectorOfTheSpecification) {
  EXPECT_EQ(pre_authentication("http://example.com/HelloWorld", "hello world"), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  auto der = unhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
  const auto point = unhex("67cd390f77aa359cb08c2235f652270493a9ed832b0abcc01f70954c0390d2380c782bd54e269125a44f4433aff1432ce94e12bca73aa67ac80cea12608ddf74");
  der.insert(der.end(), point.begin(), point.end());
  const auto key = sign::PublicKey::from_der(der).value();
  auto envelope = Envelope::from_json(R"({"payload":"aGVsbG8gd29ybGQ=","payloadType":"http://example.com/HelloWorld","signatures":[{"keyid":"66301bbf",
    "sig":"A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]})").value();
  EXPECT_EQ(envelope.payload, "hello world");
  auto& bare = envelope.signatures[0].bytes;
  ASSERT_EQ(bare.size(), 64u);
  EXPECT_FALSE(envelope.check(key));
  base::Buffer wrapped = {0x30, 0x44, 0x02, 0x20};   // r and s both begin below 0x80
  wrapped.insert(wrapped.end(), bare.begin(), bare.begin() + 32);
  wrapped.insert(wrapped.end(), {0x02, 0x20});
  wrapped.insert(wrapped.end(), bare.begin() + 32, bare.end());
  bare = wrapped;
  EXPECT_TRUE(envelope.check(key));
  envelope.payload_type = "http://example.com/HelloWorle";
  EXPECT_FALSE(envelope.check(key));
}

// The lengths in the signed bytes keep type and payload apart: what is moved across the border must not hold.
TEST(Envelope, TypeAndPayloadCantTradeBytes) {
  const auto signer = trial::fresh();
  auto envelope = Envelope::seal("4 abcd", *signer, "type").value();
  EXPECT_TRUE(envelope.check(signer->public_key()));
  for (const auto& [type, payload] : std::vector<std::pair<std::string, std::string>>{{"type 4", "abcd"}, {"typ", "e4 abcd"}, {"type", "4 abcd "}, {"", "4 abcd"}}) {
    auto other = envelope;
    other.payload_type = type;
    other.payload = payload;
    EXPECT_FALSE(other.check(signer->public_key())) << type;
  }
}

TEST(Envelope, ReadsWhatItWrote) {
  for (const auto algorithm : {sign::Algorithm::ed25519, sign::Algorithm::ecdsa_p256}) {
    const auto signer = trial::fresh(algorithm);
    const auto envelope = Envelope::seal("{\"a\":1}", *signer).value();
    const auto text = envelope.to_json();
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const auto again = Envelope::from_json(text).value();
    EXPECT_EQ(again.to_json(), text);
    EXPECT_TRUE(again.check(signer->public_key()));
    EXPECT_FALSE(again.check(trial::fresh(algorithm)->public_key()));
    EXPECT_EQ(again.signatures[0].keyid, signer->public_key().id().hex());
  }
}

// The specification allows both alphabets, and unknown fields; protobuf's JSON form also leaves padding out.
TEST(Envelope, TakesBothAlphabets) {
  const auto with = [](std::string_view payload) { return Envelope::from_json(fmt::format(R"({{"payload":"{}","payloadType":"t","signatures":[{{"sig":"AAAA"}}],"more":1}})", payload)); };
  EXPECT_EQ(with("+/+/").value().payload, with("-_-_").value().payload);
  EXPECT_EQ(with("YQ==").value().payload, "a");
  EXPECT_EQ(with("YQ").value().payload, "a");
  EXPECT_EQ(with("").value().payload, "");
  for (const auto* bad : {"+_+_", "YR==", "Y", "YQ=", "YQ===", "Y Q=", "YQ==YQ==", "=", "YQ==\\n"}) EXPECT_FALSE(with(bad)) << bad;
}

TEST(Envelope, RefusesWhatIsNone) {
  for (const auto* bad : {"", "[]", "null", "{", "{}", R"({"payload":"","payloadType":"t","signatures":[]})", R"({"payload":"","payloadType":"t"})",
                          R"({"payload":"","payloadType":"t","signatures":[{}]})", R"({"payload":1,"payloadType":"t","signatures":[{"sig":""}]})",
                          R"({"payload":"","signatures":[{"sig":""}]})", R"({"payload":"","payload":"YQ==","payloadType":"t","signatures":[{"sig":""}]})",
                          R"({"payload":"","payloadType":"\u001b[2J","signatures":[{"sig":""}]})", "{\"payload\":\"\",\"payloadType\":\"\xff\",\"signatures\":[{\"sig\":\"\"}]}"})
    EXPECT_FALSE(Envelope::from_json(bad)) << bad;
  EXPECT_FALSE(Envelope::from_json(std::string(100'000, '[')));
  EXPECT_FALSE(Envelope::from_json(std::string(most_envelope_bytes + 1, ' ')));
  std::string many = R"({"payload":"","payloadType":"t","x":[0)";
  for (int i = 0; i < 900'000; ++i) many += ",0";
  EXPECT_FALSE(Envelope::from_json(many + R"(],"signatures":[{"sig":""}]})"));
}

// Where a hostile text is cut or changed it is refused or read, never half taken; a changed one never holds.
TEST(Envelope, DamagedAtEveryByte) {
  const auto signer = trial::fresh();
  const auto envelope = Envelope::seal("payload", *signer).value();
  const auto text = envelope.to_json();
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(Envelope::from_json(text.substr(0, size))) << size;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    auto other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    const auto read = Envelope::from_json(other);
    if (read && read->check(signer->public_key())) {
      EXPECT_EQ(read->payload, envelope.payload) << bit;
      EXPECT_EQ(read->payload_type, envelope.payload_type) << bit;
    }
  }
}

}  // namespace
}  // namespace hallmark
