#include "base/ed25519.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace base {

Result<> verify_ed25519(std::string_view public_key_pem, Bytes message, Bytes signature) {
  if (public_key_pem.size() > 65536) return fail(Trouble::usage, "a public key of {} bytes is no Ed25519 key", public_key_pem.size());
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new_mem_buf(public_key_pem.data(), static_cast<int>(public_key_pem.size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(text ? PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr) : nullptr, EVP_PKEY_free);
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) return fail(Trouble::usage, "the key is not an Ed25519 public key in PEM");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return fail(Trouble::bug, "OpenSSL can't verify Ed25519");
  if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) != 1) return fail(Trouble::malformed, "the signature does not hold");
  return {};
}

}  // namespace base
