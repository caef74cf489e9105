// DSSE envelopes (Dead Simple Signing Envelope v1.0.2): a typed payload and signatures over
// "DSSEv1 SP len(type) SP type SP len(payload) SP payload".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sign/key.h"

namespace hallmark {

inline constexpr std::string_view in_toto_type = "application/vnd.in-toto+json";
inline constexpr std::size_t most_envelope_bytes = 16u << 20;

struct Signature {
  std::string keyid;         ///< a hint only; never decides
  base::Buffer bytes;
};

struct Envelope {
  std::string payload_type;
  std::string payload;
  std::vector<Signature> signatures;

  static base::Result<Envelope> seal(std::string payload, const sign::Signer& signer, std::string_view payload_type = in_toto_type);
  static base::Result<Envelope> from_json(std::string_view text);
  std::string to_json() const;               ///< one line
  base::Digest payload_digest() const;
  /// That one of the signatures is by `key`. Error: malformed.
  base::Result<> check(const sign::PublicKey& key) const;
};

std::string pre_authentication(std::string_view payload_type, std::string_view payload);

}  // namespace hallmark
