// Keys that sign and verify: Ed25519 (RFC 8032) and ECDSA over P-256 with SHA-256 (FIPS 186-5;
// signatures in DER, as DSSE and X.509 have them). By OpenSSL.
//
// Private keys live in PEM files (PKCS#8, encrypted under a passphrase unless the user says otherwise)
// or in a PKCS#11 token, which never gives them out.
// Threads: PublicKey and Signer may be used by many threads at once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"

namespace sign {

enum class Algorithm { ed25519, ecdsa_p256 };
std::string_view name_of(Algorithm);                               ///< "ed25519", "ecdsa-p256"
base::Result<Algorithm> algorithm_from(std::string_view name);     ///< error: usage

class PublicKey {
 public:
  /// SubjectPublicKeyInfo (RFC 5280). Error: usage: no key, or of another kind than the two above.
  static base::Result<PublicKey> from_pem(std::string_view pem);
  static base::Result<PublicKey> from_der(base::Bytes der);
  static base::Result<PublicKey> from_ed25519(base::Bytes raw);    ///< 32 bytes
  static base::Result<PublicKey> load(const std::string& file);    ///< PEM

  Algorithm algorithm() const;
  const base::Buffer& der() const;    ///< SubjectPublicKeyInfo
  std::string pem() const;
  base::Buffer raw() const;           ///< Ed25519: 32 bytes; P-256: the point, uncompressed
  const base::Digest& id() const;     ///< SHA-256 of der(); in hex the DSSE keyid
  /// Error: malformed: the signature does not hold.
  base::Result<> verify(base::Bytes message, base::Bytes signature) const;
  bool operator==(const PublicKey& other) const { return id() == other.id(); }

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

class Signer {
 public:
  virtual ~Signer() = default;
  virtual const PublicKey& public_key() const = 0;
  virtual base::Result<base::Buffer> sign(base::Bytes message) const = 0;
};

/// How a passphrase or PIN is asked for: called at most once, only when one is needed.
using AskSecret = std::function<base::Result<std::string>(std::string_view what)>;
/// $ASSAY_PASSPHRASE, else the first line of the file $ASSAY_PASSPHRASE_FILE, else the terminal without echo.
base::Result<std::string> ask_secret(std::string_view what);

/// A PEM file, or a PKCS#11 URI (RFC 7512): pkcs11:token=...;object=...?module-path=...
base::Result<std::unique_ptr<Signer>> open_signer(const std::string& reference, const AskSecret& ask = ask_secret);

/// A private key's PEM: PKCS#8 (in the clear or encrypted) or, for P-256, SEC 1 ("EC PRIVATE KEY").
/// `source` names it in sentences.
base::Result<std::unique_ptr<Signer>> signer_from_pem(std::string_view pem, std::string_view source, const AskSecret& ask = ask_secret);

/// A new key as PEM (PKCS#8). With a passphrase encrypted: PBES2, scrypt (N=2^14, r=8, p=5), AES-256-CBC.
/// "" = in the clear. The caller wipes what it no longer needs (see wipe()).
base::Result<std::string> generate(Algorithm algorithm, std::string_view passphrase);

/// A new key inside a token; the URI's object= names it. It can't be read out. Error: usage: there is one of
/// that name, the token can't make such a key, wrong PIN.
base::Result<PublicKey> generate_in_token(const std::string& uri, Algorithm algorithm, const AskSecret& ask = ask_secret);

/// Overwrites a secret in memory; the compiler can't leave it out.
void wipe(std::string& secret);

/// Writes a key file, 0600 for private keys and 0644 for public ones, whole or not at all, on disk when
/// it returns. Error: usage: there is such a file already, and `replace` does not say to replace it.
enum class KeyFile { private_key, public_key };
base::Result<> write_key_file(const std::string& file, std::string_view pem, KeyFile kind, bool replace);

}  // namespace sign
