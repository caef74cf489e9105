// Private keys and SSH public keys: what kind, how strong, under a passphrase or not. The secret
// numbers themselves are never copied out.
// PKCS#1 (RFC 8017), PKCS#8 (RFC 5958), SEC1 (RFC 5915), OpenSSH (PROTOCOL.key), DSA as OpenSSL
// writes it; SSH public blobs (RFC 4253, section 6.6).
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "parse/pem/pem.h"

namespace parse::x509 {

struct PrivateKey {
  std::string form;       ///< "PKCS#1", "PKCS#8", "SEC1", "DSA", "OpenSSH"
  std::string algorithm;  ///< as PublicKey::algorithm; "" when encrypted and not told outside
  unsigned bits = 0;
  bool encrypted = false;
  std::string cipher;     ///< of an encrypted key, where told: "aes256-ctr", "AES-256-CBC", "PBES2"
  base::Digest material;  ///< as PublicKey::material; all zero where the public part is not told
  bool has_material = false;
  std::string comment;    ///< OpenSSH, unencrypted: raw bytes
};

/// DER of PKCS#1, PKCS#8 (also encrypted), SEC1 or DSA, decided by its structure.
base::Result<PrivateKey> read_private_key(base::Bytes der);
/// The binary form that starts with "openssh-key-v1".
base::Result<PrivateKey> read_openssh_key(base::Bytes bytes);
/// A block whose type ends with "PRIVATE KEY" (of any form above). Error: malformed when it is none.
base::Result<PrivateKey> read_private_key(const pem::Block& block);

struct SshPublicKey {
  std::string type;         ///< "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "sk-...", certificates too
  std::string algorithm;    ///< as PublicKey::algorithm
  unsigned bits = 0;
  base::Digest fingerprint; ///< SHA-256 of the blob: OpenSSH's SHA256: fingerprint
  base::Digest material;
};
/// The decoded second word of an authorized_keys or known_hosts line.
base::Result<SshPublicKey> read_ssh_public_key(base::Bytes blob);

}  // namespace parse::x509
