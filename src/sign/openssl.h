// OpenSSL's objects with their owners, and why it last refused. Inside this room only.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "sign/key.h"

namespace sign {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const { Free(object); }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

/// P-256 and Ed25519 in SubjectPublicKeyInfo: what stands before the key's own bytes. The only encodings
/// taken, so that a key has one name.
base::Bytes spki_prefix(Algorithm algorithm);

/// The public half of a key, checked. Error: usage.
base::Result<PublicKey> public_half(EVP_PKEY* key);

}  // namespace sign
