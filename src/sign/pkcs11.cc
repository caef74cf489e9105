#include "sign/pkcs11.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/rand.h>

#include <array>

#include "sign/openssl.h"
#include "sign/pkcs11_session.h"

namespace sign {

using base::Trouble;

namespace {

// CKA_EC_PARAMS (PKCS #11 v3.0, section 2.3): the curve's OID, or, for Edwards curves, also its name.
constexpr std::array<std::uint8_t, 10> p256_oid = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 5> ed25519_oid = {0x06, 0x03, 0x2b, 0x65, 0x70};
constexpr std::array<std::uint8_t, 14> ed25519_name = {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};

bool same(base::Bytes a, base::Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

std::optional<Algorithm> algorithm_of(base::Bytes parameters) {
  if (same(parameters, p256_oid)) return Algorithm::ecdsa_p256;
  if (same(parameters, ed25519_oid) || same(parameters, ed25519_name)) return Algorithm::ed25519;
  return std::nullopt;
}

// CKA_EC_POINT is the point in an OCTET STRING; some tokens leave that out.
base::Result<PublicKey> key_of_point(Algorithm algorithm, base::Bytes point) {
  const std::size_t size = algorithm == Algorithm::ed25519 ? 32 : 65;
  if (point.size() == size + 2 && point[0] == 4 && point[1] == size) point = point.subspan(2);
  if (point.size() != size) return base::fail(Trouble::usage, "the token's public key has an unknown form");
  const auto prefix = spki_prefix(algorithm);
  base::Buffer der(prefix.begin(), prefix.end());
  der.insert(der.end(), point.begin(), point.end());
  return PublicKey::from_der(der);
}

base::Result<PublicKey> public_key_of(Session& session, CK_OBJECT_HANDLE object) {
  const auto parameters = session.attribute(object, CKA_EC_PARAMS);
  const auto point = session.attribute(object, CKA_EC_POINT);
  if (!parameters || !point) return base::fail(Trouble::usage, "{} does not show the public half of the key", session.shown());
  const auto algorithm = algorithm_of(*parameters);
  if (!algorithm) return base::fail(Trouble::usage, "the key in {} is neither Ed25519 nor ECDSA on P-256", session.shown());
  return key_of_point(*algorithm, *point);
}

// The public half stands in an object of its own with the same id, or beside the private key.
base::Result<PublicKey> public_half_of(Session& session, CK_OBJECT_HANDLE private_key) {
  const auto id = session.attribute(private_key, CKA_ID);
  if (id) {
    const auto found = TRY(session.find(Template().add_number(CKA_CLASS, CKO_PUBLIC_KEY).add(CKA_ID, *id)));
    if (!found.empty()) return public_key_of(session, found[0]);
  }
  return public_key_of(session, private_key);
}

// r || s to DER (SEC 1, appendix C.5; PKCS #11 v2.40, section 2.3.1).
base::Result<base::Buffer> der_of(base::Bytes raw) {
  if (raw.size() != 64) return base::fail(Trouble::usage, "the token gave a signature of {} bytes; P-256 has 64", raw.size());
  const std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(raw.data(), 32, nullptr);
  BIGNUM* s = BN_bin2bn(raw.data() + 32, 32, nullptr);
  if (!signature || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return base::fail(Trouble::bug, "out of memory");
  }
  base::Buffer out(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)));
  auto* at = out.data();
  i2d_ECDSA_SIG(signature.get(), &at);
  return out;
}

class TokenSigner final : public Signer {
 public:
  TokenSigner(std::unique_ptr<Session> session, CK_OBJECT_HANDLE key, PublicKey public_key, bool again)
      : session_(std::move(session)), key_(key), public_(std::move(public_key)), again_(again) {}
  const PublicKey& public_key() const override { return public_; }
  base::Result<base::Buffer> sign(base::Bytes message) const override {
    const bool ecdsa = public_.algorithm() == Algorithm::ecdsa_p256;
    const auto digest = base::sha256(message);
    auto out = TRY(ecdsa ? session_->sign(key_, CKM_ECDSA, digest.bytes, again_) : session_->sign(key_, CKM_EDDSA, message, again_));
    if (ecdsa) out = TRY(der_of(out));
    // What the token shows as the public half may be of another key.
    if (!public_.verify(message, out)) return base::fail(Trouble::usage, "{} signed, but its signature does not hold under the public key that it shows", session_->shown());
    return out;
  }

 private:
  std::unique_ptr<Session> session_;
  CK_OBJECT_HANDLE key_;
  PublicKey public_;
  bool again_;
};

Template private_keys(const TokenUri& uri) {
  Template out;
  out.add_number(CKA_CLASS, CKO_PRIVATE_KEY);
  if (uri.object) out.add(CKA_LABEL, *uri.object);
  if (uri.id) out.add(CKA_ID, *uri.id);
  return out;
}

}  // namespace

base::Result<std::unique_ptr<Signer>> open_token(const std::string& reference, const AskSecret& ask) {
  const auto uri = TRY(TokenUri::parse(reference));
  auto session = TRY(Session::open(uri, false, ask));
  const auto found = TRY(session->find(private_keys(uri)));
  const auto label = uri.object ? " '" + base::printable(*uri.object) + "'" : std::string();
  if (found.empty()) return base::fail(Trouble::usage, "{} holds no private key{}", session->shown(), label);
  if (found.size() > 1) return base::fail(Trouble::usage, "{} holds more than one private key{}; name one with object= and id=", session->shown(), label);
  auto key = TRY(public_half_of(*session, found[0]));
  const auto again = session->attribute(found[0], CKA_ALWAYS_AUTHENTICATE);
  const bool every_time = again && again->size() == 1 && again->front() == CK_TRUE;
  return std::make_unique<TokenSigner>(std::move(session), found[0], std::move(key), every_time);
}

base::Result<PublicKey> generate_in_token(const std::string& reference, Algorithm algorithm, const AskSecret& ask) {
  const auto uri = TRY(TokenUri::parse(reference));
  if (!uri.object || uri.object->empty()) return base::fail(Trouble::usage, "name the new key with object= in the pkcs11 URI");
  const auto session = TRY(Session::open(uri, true, ask));
  if (!TRY(session->find(private_keys(uri))).empty()) return base::fail(Trouble::usage, "{} holds a key '{}' already; a key is never overwritten", session->shown(), base::printable(*uri.object));
  std::string id = uri.id.value_or("");
  if (id.empty()) {
    id.resize(8);
    if (RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), static_cast<int>(id.size())) != 1) return base::fail(Trouble::bug, "OpenSSL has no random numbers");
  }
  const bool ecdsa = algorithm == Algorithm::ecdsa_p256;
  const auto of_public = [&](base::Bytes curve) {
    return Template().add_flag(CKA_TOKEN, true).add_flag(CKA_VERIFY, true).add(CKA_EC_PARAMS, curve).add(CKA_LABEL, *uri.object).add(CKA_ID, id);
  };
  const auto of_private = Template().add_flag(CKA_TOKEN, true).add_flag(CKA_PRIVATE, true).add_flag(CKA_SENSITIVE, true).add_flag(CKA_EXTRACTABLE, false).add_flag(CKA_SIGN, true).add(CKA_LABEL, *uri.object).add(CKA_ID, id);
  auto made = session->generate(ecdsa ? CKM_EC_KEY_PAIR_GEN : CKM_EC_EDWARDS_KEY_PAIR_GEN, of_public(ecdsa ? base::Bytes(p256_oid) : base::Bytes(ed25519_oid)), of_private);
  // Older tokens know the Edwards curve by its name alone.
  if (!made && !ecdsa) made = session->generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, of_public(ed25519_name), of_private);
  if (!made) return std::unexpected(made.error());
  return public_key_of(*session, made->first);
}

}  // namespace sign
