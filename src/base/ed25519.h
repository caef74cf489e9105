// Ed25519 (RFC 8032), by OpenSSL.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace base {

/// Checks a raw 64-byte signature of `message` with a public key in PEM (SubjectPublicKeyInfo).
/// Error: usage (the key is none, or of another kind), malformed (the signature does not hold).
Result<> verify_ed25519(std::string_view public_key_pem, Bytes message, Bytes signature);

}  // namespace base
