// X.509 certificates (RFC 5280), read by an own bounded reader.
// https://www.rfc-editor.org/rfc/rfc5280
// It reads what a report needs: names, validity, rights, the public key. It verifies no signature
// and builds no chain.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "parse/der/der.h"

namespace parse::x509 {

struct PublicKey {
  std::string algorithm;   ///< "RSA", "EC P-256", "Ed25519", "DSA", "ML-DSA-65", ... or the OID
  unsigned bits = 0;       ///< size of modulus, field or key; 0 where unknown
  base::Digest spki;       ///< SHA-256 of SubjectPublicKeyInfo: what pinning uses
  base::Digest material;   ///< SHA-256 of the RSA modulus (no leading zero) or EC/Ed point: equal to PrivateKey::material of the matching key
};

struct Certificate {
  unsigned version = 1;
  std::string serial;                   ///< hex
  std::string issuer, subject;          ///< "CN=..., O=..." in the certificate's order, raw UTF-8
  std::string not_before, not_after;    ///< YYYY-MM-DD
  std::string signature_algorithm;      ///< "sha256WithRSA", ... or the OID
  bool is_ca = false;
  std::optional<unsigned> path_length;
  std::vector<std::string> key_usage;           ///< "keyCertSign", "digitalSignature", ...
  std::vector<std::string> extended_key_usage;  ///< "serverAuth", ... or OIDs
  std::vector<std::string> names;               ///< subjectAltName: "dns:...", "ip:...", "mail:...", "uri:..."
  PublicKey key;
  bool self_issued = false;             ///< issuer equals subject, byte for byte
  bool self_signed = false;             ///< self_issued, and the key identifiers agree where both exist (the signature is not checked)
  base::Digest fingerprint;             ///< SHA-256 of the whole certificate
  std::uint64_t size = 0;               ///< bytes of DER; what follows is not part of it
};

base::Result<Certificate> read_certificate(base::Bytes der);

/// A SubjectPublicKeyInfo (the content of a PEM "PUBLIC KEY").
base::Result<PublicKey> read_public_key(base::Bytes der);

/// Name of an algorithm or curve OID as used in PublicKey::algorithm; the OID itself when unknown.
std::string algorithm_name(std::string_view oid);
/// Bits of the field of a named curve ("EC P-256"); 0 when unknown.
unsigned curve_bits(std::string_view name);
/// A Name as "CN=..., O=...".
std::string name_text(const der::Element& name);

}  // namespace parse::x509
