// The leaf of the log: the canonicalised body of a Rekor v2 "dsse" entry, version 0.0.2 (sigstore
// protobuf-specs, rekor/v2/dsse.proto, in protobuf's JSON form, RFC 8785).
#include "base/base64.h"
#include "hallmark/json_parts.h"

namespace hallmark {

using base::Trouble;

namespace {

constexpr std::size_t most_leaf_bytes = 65'535;   // an entry bundle counts them in 16 bits
constexpr std::string_view hash_name = "SHA2_256";

Json leaf_json(const base::Digest& payload, base::Bytes signature, const sign::PublicKey& key) {
  const Json spec = {{"payloadHash", {{"algorithm", hash_name}, {"digest", base::to_base64(payload.bytes)}}},
                     {"signatures", Json::array({Json{{"content", base::to_base64(signature)}, {"verifier", verifier_json(key)}}})}};
  return {{"apiVersion", "0.0.2"}, {"kind", "dsse"}, {"spec", {{"dsseV002", spec}}}};
}

}  // namespace

std::string_view details_of(const sign::PublicKey& key) { return key.algorithm() == sign::Algorithm::ed25519 ? "PKIX_ED25519" : "PKIX_ECDSA_P256_SHA_256"; }
Json verifier_json(const sign::PublicKey& key) { return {{"keyDetails", details_of(key)}, {"publicKey", {{"rawBytes", base::to_base64(key.der())}}}}; }

std::string dsse_leaf(const Envelope& envelope, const sign::PublicKey& key) {
  // The signature of this key: an envelope of strangers may carry others.
  const auto message = pre_authentication(envelope.payload_type, envelope.payload);
  for (const auto& s : envelope.signatures)
    if (key.verify(base::bytes_of(message), s.bytes)) return print_json(leaf_json(envelope.payload_digest(), s.bytes, key));
  return print_json(leaf_json(envelope.payload_digest(), envelope.signatures.empty() ? base::Bytes{} : base::Bytes(envelope.signatures[0].bytes), key));
}

base::Result<LeafFacts> read_leaf(base::Bytes leaf) {
  const auto text = base::text_of(leaf);
  const auto json = TRY(parse_json(text, most_leaf_bytes));
  Fields top(json, "log entry");
  if (top.text("kind") != "dsse" || top.text("apiVersion") != "0.0.2") return base::fail(Trouble::unsupported, "the log entry is not of the kind dsse 0.0.2");
  Fields outer(top.object("spec"), "spec");
  Fields spec(outer.object("dsseV002"), "dsseV002");
  Fields hash(spec.object("payloadHash"), "payloadHash");
  if (hash.text("algorithm") != hash_name) hash.wrong("algorithm", "SHA2_256 is needed");
  const auto digest = hash.bytes("digest");
  if (digest.size() != 32) hash.wrong("digest", "32 bytes are needed");
  const auto& signatures = spec.list("signatures", 1);
  for (const auto* f : {&top, &outer, &spec, &hash}) CHECK_OK(f->done());
  if (signatures.empty()) return base::fail(Trouble::malformed, "the log entry has no signature");
  Fields signature(signatures[0], "signature");
  auto content = signature.bytes("content");
  Fields verifier(signature.object("verifier"), "verifier");
  const auto details = verifier.text("keyDetails");
  Fields public_key(verifier.object("publicKey"), "publicKey");
  const auto der = public_key.bytes("rawBytes");
  for (const auto* f : {&signature, &verifier, &public_key}) CHECK_OK(f->done());
  LeafFacts out;
  out.signature = std::move(content);
  out.key = TRY(sign::PublicKey::from_der(der));
  std::copy(digest.begin(), digest.end(), out.payload.bytes.begin());
  if (details != details_of(out.key)) return base::fail(Trouble::malformed, "the log entry's key is not of the kind that it says");
  // One statement, one spelling: else the same hallmark could be logged twice and look like two.
  if (print_json(leaf_json(out.payload, out.signature, out.key)) != text) return base::fail(Trouble::malformed, "the log entry is not in its canonical form");
  return out;
}

}  // namespace hallmark
