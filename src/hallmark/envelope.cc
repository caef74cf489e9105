#include "hallmark/envelope.h"

#include "base/base64.h"
#include "hallmark/json_parts.h"

namespace hallmark {

using base::Trouble;

namespace {

constexpr std::size_t most_signatures = 16;
constexpr std::size_t most_signature_bytes = 1024;
constexpr std::size_t most_type_bytes = 256;

}  // namespace

std::string pre_authentication(std::string_view payload_type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", payload_type.size(), payload_type, payload.size(), payload);
}

base::Result<Envelope> Envelope::seal(std::string payload, const sign::Signer& signer, std::string_view payload_type) {
  const auto message = pre_authentication(payload_type, payload);
  auto signature = TRY(signer.sign(base::bytes_of(message)));
  // A token may be worn out or hostile: what leaves the house holds.
  CHECK_OK(signer.public_key().verify(base::bytes_of(message), signature));
  Envelope out{std::string(payload_type), std::move(payload), {}};
  out.signatures.push_back({signer.public_key().id().hex(), std::move(signature)});
  return out;
}

base::Result<Envelope> read_envelope(const Json& json) {
  Fields fields(json, "envelope");
  Envelope out;
  out.payload_type = fields.text_or_empty("payloadType");
  if (!fields.has("payloadType")) fields.wrong("payloadType", "is missing");
  if (out.payload_type.size() > most_type_bytes) fields.wrong("payloadType", "is too long");
  out.payload = base::text_of(fields.bytes("payload"));
  const auto& signatures = fields.list("signatures", most_signatures);
  if (signatures.empty()) fields.wrong("signatures", "there is none");
  CHECK_OK(fields.done());
  for (const auto& item : signatures) {
    Fields one(item, "signature");
    Signature signature{one.text_or_empty("keyid"), one.bytes("sig")};
    if (signature.bytes.size() > most_signature_bytes) one.wrong("sig", "is too long");
    CHECK_OK(one.done());
    out.signatures.push_back(std::move(signature));
  }
  return out;
}

Json envelope_json(const Envelope& envelope) {
  Json signed_by = Json::array();
  for (const auto& s : envelope.signatures) signed_by.push_back({{"keyid", s.keyid}, {"sig", base::to_base64(s.bytes)}});
  return {{"payload", base::to_base64(envelope.payload)}, {"payloadType", envelope.payload_type}, {"signatures", std::move(signed_by)}};
}

base::Result<Envelope> Envelope::from_json(std::string_view text) { return read_envelope(TRY(parse_json(text, most_envelope_bytes))); }
std::string Envelope::to_json() const { return print_json(envelope_json(*this)); }

base::Digest Envelope::payload_digest() const { return base::sha256(payload); }

base::Result<> Envelope::check(const sign::PublicKey& key) const {
  const auto message = pre_authentication(payload_type, payload);
  for (const auto& s : signatures)
    if (key.verify(base::bytes_of(message), s.bytes)) return {};
  return base::fail(Trouble::malformed, "no signature of the envelope holds under the key {}", key.id().brief());
}

}  // namespace hallmark
