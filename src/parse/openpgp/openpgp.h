// Keys in an OpenPGP keyring or transferable key: https://www.rfc-editor.org/rfc/rfc9580 (and RFC 4880)
// sections 4.2 (packet headers), 5.5.2 (public keys), 5.5.4.1 (fingerprints). Signatures are not checked, and
// old PGP 2 keys (version 3) have no fingerprint here.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace parse::openpgp {

struct Key {
  std::uint8_t version = 0;
  std::string algorithm;      ///< RSA, EdDSA, Ed25519 ...; "algorithm 99" of an unknown one
  std::string fingerprint;    ///< hex; "" where it can't be told
  bool secret = false;        ///< the private half is there
  bool encrypted = false;     ///< and a passphrase protects it
  bool subkey = false;
  base::Range range;          ///< of the packet
};

inline constexpr std::size_t most_packets = 100'000;

/// The keys of a sequence of packets that begins with a key; empty when the bytes begin otherwise.
/// Error: malformed or truncated: it begins with a key, and does not go on as packets.
base::Result<std::vector<Key>> read_keys(base::Bytes bytes);

}  // namespace parse::openpgp
