#include "sign/key.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "base/base64.h"
#include "sign/openssl.h"

namespace sign {

using base::Trouble;

namespace {

constexpr std::size_t most_pem_bytes = 65'536;

// SubjectPublicKeyInfo up to the key: RFC 8410, section 4, and RFC 5480, sections 2.1 and 2.2.
constexpr std::array<std::uint8_t, 12> ed25519_prefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::array<std::uint8_t, 26> p256_prefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                                      0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

// y of the points of small order (1, 2, 4 and 8): under such a key one signature holds for many
// messages. With them every y that is not reduced modulo p = 2^255-19, which would give a key two names.
bool is_weak_ed25519(base::Bytes raw) {
  static constexpr std::string_view order_8[] = {"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                                                 "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"};
  base::Buffer y(raw.begin(), raw.end());
  y[31] &= 0x7F;
  const bool middle_full = std::all_of(y.begin() + 1, y.end() - 1, [](auto b) { return b == 0xFF; });
  if (y[31] == 0x7F && middle_full && y[0] >= 0xEC) return true;  // p-1 (order 2) and all from p on
  const bool middle_empty = std::all_of(y.begin() + 1, y.end(), [](auto b) { return b == 0; });
  if (middle_empty && y[0] <= 1) return true;                     // 0 (order 4) and 1 (order 1)
  const auto hex = base::to_hex(y);
  return hex == order_8[0] || hex == order_8[1];
}

}  // namespace

struct PublicKey::State {
  Algorithm algorithm = Algorithm::ed25519;
  Pkey key;
  base::Buffer der;
  base::Digest id;
};

std::string_view name_of(Algorithm algorithm) { return algorithm == Algorithm::ed25519 ? "ed25519" : "ecdsa-p256"; }

base::Result<Algorithm> algorithm_from(std::string_view name) {
  if (name == "ed25519") return Algorithm::ed25519;
  if (name == "ecdsa-p256") return Algorithm::ecdsa_p256;
  return base::fail(Trouble::usage, "{} is no algorithm of keys; there are ed25519 and ecdsa-p256", base::printable(name));
}

base::Bytes spki_prefix(Algorithm algorithm) {
  return algorithm == Algorithm::ed25519 ? base::Bytes(ed25519_prefix) : base::Bytes(p256_prefix);
}

base::Result<PublicKey> PublicKey::from_der(base::Bytes der) {
  const auto is = [&](base::Bytes prefix, std::size_t key) { return der.size() == prefix.size() + key && base::starts_with(der, base::text_of(prefix)); };
  auto state = std::make_shared<State>();
  if (is(ed25519_prefix, 32)) state->algorithm = Algorithm::ed25519;
  else if (is(p256_prefix, 65) && der[p256_prefix.size()] == 4) state->algorithm = Algorithm::ecdsa_p256;
  else return base::fail(Trouble::usage, "the public key is neither Ed25519 nor ECDSA on P-256 with its point uncompressed");
  if (state->algorithm == Algorithm::ed25519 && is_weak_ed25519(der.subspan(ed25519_prefix.size())))
    return base::fail(Trouble::usage, "the Ed25519 public key is one of the weak ones, under which anybody can sign");
  const auto* at = der.data();
  state->key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));   // checks that the point is on the curve
  ERR_clear_error();
  if (!state->key || at != der.data() + der.size()) return base::fail(Trouble::usage, "the public key is not a point of its curve");
  state->der.assign(der.begin(), der.end());
  state->id = base::sha256(der);
  PublicKey out;
  out.state_ = std::move(state);
  return out;
}

base::Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  static constexpr std::string_view begin = "-----BEGIN PUBLIC KEY-----";
  if (pem.size() > most_pem_bytes) return base::fail(Trouble::usage, "{} bytes are no public key in PEM", pem.size());
  const auto from = pem.find(begin);
  if (from == std::string_view::npos && pem.find("PRIVATE KEY-----") != std::string_view::npos)
    return base::fail(Trouble::usage, "a private key stands there where the public one is wanted");
  if (from == std::string_view::npos) return base::fail(Trouble::usage, "there is no public key in PEM (\"{}\")", begin);
  if (pem.find(begin, from + 1) != std::string_view::npos) return base::fail(Trouble::usage, "there is more than one public key; give each a file of its own");
  const Bio text(BIO_new_mem_buf(pem.data() + from, static_cast<int>(pem.size() - from)));
  char *name = nullptr, *header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  const int read = text ? PEM_read_bio(text.get(), &name, &header, &bytes, &size) : 0;
  ERR_clear_error();
  const base::Buffer der(bytes, read == 1 ? bytes + size : bytes);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(bytes);
  if (read != 1) return base::fail(Trouble::usage, "the public key's PEM is damaged");
  return from_der(der);
}

base::Result<PublicKey> PublicKey::from_ed25519(base::Bytes raw) {
  if (raw.size() != 32) return base::fail(Trouble::usage, "an Ed25519 public key has 32 bytes, not {}", raw.size());
  base::Buffer der(ed25519_prefix.begin(), ed25519_prefix.end());
  der.insert(der.end(), raw.begin(), raw.end());
  return from_der(der);
}

base::Result<PublicKey> PublicKey::load(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string pem(most_pem_bytes + 1, '\0');
  in.read(pem.data(), static_cast<std::streamsize>(pem.size()));
  if (!in && !in.eof()) return base::fail(Trouble::usage, "the public key {} can't be read", base::printable(file));
  pem.resize(static_cast<std::size_t>(in.gcount()));
  auto key = from_pem(pem);
  wipe(pem);   // it may have been a private key, given by mistake
  if (!key) key.error().where = base::printable(file);
  return key;
}

Algorithm PublicKey::algorithm() const { return state_->algorithm; }
const base::Buffer& PublicKey::der() const { return state_->der; }
const base::Digest& PublicKey::id() const { return state_->id; }

std::string PublicKey::pem() const {
  const auto text = base::to_base64(state_->der);
  std::string out = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t i = 0; i < text.size(); i += 64) out += text.substr(i, 64) + "\n";
  return out + "-----END PUBLIC KEY-----\n";
}

base::Buffer PublicKey::raw() const {
  return {state_->der.begin() + static_cast<std::ptrdiff_t>(spki_prefix(state_->algorithm).size()), state_->der.end()};
}

base::Result<> PublicKey::verify(base::Bytes message, base::Bytes signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  const auto* digest = state_->algorithm == Algorithm::ed25519 ? nullptr : EVP_sha256();
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, state_->key.get()) != 1)
    return base::fail(Trouble::bug, "OpenSSL can't verify {}", name_of(state_->algorithm));
  // OpenSSL takes only s < L (Ed25519) and only DER that is its own encoding (ECDSA): tested in key_test.cc.
  const int held = EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size());
  ERR_clear_error();
  if (held != 1) return base::fail(Trouble::malformed, "the signature does not hold");
  return {};
}

base::Result<PublicKey> public_half(EVP_PKEY* key) {
  base::Buffer der;
  if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519) {
    std::size_t size = 32;
    der.assign(ed25519_prefix.begin(), ed25519_prefix.end());
    der.resize(der.size() + size);
    if (EVP_PKEY_get_raw_public_key(key, der.data() + ed25519_prefix.size(), &size) != 1) return base::fail(Trouble::usage, "the key has no public half");
  } else if (EVP_PKEY_get_id(key) == EVP_PKEY_EC) {
    std::array<char, 64> group{};
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1 || std::string_view(group.data()) != "prime256v1")
      return base::fail(Trouble::usage, "the key is on another curve than P-256");
    unsigned char* bytes = nullptr;
    const auto size = EVP_PKEY_get1_encoded_public_key(key, &bytes);
    der.assign(p256_prefix.begin(), p256_prefix.end());
    // The point may be held compressed (33 bytes, first byte 2 or 3): from_der() then says no.
    if (size) der.insert(der.end(), bytes, bytes + size);
    OPENSSL_free(bytes);
  } else {
    return base::fail(Trouble::usage, "the key is neither Ed25519 nor ECDSA on P-256");
  }
  return PublicKey::from_der(der);
}

}  // namespace sign
